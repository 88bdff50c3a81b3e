import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { concatBytes, encodeUtf8 } from '../src/bytes.ts'
import { formatCheckpoint } from '../src/checkpoint.ts'
import { ed25519Cosigner } from '../src/cosignature.ts'
import { ed25519NoteSigner, ed25519Signer, nodeVerifyEd25519 } from '../src/node.ts'
import { formatVkey, type NoteSigner, signNote } from '../src/note.ts'
import {
  evaluateCheckpoint,
  hasQuorum,
  maxPolicyLength,
  parsePolicy,
  type TlogPolicy,
} from '../src/policy.ts'
import { keyOf, realCheckpoint, realKeys, twinKeys } from './support.ts'

const origin = 'example.com/log'
const log = ed25519NoteSigner(origin, keyOf(1))

function witnessOf(name: string, fill: number): NoteSigner & { vkey: string } {
  const signer = ed25519Signer(keyOf(fill))
  return ed25519Cosigner({ name, signer, now: () => 1n })
}

const names = ['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'] as const
const witnesses = names.map((name, i) => witnessOf(`${name}.example`, 10 + i))
const witnessLines = names.map((name, i) => `witness ${name} ${witnesses[i]?.vkey}`).join('\n')

/** The example of the tlog-policy specification, with keys. */
const example = `log ${log.vkey}

${witnessLines}
group X-witnesses 2 X1 X2 X3
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`

function policyOf(text: string): TlogPolicy {
  const parsed = parsePolicy(text)
  if (!parsed.ok) throw new Error(parsed.detail)
  return parsed.policy
}

const body = formatCheckpoint({ origin, size: 7n, root: new Uint8Array(32), extensions: [] })

