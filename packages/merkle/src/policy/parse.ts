/** Reads the policy file, line by line. */
import { decodeUtf8, encodeUtf8 } from '../bytes.ts'
import { PolicyBuilder } from './builder.ts'
import type { PolicyFailure, TlogPolicy } from './types.ts'

/** The longest policy that is read, in bytes. */
export const maxPolicyLength: number = 1024 * 1024

function malformed(detail: string): PolicyFailure {
  return { ok: false, code: 'MALFORMED', detail }
}

/** The octets that the format allows: tab, newline, and all but the control characters. */
function isAllowed(octet: number): boolean {
  return octet === 0x09 || octet === 0x0a || (octet >= 0x20 && octet !== 0x7f)
}

const hash = '#'.charCodeAt(0)
const newline = 0x0a

/** The lines of a file that ends with a newline, without their newlines. */
function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  let begin = 0
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, begin)) {
    yield bytes.subarray(begin, end)
    begin = end + 1
  }
}

/** The items of a line, or undefined where one is not UTF-8. Comments may be any bytes. */
function itemsOf(line: Uint8Array): string[] | undefined {
  if (line.find((octet) => octet !== 0x20 && octet !== 0x09) === hash) return []
  return decodeUtf8(line)
    ?.split(/[ \t]+/)
    .filter((item) => item !== '')
}

/**
 * Reads a policy.
 *
 * Stricter than the format in three ways: names and URLs are UTF-8, keys are Ed25519 (type 1 for
 * logs, type 4 for witnesses; ML-DSA is not known), and no key is both a log's and a witness's.
 * Never throws.
 */
export function parsePolicy(
  input: Uint8Array | string,
): { ok: true; policy: TlogPolicy } | PolicyFailure {
  const tooLong = malformed(`a policy has at most ${maxPolicyLength} bytes`)
  // Text has at least as many bytes as units: what is far too long is not encoded to be counted.
  if (input.length > maxPolicyLength) return tooLong
  if (typeof input === 'string' && !input.isWellFormed()) return malformed('this is not Unicode')
  const bytes = typeof input === 'string' ? encodeUtf8(input) : input
  if (bytes.length > maxPolicyLength) return tooLong
  // Also what is left of bytes that were transferred elsewhere, which allow no further method.
  if (bytes.length === 0) return new PolicyBuilder().finish()
  if (!bytes.every(isAllowed)) return malformed('a control character stands in the policy')
  // A last line without newline may be the beginning of a longer one.
  if (bytes.at(-1) !== newline) return malformed('the last line is cut off')
  const builder = new PolicyBuilder()
  let number = 0
  for (const line of linesOf(bytes)) {
    number += 1
    const items = itemsOf(line)
    if (items === undefined) return malformed(`line ${number} is not UTF-8`)
    const problem = items.length > 0 ? builder.add(items) : undefined
    if (problem !== undefined) {
      return { ok: false, code: problem.code, detail: `line ${number}: ${problem.detail}` }
    }
  }
  return builder.finish()
}
