/** Our texts read by sumdb/note and transparency-dev/formats, and theirs by us, made on the spot. */
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { describeWith } from '@vaultmesh/testing'
import { expect, test } from 'vitest'
import { decodeBase64, encodeBase64, encodeUtf8, maxUint64 } from '../src/bytes.ts'
import { formatCheckpoint, openCheckpoint } from '../src/checkpoint.ts'
import { CompactRange } from '../src/compact.ts'
import { cosignatureVerifier, ed25519Cosigner, parseCosignature } from '../src/cosignature.ts'
import {
  ed25519NoteSigner,
  ed25519Signer,
  nodeEd25519NoteVerifier,
  nodeVerifyEd25519,
} from '../src/node.ts'
import {
  formatNote,
  formatVkey,
  type NoteSigner,
  openNote,
  parseNote,
  parseVkey,
  signNote,
} from '../src/note.ts'
import { evaluateCheckpoint, parsePolicy } from '../src/policy.ts'
import { buildInclusion, verifyInclusion } from '../src/proof.ts'
import { hashLeaf } from '../src/rfc6962.ts'
import { formatTlogProof, parseTlogProof } from '../src/tlog-proof.ts'
import { entriesOf, entryReader } from './support.ts'

const goModule = new URL('../../../interop/verifier/', import.meta.url)

/** What `tlogtext check` is asked; bytes are base64. */
interface Question {
  readonly kind: 'note' | 'checkpoint' | 'proof' | 'policy'
  readonly text: string
  readonly vkeys?: readonly string[]
  readonly origin?: string
  readonly entry?: string
  readonly note?: string
}

/** What it answers; bytes are base64, sizes decimals. */
interface Answer {
  readonly ok: boolean
  readonly error?: string
  readonly signers?: readonly string[]
  readonly text?: string
  readonly size?: string
  readonly root?: string
  readonly extra?: string
  readonly index?: string
}

interface Made {
  readonly origin: string
  readonly log: string
  readonly witness: string
  readonly mldsa: string
  readonly note: string
  readonly entries: readonly string[]
  readonly checkpoint: string
  readonly cosigned: string
  readonly proofs: readonly string[]
  readonly root: string
}

function run(command: 'make' | 'check', input: string): string {
  const options = { cwd: goModule, input, encoding: 'utf8', maxBuffer: 2 ** 28 } as const
  return execFileSync('go', ['run', './cmd/tlogtext', command], options)
}

function ask(questions: readonly Question[]): Answer[] {
  return JSON.parse(run('check', JSON.stringify(questions)))
}

type Signer = NoteSigner & { readonly vkey: string }

function logSigner(name: string): Signer {
  return ed25519NoteSigner(name, generateKeyPairSync('ed25519').privateKey)
}

function witnessSigner(name: string): Signer {
  const signer = ed25519Signer(generateKeyPairSync('ed25519').privateKey)
  return ed25519Cosigner({ name, signer, now: () => 1_700_000_000n })
}

