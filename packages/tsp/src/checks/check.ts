/** How a check is written: what it needs, what it says, and what it learns for later checks. */
import type { Bytes } from '../bytes.ts'
import type { Certificate } from '../certificate.ts'
import type { SignedData, SignerInfo } from '../cms.ts'
import { type DerElement, DerError } from '../der.ts'
import type { DigestAlgorithm } from '../digest.ts'
import { printable } from '../name.ts'
import type { CertificatePath } from '../path.ts'
import type { SignatureAlgorithm } from '../signature-algorithm.ts'
import type { TokenTime } from '../time.ts'
import type { TstInfo } from '../tst-info.ts'
import type {
  TimeAuthority,
  TimestampCheck,
  TimestampCheckId,
  TimestampCheckStatus,
  VerifyOptions,
} from '../verdict.ts'

/** What is known about a token so far. Each is learned by one check. */
export interface Facts {
  /** The token, copied, at most 64 KiB. */
  readonly bytes: Bytes
  /** What reading it gave: the element, or the fault. */
  readonly parsed: DerElement | DerError
  readonly element: DerElement
  readonly signedDataElement: DerElement
  readonly signedData: SignedData
  /** The bytes of the TSTInfo. */
  readonly content: Bytes
  readonly signerInfo: SignerInfo
  readonly digest: DigestAlgorithm
  /** The single value of each signed attribute, by OID. */
  readonly attributes: ReadonlyMap<string, DerElement>
  /** The embedded certificates that can be read. */
  readonly certificates: readonly Certificate[]
  readonly leaf: Certificate
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly tstInfo: TstInfo
  readonly genTime: TokenTime
  readonly chosen: Candidate
}

/** A path from the signer to an anchor, and the authority whose anchor that is. */
export interface Candidate {
  readonly path: CertificatePath
  readonly authority: TimeAuthority
}

/** The name of a fact. */
export type FactName = keyof Facts

/** What the caller gave. */
export interface Given {
  readonly token: Uint8Array
  readonly options: VerifyOptions
}

/** What a check says. It may have learned facts even where it fails. */
export interface Outcome {
  readonly status: Exclude<TimestampCheckStatus, 'skipped'>
  readonly detail: string
  readonly facts?: Partial<Facts>
}

/** A check that can be run. */
export interface RunnableCheck {
  readonly id: TimestampCheckId
  run(
    given: Given,
    facts: Partial<Facts>,
  ): Promise<{ check: TimestampCheck; facts: Partial<Facts> }>
}

/** It holds. */
export function pass(detail: string, facts: Partial<Facts> = {}): Outcome {
  return { status: 'pass', detail, facts }
}

/** It does not hold. */
export function fail(detail: string, facts: Partial<Facts> = {}): Outcome {
  return { status: 'fail', detail, facts }
}

function hasAll<K extends FactName>(
  facts: Partial<Facts>,
  needs: readonly K[],
): facts is Partial<Facts> & Pick<Facts, K> {
  return needs.every((need) => facts[need] !== undefined)
}

/**
 * Makes a check. It is skipped where a fact that it needs is missing, and fails where what it reads
 * is not the DER that it expects.
 */
export function defineCheck<K extends FactName>(definition: {
  readonly id: TimestampCheckId
  readonly reference: string
  readonly needs: readonly K[]
  judge(facts: Pick<Facts, K>, given: Given, all: Partial<Facts>): Outcome | Promise<Outcome>
}): RunnableCheck {
  const { id, reference, needs, judge } = definition
  return {
    id,
    async run(given, facts) {
      const report = (
        status: TimestampCheckStatus,
        detail: string,
        learned: Partial<Facts> = {},
      ) => ({
        // Parts of a detail may come out of the token.
        check: { id, status, reference, detail: printable(detail) },
        facts: learned,
      })
      if (!hasAll(facts, needs)) return report('skipped', 'an earlier check failed')
      try {
        const outcome = await judge(facts, given, facts)
        return report(outcome.status, outcome.detail, outcome.facts)
      } catch (error) {
        if (error instanceof DerError) return report('fail', error.message)
        throw error
      }
    },
  }
}
