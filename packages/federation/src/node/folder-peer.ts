/** A peer in a folder of this machine: a workspace, or a published log. */
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { decodeUtf8 } from '@vaultmesh/merkle/bytes'
import { posixTiles, type TileReader } from '@vaultmesh/tlog'
import { parseForkProof } from '../fork-proof/parse.ts'
import { maxForkProofBytes } from '../fork-proof/types.ts'
import { maxHeadBytes } from '../head.ts'
import type { PeerLog } from './config.ts'
import { proofFile, proofIdsIn } from './evidence-files.ts'
import { getFile } from './files.ts'
import { maxProofs, type OfferedHead, type OfferedProof } from './heads.ts'
import { originDigest } from './paths.ts'
import type { Peer, PeerHeads } from './peer.ts'

/** A namespace of a workspace has at most so many logs that are looked at. */
const maxFolders = 1024

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.toSorted().slice(0, maxFolders)
}

/** A file of a peer. One that can't be read is not there: it does not stand for its other files. */
async function readIn(path: string, limit: number): Promise<Uint8Array | undefined> {
  return getFile(path, limit).catch(() => undefined)
}

/** The checkpoint in a folder, where it says that it is one of `origin`. */
async function checkpointOf(directory: string, origin: string): Promise<string | undefined> {
  const bytes = await readIn(join(directory, 'checkpoint'), maxHeadBytes)
  const text = bytes && decodeUtf8(bytes)
  return text?.startsWith(`${origin}\n`) === true ? text : undefined
}

class FolderPeer implements Peer {
  readonly location: string
  readonly requests = 0
  readonly #origins: ReadonlySet<string>
  readonly #places = new Map<string, string>()

  constructor(folder: string, origins: ReadonlySet<string>) {
    this.location = resolve(folder)
    this.#origins = origins
  }

  async heads(): Promise<PeerHeads> {
    const found = await stat(this.location)
    if (!found.isDirectory()) throw new Error(`${this.location} is not a folder`)
    const own = join(this.location, '.vaultmesh', 'logs')
    const logs = await namesIn(own)
    const folders = [this.location, ...logs.map((name) => join(own, name))]
    const heads: OfferedHead[] = []
    for (const origin of this.#origins) {
      const mirror = join(this.location, '.vaultmesh', 'mirrors', originDigest(origin))
      for (const directory of [...folders, mirror]) {
        const checkpoint = await checkpointOf(directory, origin)
        if (checkpoint === undefined) continue
        this.#places.set(origin, directory)
        heads.push({ origin, checkpoint })
        break
      }
    }
    return { status: 'changed', document: { heads, proofs: await this.#proofs() } }
  }

  async #proofs(): Promise<OfferedProof[]> {
    const offered: OfferedProof[] = []
    for (const id of (await proofIdsIn(this.#evidence)).slice(0, maxProofs)) {
      const parsed = parseForkProof((await this.proof(id)) ?? new Uint8Array())
      if (parsed.ok) offered.push({ id, origin: parsed.proof.origin })
    }
    return offered
  }

  tiles({ origin }: PeerLog): TileReader {
    return posixTiles(this.#places.get(origin) ?? this.location)
  }

  proof(id: string): Promise<Uint8Array | undefined> {
    return readIn(proofFile(this.#evidence, id), maxForkProofBytes)
  }

  async offer(): Promise<boolean> {
    // What is in somebody else's folder is theirs to write.
    return false
  }

  get #evidence(): string {
    return join(this.location, '.vaultmesh', 'evidence')
  }
}

/** A peer in a folder, in which the logs of these origins are looked for. */
export function folderPeer(folder: string, origins: ReadonlySet<string>): Peer {
  return new FolderPeer(folder, origins)
}
