import { equalBytes } from '../bytes.ts'
import { digestBytes, readDigestAlgorithm } from '../digest.ts'
import { digestStream } from '../stream.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** What was stamped is what the caller holds, by a SHA-2 digest of the right length. */
export const imprintCheck: RunnableCheck = defineCheck({
  id: 'token.imprint',
  reference: 'RFC 3161 §2.4.1, §2.4.2',
  needs: ['tstInfo'],
  async judge({ tstInfo: { imprint } }, { options: { data, stream, digest, createHash } }) {
    const algorithm = readDigestAlgorithm(imprint.algorithm, 'the imprint')
    if (algorithm === undefined) return fail('the imprint is not by SHA-256, 384 or 512')
    const { name, length } = algorithm
    if (imprint.digest.length !== length) {
      return fail(`the imprint has ${imprint.digest.length} bytes; ${name} has ${length}`)
    }
    if (data === undefined && stream === undefined && digest === undefined) {
      return fail('neither data, stream nor digest was given to compare with')
    }
    if (digest !== undefined && !equalBytes(imprint.digest, digest)) {
      return fail('the imprint is of something else than the digest that was given')
    }
    if (data !== undefined) {
      const actual = await digestBytes(name, new Uint8Array(data))
      if (!equalBytes(imprint.digest, actual)) return fail('the imprint is of other data')
    }
    if (stream !== undefined) {
      const [actual = new Uint8Array()] = await digestStream(stream, [name], createHash)
      if (!equalBytes(imprint.digest, actual)) return fail('the imprint is of another stream')
    }
    return pass(`${name} of what was given`)
  },
})
