/** Signed heads: checkpoints of which only what was verified is kept. */
import { encodeHex, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { parseCheckpoint } from '@vaultmesh/merkle/checkpoint'
import { cosignatureVerifier } from '@vaultmesh/merkle/cosignature'
import { type Ed25519Verify, verifyEd25519 } from '@vaultmesh/merkle/ed25519'
import {
  ed25519NoteVerifier,
  formatNote,
  maxSignatures,
  type NoteSignature,
  type NoteVerifier,
  openNote,
} from '@vaultmesh/merkle/note'
import { hasQuorum, type TlogPolicy } from '@vaultmesh/merkle/policy'
import type { TreeHead } from '@vaultmesh/merkle/tiles'

/**
 * The longest text of a head that is taken, in bytes of UTF-8, without its signatures. With no limit
 * a log could fork by two heads that are too long to be shown to others in one fork proof.
 */
export const maxHeadTextBytes: number = 16 * 1024

/** The longest head that is taken, in bytes of UTF-8, with the signatures that count. */
export const maxHeadBytes: number = 64 * 1024

/** One size of a log, with the signed checkpoint that says so. */
export interface HeadNote extends TreeHead {
  readonly origin: string
  /** The signed checkpoint (a C2SP signed note), verbatim. */
  readonly checkpoint: string
}

/** A signature that was verified. */
export interface HeadSignature {
  readonly by: 'log' | 'witness'
  /** The key that made it, as a vkey: of type 1 for a log, of type 4 for a witness. */
  readonly vkey: string
  readonly signature: NoteSignature
}

/** A head that its log signed, with nothing in it that was not verified. Made by {@link openHead}. */
export interface SignedHead extends HeadNote {
  /** What is signed: the checkpoint without its signatures. Two heads are the same where this is. */
  readonly text: string
  /**
   * One for each key, the log's first, then by vkey. Of several cosignatures by one witness, the
   * one with the earliest time.
   */
  readonly signatures: readonly HeadSignature[]
}

/** Why a checkpoint is not taken as a head. */
export interface HeadRefusal {
  readonly ok: false
  readonly code:
    | 'BAD_SIGNATURE'
    | 'MALFORMED'
    | 'NO_TRUSTED_SIGNATURE'
    | 'ORIGIN_MISMATCH'
    | 'TOO_LARGE'
  readonly detail: string
}

/** What a policy says of a head. */
export interface HeadStanding {
  /** Whether a key of the log signed it: one of those that the policy names for its origin. */
  readonly isSigned: boolean
  /** Whether the quorum cosigned it, or `none-required` where the policy asks for none. */
  readonly witnessed: boolean | 'none-required'
  /** The policy's names of the witnesses that cosigned it. */
  readonly cosigners: readonly string[]
}

/** The order of code units, which is the same everywhere. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** The order of heads of one log: by size, then by root, then by text. */
export function compareHeadOrder(
  a: TreeHead & { readonly text: string },
  b: TreeHead & { readonly text: string },
): number {
  if (a.size !== b.size) return a.size < b.size ? -1 : 1
  return compareText(encodeHex(a.root), encodeHex(b.root)) || compareText(a.text, b.text)
}

function compareSignatures(a: HeadSignature, b: HeadSignature): number {
  return (
    compareText(a.by, b.by) ||
    compareText(a.vkey, b.vkey) ||
    compareText(encodeHex(a.signature.signature), encodeHex(b.signature.signature))
  )
}

/** The first signature of each key, sorted; as many as a note may have. */
function firstOfEach(signatures: readonly HeadSignature[]): HeadSignature[] {
  const sorted = signatures.toSorted(compareSignatures)
  return sorted.filter(({ vkey }, i) => vkey !== sorted[i - 1]?.vkey).slice(0, maxSignatures)
}

function headOf(
  origin: string,
  tree: TreeHead,
  text: string,
  signatures: readonly HeadSignature[],
): SignedHead {
  const checkpoint = formatNote({ text, signatures: signatures.map(({ signature }) => signature) })
  return { origin, size: tree.size, root: tree.root, text, signatures, checkpoint }
}

interface PolicyKey {
  readonly by: 'log' | 'witness'
  readonly vkey: string
  readonly verifier: NoteVerifier
}

function keysOf(policy: TlogPolicy, verify: Ed25519Verify): PolicyKey[] {
  return [
    ...policy.logs.map(({ vkey }) => {
      return { by: 'log' as const, vkey, verifier: ed25519NoteVerifier(vkey, verify) }
    }),
    ...policy.witnesses.map(({ vkey }) => {
      return { by: 'witness' as const, vkey, verifier: cosignatureVerifier(vkey, verify) }
    }),
  ]
}

function refuse(code: HeadRefusal['code'], detail: string): HeadRefusal {
  return { ok: false, code, detail }
}

/**
 * Verifies a signed checkpoint: that it is one of the log `origin`, and that a key of that log,
 * named by `policy`, signed it. Whether a quorum cosigned it is left to {@link standingOf}.
 *
 * One bad signature under a name and id of the policy refuses it as a whole, as in
 * `evaluateCheckpoint`. Signatures of keys that the policy does not name are left out. `verify`
 * replaces the way signatures are checked. Never throws on a bad checkpoint.
 */
export async function openHead(
  checkpoint: Uint8Array | string,
  origin: string,
  policy: TlogPolicy,
  verify: Ed25519Verify = verifyEd25519,
): Promise<{ readonly ok: true; readonly head: SignedHead } | HeadRefusal> {
  const keys = keysOf(policy, verify)
  const opened = await openNote(
    checkpoint,
    keys.map(({ verifier }) => verifier),
  )
  if (!opened.ok) return refuse(opened.code, opened.detail)
  const { text, signatures } = opened.note
  const parsed = parseCheckpoint(text)
  if (!parsed.ok) return refuse(parsed.code, parsed.detail)
  const tree = parsed.checkpoint
  if (tree.origin !== origin) {
    return refuse('ORIGIN_MISMATCH', `the checkpoint is of ${tree.origin}, not of ${origin}`)
  }
  const verified = signatures.flatMap((signature) =>
    keys
      .filter(({ by, verifier: { name, keyId } }) => {
        const isOurs = name === signature.name && keyId === signature.keyId
        return isOurs && (by === 'witness' || name === origin)
      })
      .map(({ by, vkey }) => ({ by, vkey, signature })),
  )
  if (!verified.some(({ by }) => by === 'log')) {
    return refuse('NO_TRUSTED_SIGNATURE', `no trusted key of the log ${origin} signed it`)
  }
  const head = headOf(origin, tree, text, firstOfEach(verified))
  const isShort =
    encodeUtf8(text).length <= maxHeadTextBytes &&
    encodeUtf8(head.checkpoint).length <= maxHeadBytes
  if (isShort) return { ok: true, head }
  return refuse(
    'TOO_LARGE',
    `it is longer than ${maxHeadTextBytes} bytes, or than ${maxHeadBytes} with its signatures`,
  )
}

/**
 * What a policy says of a head that was verified under it or under another policy. Keys count, not
 * names: a signature by a key that this policy does not name says nothing.
 */
export function standingOf({ signatures }: SignedHead, policy: TlogPolicy): HeadStanding {
  const signers = new Set(signatures.map(({ vkey }) => vkey))
  const cosigners = policy.witnesses.filter(({ vkey }) => signers.has(vkey)).map(({ name }) => name)
  return {
    isSigned: policy.logs.some(({ vkey }) => signers.has(vkey)),
    witnessed: hasQuorum(policy, cosigners),
    cosigners,
  }
}

/** One head with the signatures of two that have one text. */
export function joinHeads(a: SignedHead, b: SignedHead): SignedHead {
  if (a.checkpoint === b.checkpoint) return a
  return headOf(a.origin, a, a.text, firstOfEach([...a.signatures, ...b.signatures]))
}
