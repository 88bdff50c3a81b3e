/** Verifying RFC 3161 tokens. */
import { hash, X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { conformanceDirectory } from '@vaultmesh/testing/conformance'
import { createTimestampRequest, parseTimestamp, verifyTimestamp } from '@vaultmesh/tsp'
import { createAuthority, createAuthorityKeys } from '@vaultmesh/tsp/node'
import { Certificate, ContentInfo, SignedData } from 'pkijs'
import { type BenchCase, type CaseContext, Unavailable, type Variant } from '../../harness/case.ts'
import type { Absence } from '../../harness/result.ts'
import { fixedBytes } from '../entries.ts'
import { opensslToken } from './openssl.ts'

/** A token with what is needed to judge it. */
interface Stamped {
  readonly token: Uint8Array
  readonly data: Uint8Array
  /** The root, DER. */
  readonly anchor: Uint8Array
}

function pem(der: Uint8Array): string {
  return new X509Certificate(der).toString()
}

/** Bytes in an ArrayBuffer of their own, which PKI.js needs. */
function buffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}

async function verifyByPkijs({ token, data, anchor }: Stamped, checkDate: Date): Promise<boolean> {
  const { content } = ContentInfo.fromBER(buffer(token))
  const signed = new SignedData({ schema: content })
  const root = Certificate.fromBER(buffer(anchor))
  return signed.verify({
    signer: 0,
    data: buffer(data),
    trustedCerts: [root],
    checkChain: true,
    checkDate,
  })
}

async function variantsOf(
  stamped: Stamped,
  { directory, program }: CaseContext,
): Promise<{ variants: Variant[]; absent: Absence[] }> {
  const { token, data, anchor } = stamped
  const authority = {
    name: 'of the token',
    selfIssued: false,
    anchors: [anchor],
    pins: [],
    validFrom: new Date('2000-01-01T00:00:00Z'),
  }
  const options = { data, authorities: [authority] }
  const { ok, genTime = new Date(0), checks } = await verifyTimestamp(token, options)
  if (!ok) {
    const failed = checks.filter(({ status }) => status !== 'pass').map(({ detail }) => detail)
    throw new Error(`the token does not verify: ${failed.join('; ')}`)
  }
  const result = (holds: unknown) => (holds === true ? 'holds' : 'fails')
  const changed = Uint8Array.from(data)
  changed.set([(changed[0] ?? 0) ^ 1])
  if (
    (await verifyTimestamp(token, { ...options, data: changed })).ok ||
    (await verifyByPkijs({ ...stamped, data: changed }, genTime).catch(() => false))
  ) {
    throw new Error('a token of other data was accepted')
  }

  const openssl = program('openssl')
  const path = (name: string, content: Uint8Array | string): string => {
    writeFileSync(join(directory, name), content)
    return join(directory, name)
  }
  const spawned = (file: string): Variant => ({
    kind: 'process',
    name: 'openssl ts -verify',
    role: 'peer',
    note: 'a process per token, at the time of the token',
    command: [
      ...([file, 'ts', '-verify', '-token_in', '-in', path('token.der', token)] as const),
      ...['-data', path('data.bin', data), '-CAfile', path('root.pem', pem(anchor))],
      ...['-attime', String(Math.floor(genTime.getTime() / 1000))],
    ],
    cwd: directory,
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
    result: (output) => result(output.includes('Verification: OK')),
  })
  return {
    variants: [
      {
        kind: 'call',
        name: 'ours',
        role: 'ours',
        note: '`verifyTimestamp`: every check of the package, at the time of the token',
        run: async () => (await verifyTimestamp(token, options)).ok,
        result,
      },
      {
        kind: 'call',
        name: 'PKI.js',
        role: 'peer',
        note: '`SignedData.verify` with `checkChain` and `checkDate`: imprint, signature and chain; not the purpose of the certificate, ESSCertID, or strict DER',
        run: () => verifyByPkijs(stamped, genTime),
        result,
      },
      ...(openssl === undefined ? [] : [spawned(openssl)]),
    ],
    absent:
      openssl === undefined
        ? [{ name: 'openssl ts -verify', why: 'no openssl here', missing: true }]
        : [],
  }
}

function freetsa(): Stamped {
  const file = (name: string): Uint8Array => {
    try {
      return new Uint8Array(readFileSync(join(conformanceDirectory(), 'predecessor', name)))
    } catch {
      throw new Unavailable('the conformance data, which has the token, is not there')
    }
  }
  const parsed = parseTimestamp(file('test-app.tar.gz.tsr'))
  if (!parsed.ok) throw new Error(parsed.detail)
  const { content } = ContentInfo.fromBER(buffer(parsed.token))
  const certificates = new SignedData({ schema: content }).certificates ?? []
  const root = certificates.find(
    (each) => each instanceof Certificate && each.issuer.isEqual(each.subject),
  )
  if (root === undefined) throw new Error('the token came without its root')
  const anchor = new Uint8Array(root.toSchema().toBER())
  return { token: parsed.token, data: file('test-app.tar.gz'), anchor }
}

function ownAuthority(): Stamped {
  const data = fixedBytes(1000)
  const now = Date.now()
  const keys = createAuthorityKeys({
    name: 'benchmark',
    notBefore: new Date(now - 60_000),
    notAfter: new Date(now + 86_400_000),
  })
  const imprint = hash('sha256', data, 'buffer')
  const parsed = parseTimestamp(createAuthority(keys).respond(createTimestampRequest({ imprint })))
  if (!parsed.ok) throw new Error(parsed.detail)
  return { token: parsed.token, data, anchor: keys.anchor }
}

function rsa3072({ program, directory, scale }: CaseContext): Stamped {
  const openssl = program('openssl')
  if (openssl === undefined) throw new Unavailable('no openssl here, which would make the token')
  const data = fixedBytes(1000)
  return { data, ...opensslToken(openssl, directory, data, scale === 'smoke' ? 2048 : 3072) }
}

function verifyCase(
  title: string,
  input: string,
  make: (context: CaseContext) => Stamped,
): BenchCase {
  return {
    title,
    async prepare(context) {
      return { input, ...(await variantsOf(make(context), context)) }
    },
  }
}

/** RSA-4096, as FreeTSA signs. */
export const freetsaToken: BenchCase = verifyCase(
  'Verify a token of FreeTSA (RSA-4096)',
  'A token that FreeTSA made in 2025: RSA-4096, SHA-512, its certificate and its root inside. From the bytes to the verdict, signature and path.',
  freetsa,
)

/** RSA-3072, by OpenSSL. */
export const rsaToken: BenchCase = verifyCase(
  'Verify a token with an RSA-3072 key',
  'A token that `openssl ts -reply` made: RSA-3072 with SHA-256.',
  rsa3072,
)

/** ECDSA, by our own authority. */
export const ecToken: BenchCase = verifyCase(
  'Verify a token with a P-256 key',
  'A token by the authority of `@vaultmesh/tsp/node`: ECDSA on P-256.',
  ownAuthority,
)
