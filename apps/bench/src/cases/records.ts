/** Signing and verifying records, beside gpg. */
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeBase64 } from '@vaultmesh/merkle/bytes'
import { formatCheckpoint } from '@vaultmesh/merkle/checkpoint'
import { ed25519NoteSigner, nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { signNote } from '@vaultmesh/merkle/note'
import { buildInclusion, buildRoot } from '@vaultmesh/merkle/proof'
import { hashLeaf, hashNode } from '@vaultmesh/merkle/rfc6962'
import { formatTlogProof } from '@vaultmesh/merkle/tlog-proof'
import {
  buildRecord,
  ed25519RecordSigner,
  encodeBundle,
  encodeEntry,
  preAuthenticationEncoding,
  sealRecord,
  writeCanonicalJson,
} from '@vaultmesh/remembrancer'
import { parseTrustPolicy, verifyBundle } from '@vaultmesh/remembrancer/verify'
import type { BenchCase, CaseContext, ProcessVariant } from '../harness/case.ts'
import type { Absence } from '../harness/result.ts'
import { fixedEntries } from './entries.ts'

const namespace = 'payments'
const origin = 'example.com/vm/payments'
const now = new Date('2026-11-23T12:00:00Z')
const input =
  'A decision of about 600 bytes, signed by one Ed25519 key; gpg signs and verifies the same bytes with an Ed25519 key of its own.'

/** A record, how it is signed, and a bundle that proves it in a log of 256 entries. */
async function makeScene() {
  const signer = ed25519RecordSigner(generateKeyPairSync('ed25519').privateKey)
  const { record } = buildRecord(
    {
      kind: 'decision',
      title: 'Use PostgreSQL for orders',
      body: { text: 'Because it is there, and all of us know how to run it.' },
      details: { status: 'accepted' },
    },
    { namespace, now },
  )
  const seal = { signers: [signer], sources: [] }
  const entry = encodeEntry(await sealRecord(record, seal))

  const entries = [...fixedEntries(255, 600), entry]
  const leaves = entries.map(hashLeaf)
  const read = (level: number, at: bigint): Uint8Array =>
    level === 0
      ? (leaves[Number(at)] ?? new Uint8Array())
      : hashNode(read(level - 1, 2n * at), read(level - 1, 2n * at + 1n))
  const size = BigInt(entries.length)
  const index = size - 1n
  const logKey = ed25519NoteSigner(origin, generateKeyPairSync('ed25519').privateKey)
  const text = formatCheckpoint({ origin, size, root: await buildRoot(size, read), extensions: [] })
  const checkpoint = await signNote(text, [logKey])
  const hashes = await buildInclusion(index, size, read)
  const bundle = encodeBundle({ entry, proof: formatTlogProof({ index, hashes, checkpoint }) })

  const parsed = parseTrustPolicy(
    writeCanonicalJson({
      mediaType: 'application/vnd.vaultmesh.policy.v0+json',
      keys: [
        {
          algorithm: 'ed25519',
          name: 'Ada',
          namespaces: [namespace],
          publicKey: encodeBase64(signer.publicKey),
          roles: ['record'],
          validFrom: '2026-01-01T00:00:00Z',
        },
      ],
      logs: [{ namespaces: [namespace], origin, policy: `log ${logKey.vkey}\nquorum none\n` }],
      require: { independentTime: false, signatures: 1, timestamps: 0, witnesses: false },
      timeAuthorities: [],
    }),
  )
  if (!parsed.ok) throw new Error(parsed.problems.join('; '))
  return { record, seal, bundle, policy: parsed.policy }
}

interface Gpg {
  /** The variant that signs, and the one that verifies. */
  readonly sign: ProcessVariant
  readonly verify: ProcessVariant
  readonly close: () => void
}

function startGpg({ program }: CaseContext, data: Uint8Array): Gpg | undefined {
  const gpg = program('gpg')
  if (gpg === undefined) return undefined
  // The agent's sockets need a short path.
  const home = mkdtempSync(join(tmpdir(), 'g-'))
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, GNUPGHOME: home, LC_ALL: 'C' }
  const always = ['--batch', '--no-tty', '--pinentry-mode', 'loopback', '--passphrase', '']
  const run = (...args: string[]) =>
    execFileSync(gpg, [...always, ...args], { env, stdio: 'ignore' })
  run('--quick-generate-key', 'Ada <ada@example.com>', 'ed25519', 'sign', 'never')
  const file = join(home, 'data')
  writeFileSync(file, data)
  run('--output', `${file}.sig`, '--detach-sign', file)
  // The trust database is looked through now and then, which is no part of a verdict.
  run('--check-trustdb')
  const base = { kind: 'process', role: 'peer', cwd: home, env } as const
  return {
    sign: {
      ...base,
      name: 'gpg --detach-sign',
      note: 'a process per signature; its agent is running',
      command: [gpg, ...always, '--yes', '--output', `${file}.new`, '--detach-sign', file],
      result: () => 'signed',
    },
    verify: {
      ...base,
      name: 'gpg --verify',
      note: 'a process per signature: the signature alone',
      command: [gpg, ...always, '--verify', `${file}.sig`, file],
      result: (output) => (output.includes('Good signature') ? 'holds' : 'fails'),
    },
    close() {
      execFileSync('gpgconf', ['--kill', 'all'], { env, stdio: 'ignore' })
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function recordCase(
  title: string,
  which: 'sign' | 'verify',
  note: string,
  job: (scene: Awaited<ReturnType<typeof makeScene>>) => () => Promise<string>,
): BenchCase {
  return {
    title,
    async prepare(context) {
      const scene = await makeScene()
      const gpg = startGpg(context, preAuthenticationEncoding(scene.record.bytes))
      const absent: Absence[] =
        gpg === undefined ? [{ name: `gpg ${which}`, why: 'no gpg here', missing: true }] : []
      return {
        input,
        variants: [
          { kind: 'call', name: 'ours', role: 'ours', note, run: job(scene), result: String },
          ...(gpg === undefined ? [] : [gpg[which]]),
        ],
        absent,
        dispose: () => gpg?.close(),
      }
    },
  }
}

/** Beside `gpg --verify`. */
export const verifyRecord: BenchCase = recordCase(
  'Verify an Ed25519 record',
  'verify',
  '`verifyBundle` with `nodeVerifyEd25519`: the whole verdict, with the format, the signature, the checkpoint and the inclusion in the log',
  ({ bundle, policy }) =>
    async () =>
      (await verifyBundle(bundle, policy, { verify: nodeVerifyEd25519 })).ok ? 'holds' : 'fails',
)

/** Beside `gpg --detach-sign`. */
export const signRecord: BenchCase = recordCase(
  'Sign a record with Ed25519',
  'sign',
  '`sealRecord` and `encodeEntry`: a whole log entry, without timestamps',
  ({ record, seal }) =>
    async () => {
      const { length } = encodeEntry(await sealRecord(record, seal))
      return length > 0 ? 'signed' : 'empty'
    },
)
