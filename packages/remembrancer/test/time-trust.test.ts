import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import { parseTimestamp, type TimeAuthority, verifyTimestamp } from '@vaultmesh/tsp'
import { describe, expect, it } from 'vitest'
import { type Home, makeHome } from './kit/home.ts'
import { begin, independent } from './kit/scene.ts'

const authority: TimeAuthority = {
  name: 'independent',
  selfIssued: false,
  anchors: [independent.keys.anchor],
  pins: [],
  validFrom: new Date(begin),
}
const pin = new Uint8Array(32).fill(7)

function policyPath(home: Home): string {
  return join(home.project, '.vaultmesh', 'trust', 'policy.yaml')
}

describe('the time authorities of a workspace', () => {
  it('are added to, and the comments of the policy stay', async () => {
    const home = makeHome()
    await home.init()
    const path = policyPath(home)
    writeFileSync(path, `${readFileSync(path, 'utf8')}# kept by hand\n`)
    const workspace = await home.open()
    await workspace.trustTimeAuthority(authority)
    const [embedded, added] = await workspace.timeAuthorities()
    expect(embedded?.selfIssued).toBe(true)
    expect(added).toEqual(authority)
    const text = readFileSync(path, 'utf8')
    expect(text).toMatch(/^# Whom this workspace believes/)
    expect(text).toContain('# kept by hand')
  })

  it('get further windows and pins, and a pin goes to the latest window', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    const validUntil = new Date('2026-12-01T00:00:00Z')
    await workspace.trustTimeAuthority({ ...authority, validUntil })
    await workspace.trustTimeAuthority({ ...authority, validFrom: validUntil })
    await workspace.pinTimeAuthority('independent', pin)
    await workspace.pinTimeAuthority('independent', pin)
    const [, first, second] = await workspace.timeAuthorities()
    expect(first?.pins).toEqual([])
    expect(second?.pins).toEqual([pin])
  })

  it('stay as they are where the policy would not hold', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    const before = readFileSync(policyPath(home))
    await workspace.trustTimeAuthority(authority)
    const after = readFileSync(policyPath(home))
    expect(after).not.toEqual(before)
    await expect(
      workspace.trustTimeAuthority({ ...authority, name: 'the same under another name' }),
    ).rejects.toMatchObject({ code: 'POLICY_INVALID' })
    await expect(workspace.pinTimeAuthority('nobody', pin)).rejects.toMatchObject({
      code: 'AUTHORITY_MISSING',
    })
    expect(readFileSync(policyPath(home))).toEqual(after)
  })

  it('include the embedded one, which stamps what it is given', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    const digest = sha256(new TextEncoder().encode('a report'))
    const { response, time } = await workspace.timestamp(digest)
    const parsed = parseTimestamp(response)
    if (!parsed.ok) throw new Error(parsed.detail)
    const authorities = await workspace.timeAuthorities()
    const verdict = await verifyTimestamp(parsed.token, { digest, authorities })
    expect(verdict).toMatchObject({ ok: true, genTimeText: time })
  })
})