describe('a policy', () => {
  test('of the specification is read', () => {
    const policy = policyOf(example)
    expect(policy).toEqual({
      logs: [{ vkey: log.vkey }],
      witnesses: names.map((name, i) => ({ name, vkey: witnesses[i]?.vkey })),
      groups: [
        { name: 'X-witnesses', threshold: 2, members: ['X1', 'X2', 'X3'] },
        { name: 'Y-witnesses', threshold: 1, members: ['Y1', 'Y2', 'Y3'] },
        { name: 'X-and-Y', threshold: 2, members: ['X-witnesses', 'Y-witnesses'] },
      ],
      quorum: 'X-and-Y',
    })
    expect(parsePolicy(encodeUtf8(example))).toEqual({ ok: true, policy })
  })

  test('may have white space, comments, URLs and no log', () => {
    const text = `\n \t\n# comment\n\t # log nonsense\n  witness\tw1   ${realKeys.remora} https://a.example/ \nquorum none\n# end\n`
    expect(policyOf(text)).toEqual({
      logs: [],
      witnesses: [{ name: 'w1', vkey: realKeys.remora, url: 'https://a.example/' }],
      groups: [],
      quorum: 'none',
    })
    expect(policyOf(`log ${log.vkey} https://b.example\nquorum none\n`).logs).toEqual([
      { vkey: log.vkey, url: 'https://b.example' },
    ])
  })

  test('may have a witness as its quorum, and lines after it', () => {
    const text = `witness w ${realKeys.remora}\nquorum w\nlog ${log.vkey}\n`
    expect(policyOf(text)).toMatchObject({ quorum: 'w', logs: [{ vkey: log.vkey }] })
  })

  test('may have any octets in comments, and names beyond ASCII that differ by octet', () => {
    const comment = concatBytes(encodeUtf8('# '), Uint8Array.of(0xff, 0xfe, 0x0a))
    expect(parsePolicy(concatBytes(comment, encodeUtf8('quorum none\n')))).toMatchObject({
      ok: true,
    })
    const kelvin = `witness K ${realKeys.remora}\nwitness \u212a ${realKeys.garden}\nquorum \u212a\n`
    expect(policyOf(kelvin).quorum).toBe('\u212a')
  })

  test('may be as large as the specification asks for, and larger', () => {
    const lines = Array.from({ length: 40 }, (_, i) => [
      `log ${ed25519NoteSigner(origin, keyOf(100 + i)).vkey}`,
      `witness w${i} ${witnessOf(`w${i}`, 50 + i).vkey}`,
      `group g${i} all w${i}${i > 0 ? ` g${i - 1}` : ''}`,
    ])
    expect(policyOf(`${lines.flat().join('\n')}\nquorum g39\n`).groups).toHaveLength(40)
  })

  const w1 = `witness w1 ${realKeys.remora}\n`
  const w2 = `witness w2 ${realKeys.garden}\n`
  const quorum = 'quorum none\n'
  const identity = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0))
  const sameKey = formatVkey('other', 4, ed25519Signer(keyOf(1)).publicKey)
  test.each([
    ['QUORUM', 'nothing', ''],
    ['QUORUM', 'no quorum', w1],
    ['QUORUM', 'two quorums', quorum + quorum],
    ['UNKNOWN_NAME', 'a quorum that is not defined', 'quorum w1\n'],
    ['UNKNOWN_NAME', 'a quorum before its definition', `quorum w1\n${w1}`],
    ['UNKNOWN_NAME', 'a member that is not defined', `${w1}group g any w1 w2\n${quorum}`],
    ['UNKNOWN_NAME', 'a group within itself', `${w1}group g any w1 g\n${quorum}`],
    ['UNKNOWN_NAME', 'none as a member', `${w1}group g any none\n${quorum}`],
    ['DUPLICATE_NAME', 'a name twice', `${w1}witness w1 ${realKeys.garden}\n${quorum}`],
    ['DUPLICATE_NAME', 'a group named as a witness', `${w1}group w1 any w1\n${quorum}`],
    ['DUPLICATE_NAME', 'a witness named none', `witness none ${realKeys.remora}\n${quorum}`],
    ['DUPLICATE_NAME', 'a member twice', `${w1}group g any w1 w1\n${quorum}`],
    [
      'DUPLICATE_NAME',
      'a member of two groups',
      `${w1}${w2}group g any w1\ngroup h all w1 w2\n${quorum}`,
    ],
    ['DUPLICATE_KEY', 'a witness twice', `${w1}witness w2 ${realKeys.remora}\n${quorum}`],
    ['DUPLICATE_KEY', 'a log twice', `log ${log.vkey}\nlog ${log.vkey}\n${quorum}`],
    [
      'DUPLICATE_KEY',
      'a log that is its witness',
      `log ${log.vkey}\nwitness w ${sameKey}\n${quorum}`,
    ],
    ['UNUSABLE_KEY', 'a log with a witness key', `log ${realKeys.remora}\n${quorum}`],
    ['UNUSABLE_KEY', 'a witness with a log key', `witness w ${log.vkey}\n${quorum}`],
    ['UNUSABLE_KEY', 'a vkey that is none', `log nonsense\n${quorum}`],
    ['UNUSABLE_KEY', 'a key of small order', `log ${formatVkey('a', 1, identity)}\n${quorum}`],
    ['MALFORMED', 'an unknown word', `logs ${log.vkey}\n${quorum}`],
    ['MALFORMED', 'a word in capitals', `LOG ${log.vkey}\n${quorum}`],
    ['MALFORMED', 'a log without key', `log\n${quorum}`],
    ['MALFORMED', 'a log with too much', `log ${log.vkey} a b\n${quorum}`],
    ['MALFORMED', 'a comment behind a definition', `quorum none # comment\n`],
    ['MALFORMED', 'a witness without key', `witness w1\n${quorum}`],
    ['MALFORMED', 'a witness with too much', `witness w1 ${realKeys.remora} a b\n${quorum}`],
    ['MALFORMED', 'a quorum without name', 'quorum\n'],
    ['MALFORMED', 'a group without members', `group g any\n${quorum}`],
    ['MALFORMED', 'a group without rule', `group g\n${quorum}`],
    ['MALFORMED', 'a group without name', `group\n${quorum}`],
    ['MALFORMED', 'a threshold of 0', `${w1}group g 0 w1\n${quorum}`],
    ['MALFORMED', 'a threshold below 0', `${w1}group g -1 w1\n${quorum}`],
    ['MALFORMED', 'a threshold above the members', `${w1}group g 2 w1\n${quorum}`],
    ['MALFORMED', 'a threshold that is no decimal', `${w1}group g 1e0 w1\n${quorum}`],
    ['MALFORMED', 'a cut line', 'quorum none'],
    ['MALFORMED', 'a carriage return', 'quorum none\r\n'],
    ['MALFORMED', 'a DEL', `# \u007f\n${quorum}`],
    ['MALFORMED', 'a byte order mark', `\ufeff${quorum}`],
    ['MALFORMED', 'a lone surrogate', `# \ud800\n${quorum}`],
    ['MALFORMED', 'too many bytes', `#${' '.repeat(maxPolicyLength)}\n${quorum}`],
  ])('is refused (%s) for %s', (code, _, text) => {
    expect(parsePolicy(text)).toMatchObject({ ok: false, code })
  })

  test('is refused for a name that is not UTF-8, with the line’s number', () => {
    const bytes = concatBytes(encodeUtf8(`${quorum}witness `), Uint8Array.of(0xff, 0x0a))
    expect(parsePolicy(bytes)).toEqual({
      ok: false,
      code: 'MALFORMED',
      detail: 'line 2 is not UTF-8',
    })
  })

  test('after any change is read or refused, and its quorum is defined', () => {
    const piece = fc.constantFrom('', ' ', '\n', '#', 'quorum none\n', 'X1', 'any', '2', '+', 'é')
    fc.assert(
      fc.property(fc.nat(example.length), fc.nat(6), piece, (at, removed, added) => {
        const parsed = parsePolicy(example.slice(0, at) + added + example.slice(at + removed))
        if (!parsed.ok) return
        const { quorum: name, witnesses: ws, groups } = parsed.policy
        expect(['none', ...ws.map((w) => w.name), ...groups.map((g) => g.name)]).toContain(name)
      }),
      { numRuns: 300 },
    )
  })

  test('that is far too long is not read at all', () => {
    const encode = vi.spyOn(TextEncoder.prototype, 'encode')
    expect(parsePolicy('€'.repeat(maxPolicyLength + 1))).toMatchObject({ code: 'MALFORMED' })
    expect(encode).not.toHaveBeenCalled()
    expect(parsePolicy('€'.repeat(maxPolicyLength / 2))).toMatchObject({ code: 'MALFORMED' })
    encode.mockRestore()
  })

  test('of which nothing is left has no quorum', () => {
    const transferred = encodeUtf8(quorum)
    structuredClone(transferred, { transfer: [transferred.buffer] })
    for (const input of ['', transferred]) {
      expect(parsePolicy(input)).toMatchObject({ ok: false, code: 'QUORUM' })
    }
  })

  test('any bytes are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(typeof parsePolicy(bytes).ok).toBe('boolean')
      }),
    )
  })
})

