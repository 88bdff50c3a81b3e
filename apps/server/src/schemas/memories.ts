/** What the endpoints of records take. */
import { anyObject, kind, objectOf, type Schema, text } from './common.ts'

/** The id in a path. */
export const idParams: Schema = objectOf({
  id: {
    type: 'string',
    pattern: '^(sha256:)?[0-9a-f]{8,64}$',
    description: 'The id of a record, or a unique prefix of at least 8 hex digits',
  },
})

const link: Schema = {
  oneOf: [
    objectOf({ rel: text(64), record: text(71, 'The id of a record') }),
    objectOf({ rel: text(64), uri: text(2048, 'An absolute https: URL or urn:') }),
  ],
}

/** What a record is written from. */
export const draft: Schema = objectOf(
  {
    kind,
    title: text(200, 'Stays for ever'),
    occurredAt: text(24, 'RFC 3339 with Z; now unless given'),
    body: objectOf(
      {
        text: { type: 'string' },
        mediaType: text(127, 'text/markdown unless given'),
        inline: { type: 'boolean', description: 'True puts the text into the log for ever' },
      },
      ['text'],
    ),
    subject: {
      type: 'array',
      minItems: 1,
      maxItems: 64,
      items: objectOf({
        digest: { type: 'object', additionalProperties: { type: 'string' } },
        name: text(512),
      }),
    },
    details: { ...anyObject, description: 'The members of the kind, and others of your own' },
    tags: { type: 'array', maxItems: 32, items: text(64) },
    links: { type: 'array', maxItems: 32, items: link },
  },
  ['kind', 'title'],
)

/** Which records are listed. */
export const listQuery: Schema = {
  ...objectOf(
    {
      q: { type: 'string', maxLength: 200, description: 'Words of title, kind, tags or body' },
      kind,
      tag: text(64),
      since: text(24, 'Only what occurred at this time (RFC 3339 with Z) or later'),
      before: {
        type: 'string',
        pattern: '^(0|[1-9][0-9]{0,17})$',
        description: 'Only entries of the log before this index: `next` of the page before',
      },
      limit: { type: 'string', pattern: '^([1-9][0-9]?|1[0-9]{2}|200)$', description: '1 to 200' },
    },
    [],
  ),
}
