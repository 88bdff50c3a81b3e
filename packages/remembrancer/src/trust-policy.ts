/** Whom a verifier believes, for what, and which evidence it asks for (`docs/formats/policy.md`). */
import { encodeHex } from '@vaultmesh/merkle/bytes'
import { isAcceptablePublicKey } from '@vaultmesh/merkle/ed25519'
import { parseVkey } from '@vaultmesh/merkle/note'
import { parsePolicy, type TlogPolicy } from '@vaultmesh/merkle/policy'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import type { TimeAuthority } from '@vaultmesh/tsp'
import { maxSignatures, maxTimestamps, type SignatureAlgorithm } from './entry.ts'
import { readCanonicalJson, writeCanonicalJson } from './formats/json.ts'
import {
  attempt,
  readBoolean,
  readInteger,
  readList,
  readMembers,
  readString,
  refuse,
} from './formats/reading.ts'
import { readBase64, readLabel, readPlainText, readTime } from './formats/text.ts'
import { publicKeyMaterial } from './openpgp/public-key-packet.ts'
import { conflicts } from './policy-conflicts.ts'
import type { RecordKind } from './schemas/kinds.ts'

/** The `mediaType` of a policy. */
export const policyMediaType = 'application/vnd.vaultmesh.policy.v0+json'

/** A policy has at most this many bytes. */
export const maxPolicyBytes: number = 1024 * 1024

/** The roles of v0: `record` signs records of every kind, `agent` those of {@link agentKinds} alone. */
const keyRoles = ['agent', 'record'] as const

/** What a trusted key may be used for. */
export type KeyRole = (typeof keyRoles)[number]

/**
 * The kinds that an agent may sign: what it was asked to decide. What was deployed, found or made is
 * for the people and machines that were there.
 */
export const agentKinds: ReadonlySet<RecordKind> = new Set<RecordKind>(['decision', 'routing'])

/** Whether a key may sign records of a kind, as far as its roles say it. */
export function maySign({ roles }: Pick<TrustedKey, 'roles'>, kind: RecordKind): boolean {
  return roles.includes('record') || (roles.includes('agent') && agentKinds.has(kind))
}

/** Whether a key is an agent's and no more than that. */
export function isAgentKey({ roles }: Pick<TrustedKey, 'roles'>): boolean {
  return !roles.includes('record')
}

/** A span of time: `from <= t < until`. */
export interface Validity {
  readonly validFrom: Date
  readonly validUntil?: Date
}

/** A key that the policy trusts. */
export interface TrustedKey extends Validity {
  readonly algorithm: SignatureAlgorithm
  /** For people. */
  readonly name: string
  readonly namespaces: readonly string[]
  /** The raw 32 bytes, or a binary OpenPGP transferable public key. */
  readonly publicKey: Uint8Array
  readonly roles: readonly KeyRole[]
}

/** A log that the policy allows. */
export interface TrustedLog {
  readonly namespaces: readonly string[]
  readonly origin: string
  /** The log's own keys, its witnesses and its quorum (C2SP tlog-policy). */
  readonly policy: TlogPolicy
}

/** Which evidence the policy asks for. */
export interface Requirements {
  readonly independentTime: boolean
  /** That many different trusted keys must have signed. */
  readonly signatures: number
  /** That many different time authorities must have stamped a trusted signature. */
  readonly timestamps: number
  readonly witnesses: boolean
}

/** A trust policy that was read. */
export interface TrustPolicy {
  readonly keys: readonly TrustedKey[]
  readonly logs: readonly TrustedLog[]
  readonly require: Requirements
  readonly timeAuthorities: readonly TimeAuthority[]
  /** The policy as JSON, for {@link encodeTrustPolicy}. */
  readonly document: Readonly<Record<string, unknown>>
}

/** What reading a policy gives: the policy, or every problem that was found. */
export type ParsedPolicy =
  | { readonly ok: true; readonly policy: TrustPolicy }
  | { readonly ok: false; readonly problems: readonly string[] }

/** The `keyid` of a raw Ed25519 public key: `ed25519:` and its SHA-256 in hex. */
export function ed25519KeyId(publicKey: Uint8Array): string {
  return `ed25519:${encodeHex(sha256(publicKey))}`
}

function readValidity(members: Readonly<Record<string, unknown>>, where: string): Validity {
  const validFrom = readTime(members['validFrom'], `${where}.validFrom`)
  if (members['validUntil'] === undefined) return { validFrom }
  const validUntil = readTime(members['validUntil'], `${where}.validUntil`)
  if (validUntil <= validFrom) refuse(where, 'validUntil must be after validFrom')
  return { validFrom, validUntil }
}

function readNamespaces(value: unknown, where: string): string[] {
  const names = readList(value, where, 1, 256).map((name, i) => readLabel(name, `${where}[${i}]`))
  if (new Set(names).size < names.length) refuse(where, 'names a namespace twice')
  return names
}

function readRoles(value: unknown, where: string): KeyRole[] {
  const roles = readList(value, where, 1, keyRoles.length).map(
    (role) =>
      keyRoles.find((known) => known === role) ??
      refuse(where, 'the roles of v0 are "agent" and "record"'),
  )
  if (new Set(roles).size < roles.length) refuse(where, 'names a role twice')
  return roles
}

function readPublicKey(
  algorithm: SignatureAlgorithm,
  value: unknown,
  where: string,
): Uint8Array<ArrayBuffer> {
  if (algorithm === 'openpgp') {
    const key = readBase64(value, where)
    const material = publicKeyMaterial(key)
    return typeof material === 'string' ? refuse(where, material) : key
  }
  const publicKey = readBase64(value, where, 32)
  if (!isAcceptablePublicKey(publicKey)) refuse(where, 'is not a safe Ed25519 key')
  return publicKey
}

