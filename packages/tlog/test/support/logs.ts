import { createPrivateKey, hash, type KeyObject } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { encodeHex, equalBytes } from '@vaultmesh/merkle/bytes'
import { parseCheckpoint } from '@vaultmesh/merkle/checkpoint'
import { ed25519NoteSigner, nodeEd25519NoteVerifier } from '@vaultmesh/merkle/node'
import type { NoteSigner, NoteVerifier } from '@vaultmesh/merkle/note'
import type { FileSystem } from '../../src/fs.ts'
import { type LogOptions, nodeFileSystem, type Tree } from '../../src/index.ts'
import { PosixStage } from '../../src/posix/stage.ts'

export const origin = 'example.com/vm/payments'

/** An Ed25519 key that is the same in every run. */
export function testKey(seed: number): KeyObject {
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
  return createPrivateKey({
    key: Buffer.concat([prefix, Buffer.alloc(32, seed)]),
    format: 'der',
    type: 'pkcs8',
  })
}

/** The size and root of something that was signed, as text. */
export interface Signed {
  readonly size: bigint
  readonly root: string
}

/** `signer`, noting all it signs. */
function recorded(inner: NoteSigner): { signer: NoteSigner; signed: Signed[] } {
  const signed: Signed[] = []
  const signer: NoteSigner = {
    name: inner.name,
    keyId: inner.keyId,
    sign(text) {
      const parsed = parseCheckpoint(new TextDecoder().decode(text))
      if (!parsed.ok) throw new Error(parsed.detail)
      signed.push({ size: parsed.checkpoint.size, root: encodeHex(parsed.checkpoint.root) })
      return inner.sign(text)
    },
  }
  return { signer, signed }
}

/** A log key that remembers all it signed. */
export function recordingKey(
  name = origin,
  seed = 1,
): { signer: NoteSigner; verifier: NoteVerifier; signed: Signed[] } {
  const inner = ed25519NoteSigner(name, testKey(seed))
  return { ...recorded(inner), verifier: nodeEd25519NoteVerifier(inner.vkey) }
}

/** As {@link recordingKey}, with digests for signatures: for tests that sign thousands of times. */
export function digestKey(): { signer: NoteSigner; verifier: NoteVerifier; signed: Signed[] } {
  const sign = (text: Uint8Array): Uint8Array => digest(7, text)
  const key = { name: origin, keyId: 7 }
  const verify: NoteVerifier['verify'] = (text, signature) => equalBytes(sign(text), signature)
  return { ...recorded({ ...key, sign }), verifier: { ...key, verify } }
}

/** Options of a log below `directory`, with its folder of state made, and what its key signs. */
export function testLog(
  directory: string,
  fileSystem?: FileSystem,
): { options: LogOptions; signed: Signed[] } {
  const { signer, verifier, signed } = recordingKey()
  const stateDirectory = join(directory, 'state')
  mkdirSync(stateDirectory, { recursive: true })
  const options: LogOptions = {
    directory: join(directory, 'tree'),
    stateDirectory,
    origin,
    signers: [signer],
    verifiers: [verifier],
    lockTimeoutMs: 0,
    ...(fileSystem === undefined ? {} : { fileSystem }),
  }
  return { options, signed }
}

/** Stages entries, and nothing else, as a writer does that is stopped right then. */
export async function stageEntries(
  { stateDirectory, origin: name }: LogOptions,
  base: Tree,
  first: bigint,
  texts: readonly string[],
): Promise<void> {
  const stage = new PosixStage(nodeFileSystem, join(stateDirectory, 'stage'), name)
  await stage.open()
  await stage.append(first, texts.map(bytesOf), base)
  await stage.close()
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function digest(prefix: number, ...parts: Uint8Array[]): Uint8Array {
  const input = Buffer.concat([Uint8Array.of(prefix), ...parts])
  return new Uint8Array(hash('sha256', input, 'buffer'))
}

/** The root by the definition of RFC 6962 section 2.1, without any of the code under test. */
export function naiveRoot(entries: readonly Uint8Array[]): Uint8Array {
  const [first, second] = entries
  if (first === undefined) return new Uint8Array(hash('sha256', '', 'buffer'))
  if (second === undefined) return digest(0, first)
  let split = 1
  while (split * 2 < entries.length) split *= 2
  return digest(1, naiveRoot(entries.slice(0, split)), naiveRoot(entries.slice(split)))
}

/** A small generator of numbers below `bound`, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): (bound: number) => number {
  let state = seed >>> 0
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000) * bound)
  }
}
