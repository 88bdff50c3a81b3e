/** What the commands about time-stamps have in common. */
import { createHash, X509Certificate } from 'node:crypto'
import type { TimeAuthority } from '@vaultmesh/tsp'
import type { Context } from './command.ts'
import { VmError } from './errors.ts'
import { readNamed, streamNamed, unreadable } from './files.ts'
import { readPolicy } from './manifest-keys.ts'
import { withWorkspace } from './with-workspace.ts'

/** A response is never longer: a token of 64 KiB, and its status. */
export const longestResponse: number = 128 * 1024

const longestCertificate = 256 * 1024

/** The options that say whose tokens count. */
interface TrustValues {
  readonly policy: string | undefined
  readonly anchor: readonly string[]
}

const pemBlock = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

const longestList = 1024 * 1024

const pemList = /-----BEGIN X509 CRL-----([\s\S]*?)-----END X509 CRL-----/g

/**
 * The certificate revocation lists of a file, DER: one in DER, or one or more in PEM. They are
 * judged when they are used.
 */
export async function readRevocationLists(context: Context, name: string): Promise<Uint8Array[]> {
  const bytes = await readNamed(context, name, 2 * longestList)
  const blocks = [...Buffer.from(bytes).toString('latin1').matchAll(pemList)]
  if (blocks.length === 0) return [bytes]
  return blocks.map(([, body = '']) => new Uint8Array(Buffer.from(body, 'base64')))
}

/**
 * The certificates of a file, DER: one in DER, or one or more in PEM.
 *
 * @throws {VmError} `VM_USAGE` where it holds none
 */
export async function readCertificates(context: Context, name: string): Promise<Uint8Array[]> {
  const bytes = Buffer.from(await readNamed(context, name, longestCertificate))
  const blocks = bytes.toString('latin1').match(pemBlock) ?? [bytes]
  try {
    return blocks.map((block) => new Uint8Array(new X509Certificate(block).raw))
  } catch (cause) {
    throw new VmError('VM_USAGE', `${name} holds no certificate`, {
      hint: 'give an X.509 certificate, PEM or DER',
      cause,
    })
  }
}

/**
 * The time authorities of `--anchor`, else of `--policy`, else of the workspace around the working
 * folder.
 */
export async function trustedAuthorities(
  context: Context,
  { policy, anchor }: TrustValues,
): Promise<readonly TimeAuthority[]> {
  if (anchor.length > 0) {
    if (policy !== undefined) {
      throw new VmError('VM_USAGE', '--anchor and --policy exclude each other', {
        hint: 'give one of them',
      })
    }
    return Promise.all(
      anchor.map(async (name) => ({
        name,
        selfIssued: false,
        anchors: await readCertificates(context, name),
        pins: [],
        validFrom: new Date(0),
      })),
    )
  }
  if (policy !== undefined) return (await readPolicy(context, policy)).timeAuthorities
  return withWorkspace(context, undefined, (workspace) => workspace.timeAuthorities())
}

/** The algorithms that a token's imprint may have. */
export const imprintAlgorithms = ['sha256', 'sha384', 'sha512'] as const

/** Digests of a file or of standard input, which may be long: it is read once, piece by piece. */
export async function digestsOf(
  context: Context,
  name: string,
  algorithms: readonly (typeof imprintAlgorithms)[number][],
): Promise<readonly Uint8Array[]> {
  const hashes = algorithms.map((algorithm) => createHash(algorithm))
  const update = (bytes: Uint8Array): void => {
    for (const hash of hashes) hash.update(bytes)
  }
  if (name === '-') {
    update(await context.readInput(longestInput))
  } else {
    try {
      for await (const chunk of await streamNamed(context, name)) update(chunk)
    } catch (cause) {
      context.signal.throwIfAborted()
      throw unreadable(name, cause)
    }
  }
  return hashes.map((hash) => new Uint8Array(hash.digest()))
}

/** Standard input is held in memory; a file is not. */
const longestInput = 256 * 1024 * 1024
