/** Whom a node believes, as the words of a user say, held against what a peer says of itself. */
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import type { FederationConfig } from '@vaultmesh/federation/node'
import { ed25519NoteSigner } from '@vaultmesh/merkle/node'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Offer } from '../src/federation-offer.ts'
import { pinsOf, withPeer } from '../src/federation-pins.ts'
import { policiesOf, policyText, withKeys } from '../src/log-keys.ts'
import { shellWord } from '../src/shell.ts'

function keyOf(origin: string): string {
  return ed25519NoteSigner(origin, generateKeyPairSync('ed25519').privateKey).vkey
}

const origin = 'acme.example/vm/payments'
const key = keyOf(origin)
const next = keyOf(origin)
const offer: Offer = {
  name: 'acme.example/vm',
  origins: [origin, 'acme.example/vm/ledger'],
  logKeys: [key, keyOf('acme.example/vm/ledger')],
  witnessKeys: ['w'],
}
const nobody = { logKeys: [], policy: undefined, witnessKey: undefined }
const refused = expect.objectContaining({ code: 'VM_NOT_TRUSTED' })

describe('what is pinned of a peer', () => {
  it('is what the user names, and nothing that the peer alone says', () => {
    expect(pinsOf(offer, nobody, [])).toEqual([])
    expect(pinsOf(offer, { ...nobody, logKeys: [key] }, [])).toEqual([
      { origin, policy: `log ${key}\nquorum none\n` },
    ])
  })

  it('is refused where the peer says something else', () => {
    for (const trust of [
      { ...nobody, logKeys: [next] },
      { ...nobody, logKeys: [keyOf('acme.example/vm/other')] },
      { ...nobody, witnessKey: 'other' },
    ]) {
      expect(() => pinsOf(offer, trust, [])).toThrow(refused)
    }
    // A folder with a log alone can't say whose keys it has.
    const silent = { ...offer, logKeys: [], witnessKeys: [] }
    const pins = pinsOf(silent, { ...nobody, logKeys: [next], witnessKey: 'other' }, [])
    expect(pins.length).toBe(1)
  })

  it('grows by further keys, for every peer that has the log', () => {
    const policy = `# checked on the phone\nlog ${key}\nquorum none\n`
    const peers = [
      { name: 'acme', url: 'https://acme.example/', logs: [{ origin, policy }] },
      { name: 'mirror', folder: '../mirror', logs: [{ origin, policy }] },
    ]
    const config: FederationConfig = { name: 'globex.example/vm', share: [], peers }
    const rotated = { ...offer, logKeys: [key, next] }
    const pins = pinsOf(rotated, { ...nobody, logKeys: [next] }, peers)
    const text = `# checked on the phone\nlog ${key}\nlog ${next}\nquorum none\n`
    expect(pins).toEqual([{ origin, policy: text }])
    const changed = withPeer(config, 'acme', { folder: '../acme' }, pins, [origin])
    expect(changed.share).toEqual([origin])
    expect(changed.peers).toEqual([
      { name: 'acme', folder: '../acme', logs: pins },
      { name: 'mirror', folder: '../mirror', logs: pins },
    ])
  })
})

describe('the keys of a log', () => {
  it('are added once, and make one policy for each origin', () => {
    expect(withKeys(policyText([key]), [key, next])).toBe(policyText([key, next]))
    const policies = policiesOf([key, next, key, keyOf('b.example/log')])
    expect(policies.get(origin)?.logs.map(({ vkey }) => vkey)).toEqual([key, next])
    expect([...policies.keys()]).toEqual([origin, 'b.example/log'])
  })

  it.each(['', 'none', `${origin}+00000000+AA==`, `${key}\nquorum none`])('are not %j', (text) => {
    expect(() => policiesOf([text])).toThrow(expect.objectContaining({ code: 'VM_USAGE' }))
  })
})

describe('a command that is shown', () => {
  // What a peer calls its log comes from outside, and people copy commands.
  it('is read back by a shell as the words that were meant', () => {
    const words = fc.array(
      fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
      {
        minLength: 1,
        maxLength: 20,
      },
    )
    fc.assert(
      fc.property(words, (texts) => {
        const line = `printf '%s\\0' ${texts.map(shellWord).join(' ')}`
        const read = execFileSync('/bin/sh', ['-c', line])
        expect(read).toEqual(Buffer.from(texts.map((text) => `${text.toWellFormed()}\0`).join('')))
      }),
      { numRuns: 5 },
    )
    expect(shellWord('example.com/log+0123abcd+AQ/+=')).toBe('example.com/log+0123abcd+AQ/+=')
    expect(shellWord("it's; rm -rf ~")).toBe("'it'\\''s; rm -rf ~'")
  })
})
