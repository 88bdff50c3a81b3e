/** Everything that reads what others wrote, and what must hold of whatever it accepts. */
import { isDeepStrictEqual } from 'node:util'
import {
  concatBytes,
  decodeBase64,
  decodeDecimal,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  encodeHex,
  encodeUtf8,
  equalBytes,
} from '../../src/bytes.ts'
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from '../../src/checkpoint.ts'
import { verifyHead } from '../../src/client.ts'
import { decodeCompactRange, encodeCompactRange } from '../../src/compact.ts'
import { cosignatureVerifier, formatCosignature, parseCosignature } from '../../src/cosignature.ts'
import { MerkleError } from '../../src/errors.ts'
import { formatToken, parseToken } from '../../src/fsck/token.ts'
import { nodeEd25519NoteVerifier, nodeVerifyEd25519 } from '../../src/node.ts'
import { formatNote, formatVkey, parseNote, parseVkey } from '../../src/note.ts'
import { evaluateCheckpoint, parsePolicy } from '../../src/policy.ts'
import {
  decodeEntryBundle,
  encodeEntryBundle,
  entryBundlePath,
  parseTilePath,
  tilePath,
} from '../../src/tiles.ts'
import { formatTlogProof, parseTlogProof } from '../../src/tlog-proof.ts'
import {
  formatAddCheckpoint,
  formatCosignatures,
  formatWitnessSize,
  openAddCheckpoint,
  openCosignatures,
  parseAddCheckpoint,
  parseCosignatures,
  parseWitnessSize,
} from '../../src/witness.ts'
import { realCheckpoint, realKeys } from '../support.ts'

/** A reader of untrusted bytes. */
export interface FuzzTarget {
  /** Also the folder of its corpus. */
  readonly name: string
  /** Gives whether `input` is accepted; throws where something does not hold that must. */
  readonly accepts: (input: Uint8Array) => boolean | Promise<boolean>
}

function requireSame(given: Uint8Array | string, written: Uint8Array | string): true {
  const [a, b] = [given, written].map((one) => (typeof one === 'string' ? encodeUtf8(one) : one))
  if (a !== undefined && b !== undefined && equalBytes(a, b)) return true
  throw new Error(`accepted, and written as ${JSON.stringify(written)}`)
}

function require(holds: boolean, claim: string): true {
  if (holds) return true
  throw new Error(`accepted, but not true: ${claim}`)
}

/** A target that takes text. What is not UTF-8 is not accepted. */
function ofText(name: string, accepts: (text: string) => boolean | Promise<boolean>): FuzzTarget {
  return {
    name,
    accepts(input) {
      const text = decodeUtf8(input)
      return text !== undefined && accepts(text)
    },
  }
}

const origin = 'arche2025h1.staging.ct.transparency.dev'
const log = nodeEd25519NoteVerifier(realKeys.log)
const witnesses = [realKeys.garden, realKeys.smartit, realKeys.remora, realKeys.stagemole].map(
  (vkey) => cosignatureVerifier(vkey, nodeVerifyEd25519),
)
const parsedPolicy = parsePolicy(`log ${realKeys.log}\nwitness w ${realKeys.remora}\nquorum w\n`)
if (!parsedPolicy.ok) throw new Error(parsedPolicy.detail)
const { policy } = parsedPolicy
const signedText = realCheckpoint.slice(0, realCheckpoint.indexOf('\n\n') + 1)

function requireSigned(text: string): true {
  return require(text === signedText, 'that somebody signed this text')
}

const tokenHead = { size: 3000n, root: new Uint8Array(32) }
const emptyRequest = { oldSize: 0n, hashes: [] }

