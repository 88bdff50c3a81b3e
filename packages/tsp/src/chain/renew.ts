/** Renews timestamps before they expire. */

import type { DigestName } from '../digest.ts'
import { digestBytes } from '../digest.ts'
import { TspError } from '../errors.ts'
import { hashSubject } from '../subject.ts'
import { type ChainLink, chainLimits, type TimestampChain } from './format.ts'
import { renewalMessage } from './message.ts'
import {
  algorithmOf,
  type ChainOptions,
  type ChainVerdict,
  verifyTimestampChain,
} from './verify.ts'

/** What is renewed, and who stamps it. */
export interface RenewOptions extends Omit<ChainOptions, 'at'> {
  /** The chain so far. One or more tokens that were never renewed are `{links: [{revocation: [], tokens}]}`. */
  readonly chain: TimestampChain
  /** DER of CRLs about the tokens of the last link, to be kept: 16 at most. */
  readonly keep?: readonly Uint8Array[] | undefined
  /** SHA-512 if absent. With `digests`, that of the data by this algorithm must be among them. */
  readonly algorithm?: DigestName | undefined
  /** Now; the machine's clock if absent. */
  readonly now?: Date | undefined
  /** Gets tokens over an imprint, from as many authorities as `threshold` says; `requestTimestamp` does. */
  stamp(imprint: Uint8Array): Promise<readonly Uint8Array[]>
}

/**
 * Puts a new link on a chain: tokens over the data, all older tokens and their revocation lists.
 *
 * The chain must still hold `now`, its certificates must not have expired, and the renewed chain is
 * verified before it is given out: else {@link TspError} `RENEWAL_REFUSED`. What `stamp` throws is
 * passed on. A stream is read once.
 */
export async function renewTimestamps(options: RenewOptions): Promise<TimestampChain> {
  const { chain, keep = [], algorithm = 'SHA-512', now = new Date(), stamp, ...rules } = options
  const names = chain.links.flatMap(({ tokens }) => tokens.map(algorithmOf))
  const digests = await hashSubject(rules, [...names, algorithm])
  const data = digests.get(algorithm)
  if (data === undefined) {
    throw new TspError('INVALID_ARGUMENT', `digests has no ${algorithm} of the data`)
  }
  const { data: _data, stream: _stream, revocation, ...kept } = rules
  const hashed = { ...kept, digests: [...digests.values()] }
  const lists = [...keep, ...(revocation?.lists ?? [])]
  const current =
    lists.length === 0 ? undefined : { lists, required: revocation?.required ?? false }
  const before = await verifyTimestampChain(chain, { ...hashed, at: now, revocation: current })
  if (!before.ok) throw refused('the chain does not hold any more', before)
  const message = await renewalMessage(chain.links, keep, data, algorithm)
  const tokens = await stamp(await digestBytes(algorithm, message))
  const link: ChainLink = { revocation: keep, tokens }
  if (
    chain.links.length >= chainLimits.links ||
    tokens.length > chainLimits.tokens ||
    keep.length > chainLimits.lists
  ) {
    throw new TspError('RENEWAL_REFUSED', 'the chain has too many links, tokens or lists')
  }
  const renewed: TimestampChain = { links: [...chain.links, link] }
  const after = await verifyTimestampChain(renewed, { ...hashed, revocation: undefined })
  if (!after.ok) throw refused('the new tokens do not renew it', after)
  return renewed
}

/** Names the first thing that is wrong in the newest link that fails: those before it follow. */
function refused(what: string, { links }: ChainVerdict): TspError {
  const index = links.findLastIndex(({ ok }) => !ok)
  const link = links[index]
  const bad = [...(link?.tokens.flatMap(({ checks }) => checks) ?? []), ...(link?.checks ?? [])]
  const check = bad.find(({ status }) => status === 'fail' || status === 'untrusted')
  return new TspError('RENEWAL_REFUSED', `${what}: link ${index}: ${check?.id}: ${check?.detail}`)
}
