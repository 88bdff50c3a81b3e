import { describe, expect, it, test } from 'vitest'
import { checks } from '../src/checks/index.ts'
import { timestampCheckIds } from '../src/verdict.ts'
import { runChecks, verifyTimestamp } from '../src/verify.ts'
import { forge, notPassed, verify } from './forge.ts'
import { forgeries } from './forgeries/index.ts'
import { byLeaf } from './forgeries/shapes.ts'
import { checksWithout } from './lenient.ts'
import { purposes } from './pki.ts'

/** What passes once the one check that refuses it is taken out, by check. */
const idle = new Set<string>(timestampCheckIds)

describe('a forged token fails at the check that it breaks, and no other check would see it', () => {
  it.each(forgeries)('$check: $name', async ({ check, make }) => {
    const { der, options } = make()
    const verdict = await verifyTimestamp(der, options)
    expect(verdict.ok).toBe(false)
    expect(verdict.genTime).toBeUndefined()
    expect(verdict.authority).toBeUndefined()
    const status = check === 'token.anchor' ? 'untrusted' : 'fail'
    expect(notPassed(verdict)).toEqual([`${check} ${status}`])
    const { verdict: without } = await runChecks(checksWithout(check), der, options)
    expect(notPassed(without)).toEqual([])
    if (without.ok) idle.delete(check)
  })
})

test('no check is idle: for each there is a forged token that verifies without it', () => {
  expect([...idle]).toEqual([])
})

test('no two forgeries have one name', () => {
  expect(new Set(forgeries.map(({ name }) => name)).size).toBe(forgeries.length)
})

describe('the checks', () => {
  it('say what is wrong in a few words, whatever the token holds', async () => {
    const many = Array.from({ length: 2000 }, (_, n) => `1.2.3.${n}`)
    const { checks } = await verify(byLeaf({ extensions: [purposes(many)] }))
    const detail = checks.find(({ id }) => id === 'token.extended-key-usage')?.detail
    expect(detail).toMatch(/^the extended key usage is not just timeStamping: 1\.2\.3\.0, .*…$/)
    expect(detail).toHaveLength(257)
  })

  it('are all of timestampCheckIds, in that order', async () => {
    expect(checks.map(({ id }) => id)).toEqual([...timestampCheckIds])
    for (const token of [forge(), new Uint8Array(), new Uint8Array(100_000)]) {
      const verdict = await verify(token)
      expect(verdict.checks.map(({ id }) => id)).toEqual([...timestampCheckIds])
    }
  })

  it('are skipped where an earlier one failed, and then the token does not hold', async () => {
    const verdict = await verify(Uint8Array.of(1, 2, 3))
    const skipped = verdict.checks.filter(({ status }) => status === 'skipped')
    expect(skipped.map(({ id }) => id)).toEqual(timestampCheckIds.slice(3))
    expect(skipped[0]?.detail).toBe('an earlier check failed')
  })
})