function readKey(value: unknown, where: string): TrustedKey {
  const members = readMembers(
    value,
    where,
    ['algorithm', 'name', 'namespaces', 'publicKey', 'roles', 'validFrom'],
    ['validUntil'],
  )
  const { algorithm } = members
  if (algorithm !== 'ed25519' && algorithm !== 'openpgp') {
    return refuse(`${where}.algorithm`, 'must be ed25519 or openpgp')
  }
  return {
    algorithm,
    name: readPlainText(members['name'], `${where}.name`, 200),
    namespaces: readNamespaces(members['namespaces'], `${where}.namespaces`),
    publicKey: readPublicKey(algorithm, members['publicKey'], `${where}.publicKey`),
    roles: readRoles(members['roles'], `${where}.roles`),
    ...readValidity(members, where),
  }
}

function readLog(value: unknown, where: string): TrustedLog {
  const members = readMembers(value, where, ['namespaces', 'origin', 'policy'])
  const origin = readPlainText(members['origin'], `${where}.origin`, 512)
  const parsed = parsePolicy(readString(members['policy'], `${where}.policy`))
  if (!parsed.ok) return refuse(`${where}.policy`, parsed.detail)
  const { policy } = parsed
  if (policy.logs.length === 0) refuse(`${where}.policy`, 'has no "log" line')
  for (const { vkey } of policy.logs) {
    if (parseVkey(vkey)?.name !== origin) {
      refuse(`${where}.policy`, `every log key must be named after the origin, ${origin}`)
    }
  }
  return {
    namespaces: readNamespaces(members['namespaces'], `${where}.namespaces`),
    origin,
    policy,
  }
}

function readAuthority(value: unknown, where: string): TimeAuthority {
  const members = readMembers(
    value,
    where,
    ['anchors', 'name', 'pins', 'selfIssued', 'validFrom'],
    ['validUntil'],
  )
  return {
    anchors: readList(members['anchors'], `${where}.anchors`, 1, 16).map((anchor, i) =>
      readBase64(anchor, `${where}.anchors[${i}]`),
    ),
    name: readPlainText(members['name'], `${where}.name`, 200),
    pins: readList(members['pins'], `${where}.pins`, 0, 64).map((pin, i) =>
      readBase64(pin, `${where}.pins[${i}]`, 32),
    ),
    selfIssued: readBoolean(members['selfIssued'], `${where}.selfIssued`),
    ...readValidity(members, where),
  }
}

function readRequirements(value: unknown): Requirements {
  const members = readMembers(value, 'require', [
    'independentTime',
    'signatures',
    'timestamps',
    'witnesses',
  ])
  return {
    independentTime: readBoolean(members['independentTime'], 'require.independentTime'),
    signatures: readInteger(members['signatures'], 'require.signatures', 1, maxSignatures),
    timestamps: readInteger(members['timestamps'], 'require.timestamps', 0, maxTimestamps),
    witnesses: readBoolean(members['witnesses'], 'require.witnesses'),
  }
}

/** Goes on after a problem, so that the writer of a policy sees all of them at once. */
class Problems {
  readonly found: string[] = []

  /** The value of a reader, or undefined with its problem noted. */
  take<T>(reader: () => T): T | undefined {
    const read = attempt(reader)
    if (read.ok) return read.value
    this.found.push(read.problem)
    return undefined
  }

  /** The items of a list that could be read, with the problems of the others noted. */
  takeAll<T>(
    value: unknown,
    where: string,
    maximum: number,
    reader: (item: unknown, where: string) => T,
  ): readonly T[] {
    const items = this.take(() => readList(value, where, 0, maximum)) ?? []
    return items.flatMap((item, i) => this.take(() => reader(item, `${where}[${i}]`)) ?? [])
  }
}

/** Reads a policy that was already parsed, from YAML for instance. */
export function trustPolicyFrom(value: unknown): ParsedPolicy {
  const problems = new Problems()
  const document = problems.take(() =>
    readMembers(value, 'policy', ['keys', 'logs', 'mediaType', 'require', 'timeAuthorities']),
  )
  if (document === undefined) return { ok: false, problems: problems.found }
  if (document['mediaType'] !== policyMediaType) {
    problems.found.push(`mediaType: must be ${policyMediaType}`)
  }
  const keys = problems.takeAll(document['keys'], 'keys', 1024, readKey)
  const logs = problems.takeAll(document['logs'], 'logs', 1024, readLog)
  const timeAuthorities = problems.takeAll(
    document['timeAuthorities'],
    'timeAuthorities',
    256,
    readAuthority,
  )
  const require = problems.take(() => readRequirements(document['require']))
  problems.found.push(...conflicts({ keys, logs, timeAuthorities }))
  return require === undefined || problems.found.length > 0
    ? { ok: false, problems: problems.found }
    : { ok: true, policy: { keys, logs, require, timeAuthorities, document } }
}

/** Reads the bytes of a portable policy. */
export function parseTrustPolicy(bytes: Uint8Array): ParsedPolicy {
  const read = readCanonicalJson(bytes, maxPolicyBytes)
  return read.ok ? trustPolicyFrom(read.value) : { ok: false, problems: [read.problem] }
}

/** The bytes of a portable policy. */
export function encodeTrustPolicy(policy: TrustPolicy): Uint8Array<ArrayBuffer> {
  return writeCanonicalJson(policy.document)
}
