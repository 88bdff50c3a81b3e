/** Holds a signed checkpoint to a policy. */
import { type Checkpoint, parseCheckpoint } from '../checkpoint.ts'
import { cosignatureVerifier } from '../cosignature.ts'
import { type Ed25519Verify, verifyEd25519 } from '../ed25519.ts'
import { openNote } from '../note/open.ts'
import type { NoteSignature } from '../note/text.ts'
import { ed25519NoteVerifier, type NoteVerifier } from '../note/verifier.ts'
import { noQuorum, type TlogPolicy } from './types.ts'

/** What a policy says of a checkpoint. It is valid where `logVerified` is true and `witnessed` is not false. */
export interface PolicyVerdict {
  /** Whether a log of the policy, whose name is the checkpoint's origin, signed it. */
  readonly logVerified: boolean
  /** Whether the quorum cosigned it, or `none-required` where the policy asks for none. */
  readonly witnessed: boolean | 'none-required'
  /** The policy's names of the witnesses that cosigned it, in the policy's order. */
  readonly cosigners: readonly string[]
  /** What was signed. Only where `logVerified`. */
  readonly checkpoint?: Checkpoint
  /** Why the log's signature was not accepted. Only where not `logVerified`. */
  readonly failure?: PolicyRefusal
}

/** Why a checkpoint is not a log's. */
export interface PolicyRefusal {
  readonly code: 'MALFORMED' | 'NO_TRUSTED_SIGNATURE' | 'BAD_SIGNATURE'
  readonly detail: string
}

function isBy({ name, keyId }: NoteVerifier): (signature: NoteSignature) => boolean {
  return (signature) => signature.name === name && signature.keyId === keyId
}

/**
 * Whether the witnesses of these names, as the policy calls them, are a quorum; `none-required`
 * where the policy asks for none. That they cosigned is for the caller to have verified.
 */
export function hasQuorum(
  policy: TlogPolicy,
  cosigners: readonly string[],
): boolean | 'none-required' {
  if (policy.quorum === noQuorum) return 'none-required'
  const witnessed = new Set(cosigners)
  // Members are defined before the groups that name them, so one pass sees every group.
  for (const { name, threshold, members } of policy.groups) {
    if (members.filter((member) => witnessed.has(member)).length >= threshold) witnessed.add(name)
  }
  return witnessed.has(policy.quorum)
}

function refused(
  policy: TlogPolicy,
  cosigners: readonly string[],
  { code, detail }: PolicyRefusal,
): PolicyVerdict {
  const witnessed = hasQuorum(policy, cosigners)
  return { logVerified: false, witnessed, cosigners, failure: { code, detail } }
}

/**
 * Verifies a signed checkpoint against a policy of `parsePolicy`.
 *
 * One bad signature under the name and id of a log or witness of the policy rejects the checkpoint
 * as a whole. The times of cosignatures are not judged. `verify` replaces the way signatures are
 * checked. Never throws on a bad checkpoint.
 */
export async function evaluateCheckpoint(
  input: Uint8Array | string,
  policy: TlogPolicy,
  verify: Ed25519Verify = verifyEd25519,
): Promise<PolicyVerdict> {
  const logs = policy.logs.map(({ vkey }) => ed25519NoteVerifier(vkey, verify))
  const witnesses = policy.witnesses.map(({ name, vkey }) => ({
    name,
    verifier: cosignatureVerifier(vkey, verify),
  }))
  const opened = await openNote(input, [...logs, ...witnesses.map(({ verifier }) => verifier)])
  if (!opened.ok) return refused(policy, [], opened)
  const parsed = parseCheckpoint(opened.note.text)
  if (!parsed.ok) return refused(policy, [], parsed)
  const { verified } = opened
  const { checkpoint } = parsed
  const cosigners = witnesses
    .filter(({ verifier }) => verified.some(isBy(verifier)))
    .map(({ name }) => name)
  if (logs.some((log) => log.name === checkpoint.origin && verified.some(isBy(log)))) {
    return { logVerified: true, witnessed: hasQuorum(policy, cosigners), cosigners, checkpoint }
  }
  return refused(policy, cosigners, {
    code: 'NO_TRUSTED_SIGNATURE',
    detail: `no log of the policy signed this checkpoint as ${checkpoint.origin}`,
  })
}
