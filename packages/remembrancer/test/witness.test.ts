/** The witnesses of a workspace's log, and the key with which its owner witnesses others. */
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatCheckpoint } from '@vaultmesh/merkle/checkpoint'
import {
  cosignatureVerifier,
  ed25519Cosigner,
  parseCosignature,
} from '@vaultmesh/merkle/cosignature'
import { ed25519Signer } from '@vaultmesh/merkle/node'
import { noQuorum, parsePolicy, type TlogPolicy } from '@vaultmesh/merkle/policy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeQuorum, sureQuorum } from '../src/workspace/quorum.ts'
import { type QuorumChange, withWitness } from '../src/workspace/witness-trust.ts'
import { addWitnessKey, readWitnessSigner } from '../src/workspace.ts'
import { makeHome } from './kit/home.ts'
import { noon } from './kit/scene.ts'

const origin = 'example.com/vm/payments'
const url = 'http://127.0.0.1:6962/w/'

function witnessKey(name: string): string {
  const { privateKey } = generateKeyPairSync('ed25519')
  return ed25519Cosigner({ name, signer: ed25519Signer(privateKey), now: () => 0n }).vkey
}

const keys = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
  name,
  vkey: witnessKey(`${name}.example`),
}))
const [a, b, c, d, e] = keys as [
  (typeof keys)[0],
  (typeof keys)[0],
  (typeof keys)[0],
  (typeof keys)[0],
  (typeof keys)[0],
]

/** The policy of a new workspace, with other lines in its log's policy where they are given. */
async function policyOf(quorum = 'quorum none'): Promise<{ text: string; path: string }> {
  const home = makeHome()
  await home.init({ originPrefix: 'example.com/vm' })
  const path = join(home.project, '.vaultmesh', 'trust', 'policy.yaml')
  const lines = quorum.replaceAll('\n', '\n      ')
  const text = `# mine\n${readFileSync(path, 'utf8')}`.replace('quorum none', lines)
  return { text, path }
}

function linesOf(text: string): string[] {
  const block = /policy: \|\n((?: {6}.*\n)+)/.exec(text)?.[1] ?? ''
  return block
    .split('\n')
    .map((line) => line.trim())
    .slice(1, -1)
}

function joined(text: string, path: string, ...witnesses: readonly (typeof keys)[0][]) {
  let result: { text: string; change: QuorumChange | undefined } = { text, change: undefined }
  for (const witness of witnesses) {
    result = withWitness({ text: result.text, path }, origin, { ...witness, url })
  }
  return { ...result, lines: linesOf(result.text) }
}

