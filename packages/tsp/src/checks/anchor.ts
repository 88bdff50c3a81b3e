import { equalBytes } from '../bytes.ts'
import { type Certificate, parseCertificate } from '../certificate.ts'
import { DerError, tryRead } from '../der.ts'
import { findPaths } from '../path.ts'
import type { TokenTime } from '../time.ts'
import type { TimeAuthority } from '../verdict.ts'
import { isInWindow } from './authority-window.ts'
import {
  type Candidate,
  defineCheck,
  fail,
  type Outcome,
  pass,
  type RunnableCheck,
} from './check.ts'
import { pathProblem } from './path.ts'
import { isPinned } from './pin.ts'

/**
 * The signer chains, by names and signatures, to an anchor of the caller. A root that comes with
 * the token is never an anchor. Whether that chain may be used is for the checks that follow.
 */
export const anchorCheck: RunnableCheck = defineCheck({
  id: 'token.anchor',
  reference: 'RFC 5280 §6.1.1 (d), §6.1.3 (a)',
  needs: ['leaf', 'certificates'],
  async judge({ leaf, certificates }, { options: { authorities } }, { genTime }) {
    const { anchors, problems } = readAnchors(authorities)
    const search = await findPaths(leaf, certificates, anchors)
    const candidates = search.paths.flatMap((path) =>
      authorities
        .filter((authority) => isAnchoredBy(path.at(-1), authority))
        .map((authority) => ({ path, authority })),
    )
    const chosen = await choose(candidates, leaf, genTime)
    if (chosen !== undefined) return pass(`an anchor of ${chosen.authority.name}`, { chosen })
    if (search.exhausted) return fail('too many embedded certificates fit; the search was given up')
    return untrusted([...problems, ...search.problems])
  },
})

function untrusted(problems: readonly string[]): Outcome {
  const detail = ['the signer chains to no anchor of a trusted authority', ...problems].join('; ')
  return { status: 'untrusted', detail }
}

/** The caller's anchors, each once. One that can't be read is no anchor, and is said to be none. */
function readAnchors(authorities: readonly TimeAuthority[]): {
  readonly anchors: readonly Certificate[]
  readonly problems: readonly string[]
} {
  const anchors: Certificate[] = []
  const problems: string[] = []
  for (const { name, anchors: ders } of authorities) {
    for (const der of ders) {
      if (anchors.some(({ raw }) => equalBytes(raw, der))) continue
      const anchor = tryRead(() => parseCertificate(der))
      if (anchor instanceof DerError) {
        problems.push(`an anchor of ${name} is no certificate: ${anchor.message}`)
      } else {
        anchors.push(anchor)
      }
    }
  }
  return { anchors, problems }
}

function isAnchoredBy(anchor: Certificate | undefined, authority: TimeAuthority): boolean {
  return anchor !== undefined && authority.anchors.some((der) => equalBytes(der, anchor.raw))
}

/**
 * The first candidate under which everything holds; else the one for which most does, so that the
 * verdict names what is closest. An authority that changed its key has an entry for each.
 */
async function choose(
  candidates: readonly Candidate[],
  leaf: Certificate,
  genTime: TokenTime | undefined,
): Promise<Candidate | undefined> {
  let best: { readonly candidate: Candidate; readonly score: number } | undefined
  for (const candidate of candidates) {
    const { path, authority } = candidate
    const held = [
      genTime !== undefined && pathProblem(path, genTime) === undefined,
      await isPinned(authority, leaf),
      genTime !== undefined && isInWindow(authority, genTime),
    ]
    const score = held.filter(Boolean).length
    if (best === undefined || score > best.score) best = { candidate, score }
  }
  return best?.candidate
}
