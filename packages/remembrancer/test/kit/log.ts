/** A log in memory, for bundles that no workspace would make. */
import type { KeyObject } from 'node:crypto'
import { formatCheckpoint } from '@vaultmesh/merkle/checkpoint'
import { ed25519Cosigner } from '@vaultmesh/merkle/cosignature'
import { ed25519NoteSigner, ed25519Signer } from '@vaultmesh/merkle/node'
import { type NoteSigner, signNote } from '@vaultmesh/merkle/note'
import { buildInclusion, buildRoot } from '@vaultmesh/merkle/proof'
import { hashLeaf, hashNode } from '@vaultmesh/merkle/rfc6962'
import { formatTlogProof } from '@vaultmesh/merkle/tlog-proof'
import { ed25519Key } from './keys.ts'

/** A witness with the key of its name. */
export function witness(name: string, time: Date): NoteSigner & { readonly vkey: string } {
  const now = () => BigInt(Math.floor(time.getTime() / 1000))
  return ed25519Cosigner({ name, signer: ed25519Signer(ed25519Key(`witness ${name}`)), now })
}

export interface TestLog {
  readonly origin: string
  readonly entries: readonly Uint8Array[]
  readonly key: KeyObject
  readonly witnesses?: readonly NoteSigner[]
  readonly extensions?: readonly string[]
}

export async function provenIn(log: TestLog, index: number): Promise<string> {
  const { origin, entries, key, witnesses = [], extensions = [] } = log
  const size = BigInt(entries.length)
  const leaves = entries.map(hashLeaf)
  const read = (level: number, at: bigint): Uint8Array => {
    if (level === 0) return leaves[Number(at)] ?? new Uint8Array()
    return hashNode(read(level - 1, 2n * at), read(level - 1, 2n * at + 1n))
  }
  const root = await buildRoot(size, read)
  const text = formatCheckpoint({ origin, size, root, extensions })
  const checkpoint = await signNote(text, [ed25519NoteSigner(origin, key), ...witnesses])
  const hashes = await buildInclusion(BigInt(index), size, read)
  return formatTlogProof({ index: BigInt(index), hashes, checkpoint })
}