describe('a witness that is added to the log of a workspace', () => {
  it('must cosign from then on, beside those that had to before', async () => {
    const { text, path } = await policyOf()
    const first = joined(text, path, a)
    expect(first.lines).toEqual([`witness a ${a.vkey} ${url}`, 'quorum a'])
    expect(first.change).toEqual({ before: 'none', after: 'a', isWeaker: false })
    expect(first.text).toContain('# mine\n')
    const second = joined(first.text, path, b)
    expect(second.lines.slice(2)).toEqual(['group with-b all a b', 'quorum with-b'])
    expect(second.change).toEqual({ before: 'a', after: 'all of a, b', isWeaker: false })
    const third = joined(second.text, path, c)
    expect(third.change?.after).toBe('all of (all of a, b), c')
    // Once more, from another place: its URL changes, and nothing else.
    const moved = withWitness({ text: third.text, path }, origin, {
      ...a,
      url: 'https://a.example/',
    })
    expect(moved.text).toBe(third.text.replace(`${a.vkey} ${url}`, `${a.vkey} https://a.example/`))
    expect(moved.change.after).toBe(moved.change.before)
  })

  it('is counted where a number of witnesses is asked for, and says where that is less', async () => {
    const { text, path } = await policyOf()
    const two = joined(text, path, a, b)
    const three = withWitness({ text: two.text, path }, origin, { ...c, url, threshold: 2 })
    expect(linesOf(three.text).slice(3)).toEqual(['group witnesses 2 a b c', 'quorum witnesses'])
    // a and c are enough now, and a and b were asked for.
    expect(three.change).toEqual({
      before: 'all of a, b',
      after: '2 of 3: a, b, c',
      isWeaker: true,
    })
    const all = withWitness({ text: three.text, path }, origin, { ...c, url, threshold: 3 })
    expect(all.change).toEqual({
      before: '2 of 3: a, b, c',
      after: 'all of a, b, c',
      isWeaker: false,
    })
    const grown = withWitness({ text: three.text, path }, origin, { ...d, url, threshold: 3 })
    expect(grown.change).toMatchObject({ after: '3 of 4: a, b, c, d', isWeaker: false })
  })

  it('is refused under a name or key that is taken, and with lines of its own', async () => {
    const { text, path } = await policyOf()
    const edit = { text: joined(text, path, a).text, path }
    for (const wrong of [
      { ...b, name: 'a' },
      { ...a, name: 'b' },
      { ...b, name: 'none' },
      { ...b, url: `${url}\nquorum none` },
      { ...b, name: 'b\tx' },
      { ...b, vkey: 'b.example+00000000+AA==' },
      { ...b, threshold: 3 },
      { ...b, threshold: 0 },
    ]) {
      const witness = { url, ...wrong }
      expect(() => withWitness(edit, origin, witness)).toThrow(
        expect.objectContaining({ code: 'POLICY_INVALID' }),
      )
    }
    expect(() => withWitness(edit, 'example.com/other', { ...b, url })).toThrow('allows no log')
    const empty = { text: 'logs: []', path }
    expect(() => withWitness(empty, origin, { ...b, url })).toThrow('allows no log')
  })

  it('joins under a group name that nobody has', async () => {
    const { text, path } = await policyOf(
      `witness with-b ${c.vkey} ${url}\nwitness witnesses ${d.vkey} ${url}\nquorum with-b`,
    )
    const { lines } = joined(text, path, b)
    expect(lines.slice(3)).toEqual(['group with-b-2 all with-b b', 'quorum with-b-2'])
    const counted = withWitness({ text, path }, origin, { ...b, url, threshold: 1 })
    expect(linesOf(counted.text).at(-1)).toBe('quorum witnesses-2')
  })

  it('is there for the next record of an open workspace', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    const witness = { ...a, url: 'http://127.0.0.1:9/w/' }
    expect(await workspace.trustWitness(witness)).toEqual({
      before: 'none',
      after: 'a',
      isWeaker: false,
    })
    expect((await workspace.log()).witnesses?.witnesses).toEqual([witness])
    const note = { kind: 'note', title: 'One', body: { text: 'text' } } as const
    await expect(workspace.record(note)).rejects.toMatchObject({ code: 'LOG_NOT_WITNESSED' })
  })
})

