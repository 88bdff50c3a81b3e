/** A small world with one namespace, its keys, its log and its time authorities. */
import { createHash, X509Certificate } from 'node:crypto'
import { encodeBase64 } from '@vaultmesh/merkle/bytes'
import { ed25519NoteSigner } from '@vaultmesh/merkle/node'
import { createTimestampRequest, parseTimestamp } from '@vaultmesh/tsp'
import { type AuthorityKeys, createAuthority, createAuthorityKeys } from '@vaultmesh/tsp/node'
import {
  buildRecord,
  type Entry,
  ed25519RecordSigner,
  encodeBundle,
  encodeEntry,
  type RecordDraft,
  type RecordSigner,
  sealRecord,
  type TimestampSource,
  writeCanonicalJson,
} from '../../src/index.ts'
import { parseTrustPolicy, type TrustPolicy } from '../../src/verify.ts'
import { ed25519Key } from './keys.ts'
import { provenIn, type TestLog } from './log.ts'

export const namespace = 'payments'
export const origin = 'example.com/vm/payments'
/** When the keys of the scene begin to be trusted. */
export const begin = '2026-11-23T10:00:00Z'
/** When its records are made, unless told otherwise. */
export const noon: Date = new Date('2026-11-23T12:00:00Z')

export interface TestAuthority {
  readonly keys: AuthorityKeys
  readonly name: string
  readonly selfIssued: boolean
}

/** A time authority. Its keys are new in every run: ECDSA has no fixed signatures anyway. */
export function makeAuthority(name: string, selfIssued: boolean): TestAuthority {
  const keys = createAuthorityKeys({
    name,
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2046-01-01T00:00:00Z'),
  })
  return { keys, name, selfIssued }
}

/** The answer of an authority at a time: a TimeStampResp. */
export function respond({ keys }: TestAuthority, imprint: Uint8Array, time: Date): Uint8Array {
  const { privateKey, certificate } = keys
  const authority = createAuthority({ privateKey, certificate, clock: () => time })
  return authority.respond(createTimestampRequest({ imprint, certificates: true }))
}

/** Tokens of an authority, all with one time. */
export function sourceOf(authority: TestAuthority, time: Date = noon): TimestampSource {
  return {
    stamp(imprint) {
      const answer = parseTimestamp(respond(authority, imprint, time))
      return answer.ok ? Promise.resolve(answer.token) : Promise.reject(new Error(answer.detail))
    },
  }
}

export function recordSigner(label: string): RecordSigner & { readonly publicKey: Uint8Array } {
  return ed25519RecordSigner(ed25519Key(label))
}

export const ada: RecordSigner & { readonly publicKey: Uint8Array } = recordSigner('ada')
export const embedded: TestAuthority = makeAuthority('embedded', true)
export const independent: TestAuthority = makeAuthority('independent', false)

export type PolicyDocument = Record<string, unknown>

export function keyMember(
  publicKey: Uint8Array,
  name = 'Ada',
  more: Readonly<Record<string, unknown>> = {},
): PolicyDocument {
  return {
    algorithm: 'ed25519',
    name,
    namespaces: [namespace],
    publicKey: encodeBase64(publicKey),
    roles: ['record'],
    validFrom: begin,
    ...more,
  }
}

export function logMember(lines = 'quorum none\n', of: string = origin): PolicyDocument {
  const { vkey } = ed25519NoteSigner(of, ed25519Key(`log ${of}`))
  return { namespaces: [namespace], origin: of, policy: `log ${vkey}\n${lines}` }
}

export function authorityMember(
  { keys, name, selfIssued }: TestAuthority,
  more: Readonly<Record<string, unknown>> = {},
): PolicyDocument {
  const { publicKey } = new X509Certificate(keys.certificate)
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return {
    anchors: [encodeBase64(keys.anchor)],
    name,
    pins: [createHash('sha256').update(spki).digest('base64')],
    selfIssued,
    validFrom: begin,
    ...more,
  }
}

/** The policy of the scene: Ada signs, the embedded authority stamps, nobody witnesses. */
export function policyDocument(more: PolicyDocument = {}): PolicyDocument {
  return {
    keys: [keyMember(ada.publicKey)],
    logs: [logMember()],
    mediaType: 'application/vnd.vaultmesh.policy.v0+json',
    require: { independentTime: false, signatures: 1, timestamps: 1, witnesses: false },
    timeAuthorities: [authorityMember(embedded), authorityMember(independent)],
    ...more,
  }
}

export function policyOf(document: PolicyDocument): TrustPolicy {
  const parsed = parseTrustPolicy(writeCanonicalJson(document))
  if (!parsed.ok) throw new Error(parsed.problems.join('; '))
  return parsed.policy
}

export const decision: RecordDraft = {
  kind: 'decision',
  title: 'Use PostgreSQL for orders',
  body: { text: 'Because it is there.' },
  details: { status: 'accepted' },
}

export interface EntryOptions {
  readonly draft?: RecordDraft
  readonly namespace?: string
  readonly signers?: readonly RecordSigner[]
  readonly sources?: readonly TimestampSource[]
}

export async function makeEntry(options: EntryOptions = {}): Promise<Entry> {
  const { draft = decision, signers = [ada], sources = [sourceOf(embedded)] } = options
  const context = { namespace: options.namespace ?? namespace, now: noon }
  return sealRecord(buildRecord(draft, context).record, { signers, sources })
}

export interface BundleOptions extends EntryOptions {
  /** Instead of a new one. */
  readonly entry?: Entry | Uint8Array
  /** Where the entry stands, and how many entries the log has. */
  readonly index?: number
  readonly size?: number
  readonly log?: Partial<TestLog>
}

/** The entries of a log: filler around one that matters. */
export function entriesAround(entry: Uint8Array, index: number, size: number): Uint8Array[] {
  return Array.from({ length: size }, (_, i) =>
    i === index ? entry : new TextEncoder().encode(`filler ${i}`),
  )
}

export async function makeBundle(options: BundleOptions = {}): Promise<Uint8Array> {
  const { index = 1, size = 3, log } = options
  const made = options.entry ?? (await makeEntry(options))
  const entry = made instanceof Uint8Array ? made : encodeEntry(made)
  const at = log?.origin ?? origin
  const key = ed25519Key(`log ${at}`)
  const entries = entriesAround(entry, index, size)
  return encodeBundle({ entry, proof: await provenIn({ origin: at, key, entries, ...log }, index) })
}