const origin = 'ours.example/log'
const log = logSigner(origin)
const witnesses = ['w1.example', 'w2.example', 'w3.example'].map(witnessSigner)
const vkeys = [log, ...witnesses].map(({ vkey }) => vkey)
const verifiers = [
  nodeEd25519NoteVerifier(log.vkey),
  ...witnesses.map(({ vkey }) => cosignatureVerifier(vkey, nodeVerifyEd25519)),
]
const policy = `${witnesses.map(({ vkey }, i) => `witness w${i} ${vkey} https://w${i}.example/`).join('\n')}
group most 2 w0 w1 w2
quorum most
`

const entries = entriesOf(21)
const range = CompactRange.empty()
for (const entry of entries) range.append(hashLeaf(entry))
const root = range.root()

function checkpointOf(
  size: bigint,
  signers: readonly NoteSigner[] = [log, ...witnesses],
): Promise<string> {
  return signNote(formatCheckpoint({ origin, size, root, extensions: [] }), signers)
}

async function proofOf(index: number, extra?: Uint8Array): Promise<string> {
  const hashes = await buildInclusion(BigInt(index), 21n, entryReader(entries))
  const checkpoint = await checkpointOf(21n)
  return formatTlogProof({
    index: BigInt(index),
    hashes,
    checkpoint,
    ...(extra === undefined ? {} : { extra }),
  })
}

/** Whether we take a checkpoint. */
async function isOurs(text: string): Promise<boolean> {
  return (await openCheckpoint(text, origin, verifiers)).ok
}

/** Whether we take a proof that an entry is in our log. */
async function isProven(text: string, entry: Uint8Array): Promise<boolean> {
  const parsed = parseTlogProof(text)
  if (!parsed.ok) return false
  const { index, hashes, checkpoint } = parsed.proof
  const opened = await openCheckpoint(checkpoint, origin, verifiers)
  if (!opened.ok) return false
  return verifyInclusion({ index, hashes, leafHash: hashLeaf(entry), ...opened.checkpoint }).ok
}

/** `text` with each of its characters replaced in turn by another one of its kind. */
function changes(text: string): string[] {
  const other = (unit: string): string => {
    if (/[0-9]/.test(unit)) return unit === '7' ? '3' : '7'
    if (/[A-Za-z+/]/.test(unit)) return unit === 'E' ? 'e' : 'E'
    return unit === '.' ? '-' : '.'
  }
  return Array.from(text, (unit, i) => text.slice(0, i) + other(unit) + text.slice(i + 1))
}

describeWith(['go'], 'the libraries in Go', () => {
  test('verify our notes, checkpoints, cosignatures, policies and proofs', async () => {
    const asked: Question[] = []
    const expected: Answer[] = []
    const expectAnswer = (question: Question, answer: Omit<Answer, 'ok'>): void => {
      asked.push(question)
      expected.push({ ok: true, ...answer })
    }

    const bob = logSigner('bob')
    for (const text of ['\n', 'one line\n', 'with\n\nblank\n\n\nlines\n\n', 'Wörter ‑ 言葉 😀\n']) {
      const note = { kind: 'note', text: await signNote(text, [log, bob]) } as const
      expectAnswer({ ...note, vkeys: [log.vkey] }, { text, signers: [origin] })
      expectAnswer({ ...note, vkeys: [log.vkey, bob.vkey] }, { text, signers: [origin, 'bob'] })
    }
    for (const size of [1n, 21n, 2n ** 53n + 1n, 2n ** 63n, maxUint64]) {
      const signers = [origin, ...witnesses.map(({ name }) => name)]
      const text = await checkpointOf(size)
      expectAnswer(
        { kind: 'checkpoint', text, vkeys, origin },
        { size: `${size}`, root: encodeBase64(root), signers },
      )
    }
    const head = {
      size: '21',
      root: encodeBase64(root),
      signers: [origin, ...witnesses.map(({ name }) => name)],
    }
    for (const [i, bytes] of entries.entries()) {
      const entry = encodeBase64(bytes)
      const index = i === 0 ? {} : { index: `${i}` }
      const plain = { kind: 'proof', text: await proofOf(i), vkeys, origin, entry } as const
      expectAnswer(plain, { ...head, ...index })
      const withExtra = { ...plain, text: await proofOf(i, bytes) }
      expectAnswer(withExtra, { ...head, ...index, extra: entry })
    }
    for (const two of [witnesses.slice(1), witnesses.slice(0, 2), witnesses]) {
      const note = await checkpointOf(21n, [log, ...two])
      expectAnswer({ kind: 'policy', text: policy, note }, {})
    }
    expect(ask(asked)).toEqual(expected)
  })

  test('refuse with us what was changed, and take whatever we take', async () => {
    const checkpoint = await checkpointOf(21n, [log, ...witnesses.slice(0, 1)])
    const body = checkpoint.slice(0, checkpoint.indexOf('\n\n') + 1)
    const changed = changes(checkpoint)
    const answers = ask(changed.map((text) => ({ kind: 'checkpoint', text, vkeys, origin })))
    for (const [i, text] of changed.entries()) {
      const [ours, theirs] = [await isOurs(text), answers[i]?.ok]
      if (ours || i < body.length) expect([text, theirs]).toEqual([text, ours])
    }
    expect(await Promise.all(changed.slice(0, body.length).map(isOurs))).not.toContain(true)

    const entry = entries[5] ?? new Uint8Array()
    const proof = await proofOf(5, encodeUtf8('extra data'))
    const [begin, end] = [proof.indexOf('index '), proof.indexOf('\n\n')]
    const changedProofs = changes(proof).slice(0, end)
    const verdicts = ask(
      changedProofs.map((text) => {
        return { kind: 'proof', text, vkeys, origin, entry: encodeBase64(entry) }
      }),
    )
    for (const [i, text] of changedProofs.entries()) {
      const [ours, theirs] = [await isProven(text, entry), verdicts[i]?.ok]
      if (ours || i >= begin) expect([text, theirs]).toEqual([text, ours])
      // Nothing signs what stands in `extra`.
      if (i >= begin) expect(ours).toBe(false)
    }

    const other = encodeBase64(entries[6] ?? new Uint8Array())
    const alone = await checkpointOf(21n, [log, ...witnesses.slice(0, 1)])
    expect(
      ask([
        { kind: 'proof', text: proof, vkeys, origin, entry: other },
        { kind: 'proof', text: proof, vkeys, origin: 'other', entry: encodeBase64(entry) },
        { kind: 'policy', text: policy, note: alone },
      ]),
    ).toMatchObject([{ ok: false }, { ok: false }, { ok: false }])
  })

  test('write what we verify, and not once it is changed', async () => {
    const made: Made = JSON.parse(run('make', ''))
    const theirLog = nodeEd25519NoteVerifier(made.log)
    const theirWitness = cosignatureVerifier(made.witness, nodeVerifyEd25519)
    const all = [theirLog, theirWitness]

    const note = await openNote(made.note, [theirLog])
    expect(note).toMatchObject({
      ok: true,
      note: { text: 'Zwölf Boxkämpfer\n\njagen Viktor\n' },
    })
    for (const text of [made.note, made.checkpoint, made.cosigned]) {
      const parsed = parseNote(text)
      expect(parsed.ok && formatNote(parsed.note)).toBe(text)
    }
    for (const vkey of [made.log, made.witness]) {
      const { name = '', type = 0, publicKey = new Uint8Array() } = parseVkey(vkey) ?? {}
      expect(formatVkey(name, type, publicKey)).toBe(vkey)
    }

    const head = { origin: made.origin, size: 21n, extensions: [] }
    const opened = await openCheckpoint(made.cosigned, made.origin, all)
    if (!opened.ok) throw new Error(opened.detail)
    expect(opened.checkpoint).toEqual({ ...head, root: decodeBase64(made.root) })
    expect(opened.verified.map(({ name }) => name)).toEqual([
      made.origin,
      'interop.example/witness',
    ])
    const cosignature = parseCosignature(opened.verified[1]?.signature ?? new Uint8Array())
    expect(cosignature?.time).toBeGreaterThan(1_700_000_000n)
    // The ML-DSA-44 signature is by a key that we don't know.
    expect(opened.note.signatures.map(({ name }) => name)).toContain('interop.example/mldsa')
    const text = `log ${made.log}\nwitness w ${made.witness}\nquorum w\n`
    const parsedPolicy = parsePolicy(text)
    if (!parsedPolicy.ok) throw new Error(parsedPolicy.detail)
    const verdictOf = (checkpoint: string): ReturnType<typeof evaluateCheckpoint> =>
      evaluateCheckpoint(checkpoint, parsedPolicy.policy)
    expect(await verdictOf(made.cosigned)).toMatchObject({ logVerified: true, witnessed: true })
    expect(await verdictOf(made.checkpoint)).toMatchObject({ logVerified: true, witnessed: false })

    for (const [i, text] of made.proofs.entries()) {
      const parsed = parseTlogProof(text)
      if (!parsed.ok) throw new Error(parsed.detail)
      expect(formatTlogProof(parsed.proof)).toBe(text)
      const { index, hashes, extra, checkpoint } = parsed.proof
      expect([index, checkpoint]).toEqual([BigInt(i), made.cosigned])
      expect(extra).toEqual(encodeUtf8(`extra ${i}`))
      const entry = decodeBase64(made.entries[i] ?? '') ?? new Uint8Array()
      const proof = { index, hashes, leafHash: hashLeaf(entry), ...opened.checkpoint }
      expect(verifyInclusion(proof)).toEqual({ ok: true })
      const other = hashLeaf(Uint8Array.of(...entry, 0))
      expect(verifyInclusion({ ...proof, leafHash: other })).toMatchObject({ ok: false })
    }

    const body = made.cosigned.slice(0, made.cosigned.indexOf('\n\n') + 1)
    for (const changed of changes(made.cosigned).slice(0, body.length)) {
      expect((await openCheckpoint(changed, made.origin, all)).ok).toBe(false)
    }
  })
})