describe('how much a quorum asks for', () => {
  const names = keys.map(({ name }) => name)
  const witnessLines = keys.map(({ name, vkey }) => `witness ${name} ${vkey}`)

  function policy(...lines: readonly string[]): TlogPolicy {
    const parsed = parsePolicy(`${[...witnessLines, ...lines].join('\n')}\n`)
    if (!parsed.ok) throw new Error(parsed.detail)
    return parsed.policy
  }

  function isMet({ groups, quorum }: TlogPolicy, cosigners: ReadonlySet<string>): boolean {
    if (quorum === noQuorum) return true
    const met = new Set(cosigners)
    for (const { name, threshold, members } of groups) {
      if (members.filter((member) => met.has(member)).length >= threshold) met.add(name)
    }
    return met.has(quorum)
  }

  it('is said in words', () => {
    expect(describeQuorum(policy('quorum none'))).toBe('none')
    expect(describeQuorum(policy('quorum e'))).toBe(e.name)
    expect(describeQuorum(policy('group g any a', 'quorum g'))).toBe('a')
    expect(describeQuorum(policy('group g any a b', 'group h all g c', 'quorum h'))).toBe(
      'all of (1 of 2: a, b), c',
    )
  })

  it('is the number of any witnesses that are sure to meet it', () => {
    expect(sureQuorum(policy('quorum none'))).toBe(0)
    const subsets = Array.from({ length: 2 ** names.length }, (_, bits) =>
      names.filter((_name, i) => (bits >> i) % 2 === 1),
    )
    // Groups of groups: each takes some of the parts that no other has.
    const trees = fc
      .array(fc.record({ take: fc.integer({ min: 1, max: 4 }), need: fc.nat() }), { maxLength: 4 })
      .map((steps) => {
        const free = [...names]
        const lines = steps.map(({ take, need }, i) => {
          const members = free.splice(0, take)
          free.push(`g${i}`)
          return `group g${i} ${(need % members.length) + 1} ${members.join(' ')}`
        })
        return policy(...lines, `quorum ${free.at(-1) ?? noQuorum}`)
      })
    fc.assert(
      fc.property(trees, (tree) => {
        const short = subsets.filter((subset) => !isMet(tree, new Set(subset)))
        const sure = Math.max(-1, ...short.map((subset) => subset.length)) + 1
        expect(sureQuorum(tree)).toBe(sure)
      }),
    )
  })
})

describe('the key of a witness', () => {
  const name = 'example.com/vm/payments/witness'
  const clock = (): Date => noon
  const text = formatCheckpoint({ origin, size: 1n, root: new Uint8Array(32), extensions: [] })

  it('cosigns under its vkey, with the time of the clock', async () => {
    const { env, keyring } = makeHome()
    const added = await addWitnessKey({ name, passphrase: 'secret', env })
    const [file = ''] = readdirSync(keyring)
    expect(file).toMatch(/^witness-[0-9a-f]{64}\.pem$/)
    expect(readFileSync(join(keyring, file), 'utf8')).toContain('ENCRYPTED')
    const { vkey } = added
    const signer = await readWitnessSigner({ vkey, env, clock, passphrase: async () => 'secret' })
    expect(signer).toMatchObject({ name, vkey })
    const bytes = new TextEncoder().encode(text)
    const signature = await signer.sign(bytes)
    expect(await cosignatureVerifier(vkey).verify(bytes, signature)).toBe(true)
    expect(parseCosignature(signature)?.time).toBe(BigInt(noon.getTime() / 1000))
    await expect(readWitnessSigner({ vkey, env, clock })).rejects.toMatchObject({
      code: 'PASSPHRASE_NEEDED',
    })
    await added.undo()
    expect(existsSync(keyring)).toBe(false)
  })

  it('is not made under a name that can be none, or without protection by mistake', async () => {
    const { env, keyring } = makeHome()
    await expect(addWitnessKey({ name: 'a b', passphrase: null, env })).rejects.toMatchObject({
      code: 'ORIGIN_INVALID',
    })
    await expect(addWitnessKey({ name, passphrase: '', env })).rejects.toMatchObject({
      code: 'PASSPHRASE_NEEDED',
    })
    expect(existsSync(keyring)).toBe(false)
  })

  it('is not used in place of another', async () => {
    const { env, keyring } = makeHome()
    const { vkey } = await addWitnessKey({ name, passphrase: null, env })
    const [first = ''] = readdirSync(keyring)
    await addWitnessKey({ name, passphrase: null, env })
    const second = readdirSync(keyring).find((file) => file !== first) ?? ''
    renameSync(join(keyring, second), join(keyring, first))
    const refused = { code: 'KEYRING_KEY_INVALID' }
    await expect(readWitnessSigner({ vkey, env, clock })).rejects.toMatchObject(refused)
    writeFileSync(join(keyring, first), 'no key')
    await expect(readWitnessSigner({ vkey, env, clock })).rejects.toMatchObject(refused)
    await expect(readWitnessSigner({ vkey: 'none', env, clock })).rejects.toMatchObject({
      code: 'KEYRING_KEY_MISSING',
    })
  })
})
