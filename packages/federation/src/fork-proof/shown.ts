/** Fork proofs as those see them who are shown one: told from other files, and as JSON. */
import { encodeHex, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { forkMediaType, type ProvenFork } from './types.ts'
import type { ForkVerdict } from './verdict.ts'

/** A fork that is proven, as JSON. */
export interface ShownFork {
  /** SHA-256 of what the two heads say, in hex. */
  readonly id: string
  readonly origin: string
  /** The vkeys of the log that signed both heads, or else all that signed one. */
  readonly keys: readonly string[]
  /** In the order of the proof; sizes in decimal, roots in hex. */
  readonly heads: readonly {
    readonly checkpoint: string
    /** The names of the policy's witnesses that cosigned it. */
    readonly cosigners: readonly string[]
    readonly root: string
    readonly size: string
  }[]
  /** How many entries are common, in decimal, where the proof shows it. */
  readonly divergence?: string
}

const marker = encodeUtf8(`"${forkMediaType}"`)

/** Whether bytes say of themselves that they are a fork proof. A proof bundle never does. */
export function claimsFork(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0x22); at >= 0; at = bytes.indexOf(0x22, at + 1)) {
    if (marker.every((byte, i) => bytes[at + i] === byte)) return true
  }
  return false
}

function signersOf({ heads }: ProvenFork): readonly string[] {
  const [first = [], second = []] = heads.map(({ signatures }) =>
    signatures.filter(({ by }) => by === 'log').map(({ vkey }) => vkey),
  )
  const both = first.filter((vkey) => second.includes(vkey))
  return both.length > 0 ? both : [...new Set([...first, ...second])]
}

/** What a verdict proves; undefined where it proves nothing. */
export function shownFork({ fork, standing }: ForkVerdict): ShownFork | undefined {
  if (fork === undefined) return undefined
  const { id, origin, heads, divergence } = fork
  return {
    ...(divergence === undefined ? {} : { divergence: String(divergence.size) }),
    heads: heads.map(({ size, root, checkpoint }, i) => ({
      checkpoint,
      cosigners: standing?.[i]?.cosigners ?? [],
      root: encodeHex(root),
      size: String(size),
    })),
    id,
    keys: signersOf(fork),
    origin,
  }
}