const twins = twinKeys().map((key) =>
  ed25519Cosigner({ name: 'twin', signer: ed25519Signer(key), now: () => 1n }),
)

describe('two witnesses whose signature lines look alike', () => {
  const [first, second] = twins.map(({ vkey }) => vkey)

  test('are refused in a policy', () => {
    expect(twins[0]?.keyId).toBe(twins[1]?.keyId)
    const text = `witness a ${first}\nwitness b ${second}\ngroup g all a b\nquorum g\n`
    expect(parsePolicy(text)).toMatchObject({ ok: false, code: 'DUPLICATE_KEY' })
  })

  test('do not make a quorum out of one cosignature', async () => {
    const policy: TlogPolicy = {
      logs: [{ vkey: log.vkey }],
      witnesses: [
        { name: 'a', vkey: first ?? '' },
        { name: 'b', vkey: second ?? '' },
      ],
      groups: [{ name: 'g', threshold: 2, members: ['a', 'b'] }],
      quorum: 'g',
    }
    const signed = await signNote(body, [log, ...twins.slice(0, 1)])
    expect(await evaluateCheckpoint(signed, policy)).toMatchObject({
      logVerified: false,
      failure: { code: 'BAD_SIGNATURE' },
    })
  })
})

describe('a checkpoint under a policy', () => {
  const policy = policyOf(example)

  test('is witnessed exactly where the quorum cosigned it', async () => {
    const subset = fc.subarray([...names])
    await fc.assert(
      fc.asyncProperty(subset, async (chosen) => {
        const signers = witnesses.filter((_, i) => chosen.includes(names[i] ?? 'X1'))
        const verdict = await evaluateCheckpoint(
          await signNote(body, [log, ...signers]),
          policy,
          nodeVerifyEd25519,
        )
        const count = (letter: string): number =>
          chosen.filter((name) => name.startsWith(letter)).length
        expect(verdict).toMatchObject({
          logVerified: true,
          witnessed: count('X') >= 2 && count('Y') >= 1,
          checkpoint: { origin, size: 7n },
        })
        expect(verdict.cosigners).toEqual(chosen)
        expect(hasQuorum(policy, chosen)).toBe(verdict.witnessed)
      }),
    )
  })

  test('that is real is held to a real policy', async () => {
    const text = `log ${realKeys.log}
witness garden ${realKeys.garden}
witness smartit ${realKeys.smartit}
witness remora ${realKeys.remora}
witness stagemole ${realKeys.stagemole}
group three 3 garden smartit remora stagemole
quorum three
`
    expect(await evaluateCheckpoint(realCheckpoint, policyOf(text))).toMatchObject({
      logVerified: true,
      witnessed: true,
      cosigners: ['garden', 'smartit', 'remora', 'stagemole'],
      checkpoint: { size: 1_432_088_532n },
    })
  })

  test('needs no witness where the policy asks for none', async () => {
    const none = policyOf(`log ${log.vkey}\nquorum none\n`)
    expect(await evaluateCheckpoint(await signNote(body, [log]), none)).toMatchObject({
      logVerified: true,
      witnessed: 'none-required',
      cosigners: [],
    })
  })

  test('may be signed with either key of a log that changes it', async () => {
    const next = ed25519NoteSigner(origin, keyOf(2))
    const both = policyOf(`log ${log.vkey}\nlog ${next.vkey}\nquorum none\n`)
    for (const key of [log, next]) {
      const verdict = await evaluateCheckpoint(await signNote(body, [key]), both)
      expect(verdict.logVerified).toBe(true)
    }
  })

  test('is refused when no log of the policy signed it, however many witnesses did', async () => {
    const verdict = await evaluateCheckpoint(await signNote(body, witnesses), policy)
    expect(verdict).toMatchObject({
      logVerified: false,
      witnessed: true,
      failure: { code: 'NO_TRUSTED_SIGNATURE' },
    })
    expect(verdict.checkpoint).toBeUndefined()
  })

  test('is refused when a log signed it under another origin', async () => {
    const other = ed25519NoteSigner('example.com/other', keyOf(2))
    const two = policyOf(`log ${log.vkey}\nlog ${other.vkey}\nquorum none\n`)
    expect(await evaluateCheckpoint(await signNote(body, [other]), two)).toMatchObject({
      logVerified: false,
      failure: { code: 'NO_TRUSTED_SIGNATURE' },
    })
  })

  test('is refused as a whole for one bad cosignature by a witness of the policy', async () => {
    const [first, ...rest] = witnesses
    if (first === undefined) throw new Error('no witness')
    const forger: NoteSigner = { ...first, sign: () => new Uint8Array(72) }
    const signed = await signNote(body, [log, forger, ...rest])
    expect(await evaluateCheckpoint(signed, policy)).toMatchObject({
      logVerified: false,
      witnessed: false,
      failure: { code: 'BAD_SIGNATURE' },
    })
  })

  test('is refused when it is none', async () => {
    const signed = await signNote('not a checkpoint\n', [log])
    for (const input of [signed, 'nothing']) {
      expect(await evaluateCheckpoint(input, policy)).toMatchObject({
        logVerified: false,
        witnessed: false,
        failure: { code: 'MALFORMED' },
      })
    }
  })
})
