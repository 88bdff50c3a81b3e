/** A proof bundle, `*.vmproof.json` (`docs/formats/bundle.md`). */
import { encodeBase64 } from '@vaultmesh/merkle/bytes'
import { parseTlogProof, type TlogProof } from '@vaultmesh/merkle/tlog-proof'
import type { SignatureAlgorithm } from './entry.ts'
import { readCanonicalJson, writeCanonicalJson } from './formats/json.ts'
import {
  attempt,
  demand,
  type Read,
  readList,
  readMembers,
  readString,
  refuse,
} from './formats/reading.ts'
import { readBase64 } from './formats/text.ts'

/** The `mediaType` of a bundle. */
export const bundleMediaType = 'application/vnd.vaultmesh.proof.v0+json'

/** A bundle has at most this many bytes. */
export const maxBundleBytes: number = 4 * 1024 * 1024

const maxHints = 64

/** What a bundle's writer adds for the reader's convenience. Never trusted. */
export interface Hints {
  /** DER. */
  readonly certificates?: readonly Uint8Array[]
  readonly keys?: readonly {
    readonly algorithm: SignatureAlgorithm
    readonly publicKey: Uint8Array
  }[]
  readonly revocations?: readonly Uint8Array[]
}

/** A bundle that was read. */
export interface Bundle {
  /** The raw leaf. */
  readonly entry: Uint8Array
  readonly proof: TlogProof
  readonly hints: Hints
}

/** What a bundle is made of. */
export interface BundleParts {
  /** The raw leaf. */
  readonly entry: Uint8Array
  /** tlog-proof text. */
  readonly proof: string
  readonly hints?: Hints
}

function readByteList(value: unknown, where: string): Uint8Array[] {
  return readList(value, where, 0, maxHints).map((item, i) => readBase64(item, `${where}[${i}]`))
}

function readHintKey(value: unknown, where: string): NonNullable<Hints['keys']>[number] {
  const { algorithm, publicKey } = readMembers(value, where, ['algorithm', 'publicKey'])
  if (algorithm !== 'ed25519' && algorithm !== 'openpgp') {
    return refuse(`${where}.algorithm`, 'must be ed25519 or openpgp')
  }
  return { algorithm, publicKey: readBase64(publicKey, `${where}.publicKey`) }
}

function readHints(value: unknown): Hints {
  const members = readMembers(value, 'hints', [], ['certificates', 'keys', 'revocations'])
  const { certificates, keys, revocations } = members
  return {
    ...(certificates === undefined
      ? {}
      : { certificates: readByteList(certificates, 'hints.certificates') }),
    ...(keys === undefined
      ? {}
      : {
          keys: readList(keys, 'hints.keys', 0, maxHints).map((key, i) =>
            readHintKey(key, `hints.keys[${i}]`),
          ),
        }),
    ...(revocations === undefined
      ? {}
      : { revocations: readByteList(revocations, 'hints.revocations') }),
  }
}

/** Reads the bytes of a bundle: its form, and that of the proof and checkpoint inside. */
export function parseBundle(bytes: Uint8Array): Read<Bundle> {
  return attempt(() => {
    const value = demand('', readCanonicalJson(bytes, maxBundleBytes))
    const members = readMembers(value, 'bundle', [
      'entry',
      'hints',
      'mediaType',
      'proof',
      'related',
    ])
    if (members['mediaType'] !== bundleMediaType) refuse('mediaType', `must be ${bundleMediaType}`)
    // No kind speaks about another record yet: what can't be judged must not be waved through.
    readList(members['related'], 'related', 0, 0)
    const hints = readHints(members['hints'])
    const entry = readBase64(members['entry'], 'entry')
    const parsed = parseTlogProof(readString(members['proof'], 'proof'))
    if (!parsed.ok) return refuse('proof', parsed.detail)
    if (parsed.proof.extra !== undefined) refuse('proof', 'has an extra line, which nothing signs')
    return { entry, proof: parsed.proof, hints }
  })
}

/** The bytes of a bundle. */
export function encodeBundle({ entry, proof, hints }: BundleParts): Uint8Array<ArrayBuffer> {
  const { certificates, keys, revocations } = hints ?? {}
  return writeCanonicalJson({
    entry: encodeBase64(entry),
    hints: {
      certificates: certificates?.map(encodeBase64),
      keys: keys?.map(({ algorithm, publicKey }) => ({
        algorithm,
        publicKey: encodeBase64(publicKey),
      })),
      revocations: revocations?.map(encodeBase64),
    },
    mediaType: bundleMediaType,
    proof,
    related: [],
  })
}
