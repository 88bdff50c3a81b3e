import { encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { expect, it } from 'vitest'
import { buildRecord, saltBody } from '../src/index.ts'
import { verifyBody } from '../src/verify.ts'
import { decision, namespace, noon } from './kit/scene.ts'

const { record, body } = buildRecord(decision, { namespace, now: noon })

it('takes the body of a record for it, and no other file', () => {
  const bytes = body?.bytes ?? new Uint8Array()
  expect(verifyBody(bytes, record.subject)).toMatchObject({ id: 'body.file', status: 'pass' })
  const other = saltBody({ text: 'another text' }, new Uint8Array(16)).bytes
  for (const file of [other, bytes.slice(1), new Uint8Array()]) {
    expect(verifyBody(file, record.subject)).toMatchObject({ status: 'fail' })
  }
})

it('takes no file where a record has no body, or could not be read', () => {
  const file = encodeUtf8('x')
  const commit = { name: 'repository', digest: { gitCommit: 'a'.repeat(40) } }
  expect(verifyBody(file, [commit])).toMatchObject({ status: 'fail' })
  expect(verifyBody(file)).toMatchObject({ detail: 'the record speaks about no body' })
})