/** All of them. */
export const targets: readonly FuzzTarget[] = [
  {
    name: 'note',
    accepts(input) {
      const parsed = parseNote(input)
      return parsed.ok && requireSame(input, formatNote(parsed.note))
    },
  },
  ofText('checkpoint', (text) => {
    const parsed = parseCheckpoint(text)
    return parsed.ok && requireSame(text, formatCheckpoint(parsed.checkpoint))
  }),
  {
    name: 'signed-checkpoint',
    async accepts(input) {
      const opened = await openCheckpoint(input, origin, [log, ...witnesses])
      const { checkpoint } = await evaluateCheckpoint(input, policy, nodeVerifyEd25519)
      const head = await verifyHead(input, { origin, trust: policy, verify: nodeVerifyEd25519 })
      if (head.ok) require(checkpoint !== undefined, 'that the policy has such a log')
      if (checkpoint !== undefined) requireSigned(formatCheckpoint(checkpoint))
      const request = { ...emptyRequest, checkpoint: decodeUtf8(input) ?? '' }
      const asked = await openAddCheckpoint(request, () => [log])
      if (asked.ok) requireSigned(asked.note.text)
      return opened.ok && requireSigned(opened.note.text)
    },
  },
  {
    name: 'cosignature',
    accepts(input) {
      const parsed = parseCosignature(input)
      return parsed !== undefined && requireSame(input, formatCosignature(parsed))
    },
  },
  ofText('tlog-proof', (text) => {
    const parsed = parseTlogProof(text)
    return parsed.ok && requireSame(text, formatTlogProof(parsed.proof))
  }),
  {
    name: 'policy',
    accepts(input) {
      const parsed = parsePolicy(input)
      const commented = parsePolicy(concatBytes(encodeUtf8('# \n\n'), input))
      if (!parsed.ok) return false
      return require(isDeepStrictEqual(parsed, commented), 'that a comment changes nothing')
    },
  },
  ofText('vkey', (text) => {
    const vkey = parseVkey(text)
    if (vkey === undefined) return false
    const { name, type, publicKey, keyId } = vkey
    return requireSame(text, formatVkey(name, type, publicKey, keyId))
  }),
  ofText('tile-path', (text) => {
    const parsed = parseTilePath(text)
    if (parsed === undefined) return false
    const { kind, level, index } = parsed
    const width = parsed.width === 256 ? undefined : parsed.width
    const path = kind === 'tile' ? tilePath(level, index, width) : entryBundlePath(index, width)
    return requireSame(text, path)
  }),
  {
    name: 'entry-bundle',
    accepts(input) {
      const found = [0, 1, 2, 3, 255, 256].flatMap((count) => {
        const entries = decodeEntryBundle(input, count)
        return entries === undefined ? [] : [entries]
      })
      for (const entries of found) requireSame(input, encodeEntryBundle(entries))
      return found.length > 0 && require(found.length === 1, 'that it has one number of entries')
    },
  },
  {
    name: 'compact-range',
    accepts(input) {
      const range = decodeCompactRange(input)
      return range !== undefined && requireSame(input, encodeCompactRange(range))
    },
  },
  {
    name: 'add-checkpoint',
    accepts(input) {
      const parsed = parseAddCheckpoint(input)
      return parsed.ok && requireSame(input, formatAddCheckpoint(parsed.request))
    },
  },
  {
    name: 'cosignatures',
    async accepts(input) {
      const opened = await openCosignatures(input, realCheckpoint, witnesses)
      if (opened.ok) requireSigned(opened.note.text)
      const parsed = parseCosignatures(input)
      return parsed.ok && requireSame(input, formatCosignatures(parsed.signatures))
    },
  },
  {
    name: 'witness-size',
    accepts(input) {
      const size = parseWitnessSize(input)
      return size !== undefined && requireSame(input, formatWitnessSize(size))
    },
  },
  ofText('fsck-token', (text) => {
    try {
      const position = parseToken(text, tokenHead)
      return requireSame(text, formatToken(tokenHead, position))
    } catch (error) {
      if (error instanceof MerkleError && error.code === 'INVALID_ARGUMENT') return false
      throw error
    }
  }),
  ofText('encoded', (text) => {
    const [base64, hex, decimal] = [decodeBase64(text), decodeHex(text), decodeDecimal(text)]
    if (base64 !== undefined) requireSame(text, encodeBase64(base64))
    if (hex !== undefined) requireSame(text, encodeHex(hex))
    if (decimal !== undefined) requireSame(text, `${decimal}`)
    return base64 !== undefined || hex !== undefined || decimal !== undefined
  }),
]
