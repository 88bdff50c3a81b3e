import { encodeHex } from '../bytes.ts'
import { type Certificate, parseCertificate } from '../certificate.ts'
import { DerError, tryRead } from '../der.ts'
import { type CertificatePath, findPaths } from '../path.ts'
import type { TokenTime } from '../time.ts'
import type { TimeAuthority, VerifyOptions } from '../verdict.ts'
import { isInWindow } from './authority-window.ts'
import {
  type Candidate,
  defineCheck,
  fail,
  type Outcome,
  pass,
  type RunnableCheck,
} from './check.ts'
import { inTimeProblem } from './in-time.ts'
import { pathProblem } from './path.ts'
import { isPinned } from './pin.ts'
import { judgeRevocation } from './revocation.ts'
import { hasRole } from './role.ts'

/**
 * The signer chains, by names and signatures, to an anchor of the caller. A root that comes with
 * the token is never an anchor. Whether that chain may be used is for the checks that follow.
 */
export const anchorCheck: RunnableCheck = defineCheck({
  id: 'token.anchor',
  reference: 'RFC 5280 §6.1.1 (d), §6.1.3 (a)',
  needs: ['leaf', 'certificates'],
  async judge({ leaf, certificates }, { options }, { genTime }) {
    const { owners, problems } = readAnchorsOnce(options.authorities)
    const search = await findPaths(leaf, certificates, [...owners.keys()])
    const candidates = search.paths.flatMap((path) => {
      const anchor = path.at(-1)
      const authoritiesOf = anchor === undefined ? [] : (owners.get(anchor) ?? [])
      return authoritiesOf.map((authority) => ({ path, authority }))
    })
    const chosen = await choose(candidates, leaf, genTime, options)
    if (chosen !== undefined) return pass(`an anchor of ${chosen.authority.name}`, { chosen })
    if (search.exhausted) return fail('too many embedded certificates fit; the search was given up')
    return untrusted([...problems, ...search.problems])
  },
})

function untrusted(problems: readonly string[]): Outcome {
  const detail = ['the signer chains to no anchor of a trusted authority', ...problems].join('; ')
  return { status: 'untrusted', detail }
}

interface Anchors {
  /** The caller's anchors, each once, and the authorities that have it, in the caller's order. */
  readonly owners: ReadonlyMap<Certificate, readonly TimeAuthority[]>
  /** One that can't be read is no anchor, and is said to be none. */
  readonly problems: readonly string[]
}

// A policy may hold thousands of anchors, and one list of authorities judges many tokens.
const known = new WeakMap<readonly TimeAuthority[], Anchors>()

function readAnchorsOnce(authorities: readonly TimeAuthority[]): Anchors {
  const anchors = known.get(authorities) ?? readAnchors(authorities)
  known.set(authorities, anchors)
  return anchors
}

function readAnchors(authorities: readonly TimeAuthority[]): Anchors {
  const seen = new Map<string, Certificate>()
  const owners = new Map<Certificate, Set<TimeAuthority>>()
  const problems: string[] = []
  for (const authority of authorities) {
    for (const der of authority.anchors) {
      const bytes = encodeHex(der)
      const anchor = seen.get(bytes) ?? tryRead(() => parseCertificate(der))
      if (anchor instanceof DerError) {
        problems.push(`an anchor of ${authority.name} is no certificate: ${anchor.message}`)
        continue
      }
      seen.set(bytes, anchor)
      owners.set(anchor, (owners.get(anchor) ?? new Set()).add(authority))
    }
  }
  const entries = [...owners].map(([anchor, own]) => [anchor, [...own]] as const)
  return { owners: new Map(entries), problems }
}

/**
 * The first candidate under which everything holds; else the one for which most does, so that the
 * verdict names what is closest. An authority that changed its key has an entry for each.
 */
async function choose(
  candidates: readonly Candidate[],
  leaf: Certificate,
  genTime: TokenTime | undefined,
  options: VerifyOptions,
): Promise<Candidate | undefined> {
  // Nothing to choose from: what the checks that follow find out is not found out twice.
  if (candidates.length < 2) return candidates[0]
  let best: { readonly candidate: Candidate; readonly score: number } | undefined
  for (const candidate of candidates) {
    const { path, authority } = candidate
    const held = [
      genTime !== undefined && pathProblem(path, genTime) === undefined,
      genTime !== undefined && inTimeProblem(path, genTime, options.at) === undefined,
      genTime !== undefined && (await isUnrevoked(path, genTime, options)),
      await isPinned(authority, leaf),
      hasRole(authority, options.role),
      genTime !== undefined && isInWindow(authority, genTime),
    ]
    const score = held.filter(Boolean).length
    if (best === undefined || score > best.score) best = { candidate, score }
  }
  return best?.candidate
}

async function isUnrevoked(
  path: CertificatePath,
  genTime: TokenTime,
  options: VerifyOptions,
): Promise<boolean> {
  return (await judgeRevocation(path, genTime, options)).status !== 'fail'
}
