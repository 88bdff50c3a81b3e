/**
 * The list of checks with one taken out, to show what that one is for.
 *
 * A check that is taken out is run for what it learns, and always passes. Some learn nothing from
 * what they refuse; in place of those stands what a lenient verifier does.
 */

import { anchorCheck } from '../src/checks/anchor.ts'
import { defineCheck, pass, type RunnableCheck } from '../src/checks/check.ts'
import { checks } from '../src/checks/index.ts'
import { DerError, parseDer, tags } from '../src/der.ts'
import { writeElement } from '../src/der-write.ts'
import type { TimestampCheckId } from '../src/verdict.ts'
import { trust } from './forge.ts'

const reference = 'none'

/** An indefinite outer length becomes a definite one. */
function fromBer(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const isIndefinite = bytes[0] === tags.sequence && bytes[1] === 0x80
  return isIndefinite ? writeElement(tags.sequence, bytes.subarray(2, -2)) : bytes
}

function parseLoosely(bytes: Uint8Array<ArrayBuffer>) {
  try {
    return parseDer(bytes)
  } catch (error) {
    if (error instanceof DerError) return error
    throw error
  }
}

const standIns: Partial<Record<TimestampCheckId, RunnableCheck>> = {
  // Reads any size.
  'token.size': defineCheck({
    ...{ id: 'token.size', reference, needs: [] },
    judge: (_facts, { token }) => pass('', { bytes: new Uint8Array(token) }),
  }),
  // Reads BER.
  'token.definite-length': defineCheck({
    ...{ id: 'token.definite-length', reference, needs: ['bytes'] },
    judge: ({ bytes }) => pass('', { parsed: parseLoosely(fromBer(bytes)) }),
  }),
  // Stops reading where the first element ends.
  'token.der': defineCheck({
    ...{ id: 'token.der', reference, needs: ['bytes'] },
    judge({ bytes }) {
      const length = 4 + (((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0))
      return pass('', { element: parseDer(bytes.subarray(0, length)) })
    },
  }),
  // Reads a time digit by digit, and whatever follows as a part of it.
  'token.gen-time': defineCheck({
    ...{ id: 'token.gen-time', reference, needs: ['tstInfo'] },
    judge({ tstInfo }) {
      const text = new TextDecoder().decode(tstInfo.genTime.content)
      const [, year, ...rest] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(text) ?? []
      const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = rest.map(Number)
      const time = Date.UTC(Number(year), month - 1, day, hour, minute, second)
      return pass('', { genTime: { earliest: time, latest: time } })
    },
  }),
  // Trusts whatever comes with the token.
  'token.anchor': {
    id: 'token.anchor',
    run(given, facts) {
      const anchors = (facts.certificates ?? []).map(({ raw }) => raw)
      const authorities = [trust({ der: new Uint8Array() }, { anchors })]
      return anchorCheck.run({ ...given, options: { ...given.options, authorities } }, facts)
    },
  },
}

/** All checks, one of them taken out. */
export function checksWithout(taken: TimestampCheckId): RunnableCheck[] {
  return checks.map((check) => {
    if (check.id !== taken) return check
    return {
      id: check.id,
      async run(given, facts) {
        const result = await (standIns[taken] ?? check).run(given, facts)
        return { ...result, check: { ...result.check, status: 'pass' } }
      },
    }
  })
}
