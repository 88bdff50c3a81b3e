/** Finds secrets in text: secretlint's recommended rules, and private keys of any kind. */
import { lintSource } from '@secretlint/core'
import { creator as recommended } from '@secretlint/secretlint-rule-preset-recommend'

/** A secret: where it stands and what it seems to be. The secret itself is never printed. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly what: string
}

const config = {
  rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: recommended, options: {} }],
}

/**
 * A private key in PEM or OpenPGP armour with some of its body, so that code which only names the
 * header is no finding. Encrypted ones count: a passphrase can be guessed for ever. Between header
 * and body may stand what a string literal puts there (`\n`, quotes, a plus), and armour headers.
 */
const privateKey =
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\r|\\n|[\s'"+,])+(?:[A-Za-z-]+: [^\n\\]*(?:\\n|\s)+)*[A-Za-z0-9+/]{30}/g
const ageKey = /AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}/g

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

/** The secrets in one text. Bytes with a NUL are not text and hold none that we can see. */
export async function findSecrets(path: string, bytes: Uint8Array | string): Promise<Finding[]> {
  const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString()
  if (text.includes('\0')) return []
  const own = [
    ...[...text.matchAll(privateKey)].map(({ index }) => ({ index, what: 'a private key' })),
    ...[...text.matchAll(ageKey)].map(({ index }) => ({ index, what: 'an age secret key' })),
  ].map(({ index, what }) => ({ path, line: lineAt(text, index), what }))
  const { messages } = await lintSource({
    source: {
      content: text,
      filePath: path,
      ext: path.slice(path.lastIndexOf('.')),
      contentType: 'text',
    },
    options: { config, maskSecrets: true },
  })
  const theirs = messages.map(({ loc, ruleId, messageId }) => ({
    path,
    line: loc.start.line,
    what: `${ruleId.replace('@secretlint/secretlint-rule-', '')} ${messageId}`,
  }))
  return [...own, ...theirs]
}
