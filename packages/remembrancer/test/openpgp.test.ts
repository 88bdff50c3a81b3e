import { concatBytes } from '@vaultmesh/merkle/bytes'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import * as openpgp from 'openpgp'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { type EntrySignature, openpgpSigner, preAuthenticationEncoding } from '../src/index.ts'
import { readOpenPgpKey } from '../src/openpgp/key.ts'
import { isOneSignaturePacket } from '../src/openpgp/packet.ts'
import { type Verdict, verifyBundle } from '../src/verify.ts'
import { makeOpenPgpKey, openpgpMember } from './kit/openpgp.ts'
import {
  ada,
  embedded,
  keyMember,
  makeBundle,
  makeEntry,
  noon,
  type PolicyDocument,
  policyDocument,
  policyOf,
  sourceOf,
} from './kit/scene.ts'

const require = { independentTime: false, signatures: 1, timestamps: 1, witnesses: false }
const clock = () => noon

let grace: openpgp.PrivateKey
let signatures: readonly EntrySignature[]
let bundle: Uint8Array
beforeAll(async () => {
  grace = await makeOpenPgpKey()
  const entry = await makeEntry({ signers: [await openpgpSigner(grace, clock)] })
  signatures = entry.signatures
  bundle = await makeBundle({ entry })
})

function statusOf(verdict: Verdict, id: string): string {
  const check = verdict.checks.find((found) => found.id === id)
  return `${check?.status}: ${check?.detail}`
}

async function judge(
  member: PolicyDocument,
  bytes: Uint8Array = bundle,
  more: PolicyDocument = {},
): Promise<Verdict> {
  return verifyBundle(bytes, policyOf(policyDocument({ keys: [member], ...more })))
}

/** A signature over a record by one key, made at a low level, with one thing changed. */
async function forge(
  change: (packet: openpgp.SignaturePacket) => void,
  stamped: Date = noon,
): Promise<Verdict> {
  const entry = await makeEntry({ signers: [ada], sources: [] })
  const { keyPacket } = grace
  if (!(keyPacket instanceof openpgp.SecretKeyPacket)) throw new Error('a secret key is needed')
  const packet = new openpgp.SignaturePacket()
  packet.signatureType = openpgp.enums.signature.binary
  packet.publicKeyAlgorithm = keyPacket.algorithm
  packet.hashAlgorithm = openpgp.enums.hash.sha256
  change(packet)
  const data = preAuthenticationEncoding(entry.payload)
  const { packets } = await openpgp.createMessage({ binary: data })
  // The types leave the last argument out.
  await Reflect.apply(packet.sign, packet, [keyPacket, packets[0], noon, true, openpgp.config])
  const list = new openpgp.PacketList<openpgp.SignaturePacket>()
  list.push(packet)
  const sig = new openpgp.Signature(list).write()
  if (!(sig instanceof Uint8Array)) throw new Error('not a stream')
  const signature = {
    keyid: `openpgp:${grace.getFingerprint()}`,
    algorithm: 'openpgp' as const,
    sig,
  }
  const der = await sourceOf(embedded, stamped).stamp(sha256(sig))
  const timestamps = [{ der, over: 0 }]
  const bytes = await makeBundle({ entry: { ...entry, signatures: [signature], timestamps } })
  return judge(openpgpMember(grace), bytes)
}

describe('an OpenPGP signature', () => {
  it('counts like any other', async () => {
    const verdict = await judge(openpgpMember(grace))
    expect(verdict.ok).toBe(true)
    expect(signatures[0]?.keyid).toBe(`openpgp:${grace.getFingerprint()}`)
  })

  it('counts when a subkey made it, and its keyid says so', async () => {
    const key = await makeOpenPgpKey({ signingSubkeys: 1 })
    const signer = await openpgpSigner(key, clock)
    expect(signer.keyid).toBe(`openpgp:${key.subkeys[0]?.getFingerprint()}`)
    const verdict = await judge(openpgpMember(key), await makeBundle({ signers: [signer] }))
    expect(verdict.ok).toBe(true)
  })

  it('counts once for one person, however many subkeys signed', async () => {
    const key = await makeOpenPgpKey({ signingSubkeys: 2 })
    const signers = await Promise.all(
      key.subkeys.map(async (subkey) => ({
        keyid: `openpgp:${subkey.getFingerprint()}`,
        maxSignatureBytes: 512,
        sign: async (data: Uint8Array) =>
          openpgp.sign({
            message: await openpgp.createMessage({ binary: data }),
            signingKeys: key,
            signingKeyIDs: subkey.getKeyID(),
            detached: true,
            format: 'binary',
            date: noon,
          }),
      })),
    )
    const bytes = await makeBundle({ signers })
    expect((await judge(openpgpMember(key), bytes)).ok).toBe(true)
    const two = { require: { ...require, signatures: 2 } }
    expect(statusOf(await judge(openpgpMember(key), bytes, two), 'signature.key')).toMatch(
      /^missing/,
    )
  })

  it('is not trusted where the policy does not hold the key', async () => {
    const other = await makeOpenPgpKey()
    for (const member of [
      openpgpMember(other),
      keyMember(ada.publicKey),
      // Two keys in one member have no single owner.
      {
        ...openpgpMember(grace),
        publicKey: Buffer.concat([grace.toPublic().write(), other.toPublic().write()]).toString(
          'base64',
        ),
      },
    ]) {
      expect(statusOf(await judge(member), 'signature.key')).toMatch(/^untrusted/)
    }
  })

  it('fails when the record, the signature or the signer is another', async () => {
    const one = await makeEntry({ signers: [ada] })
    const moved = await makeBundle({ entry: { ...one, signatures } })
    expect(statusOf(await judge(openpgpMember(grace), moved), 'signature.valid')).toMatch(/^fail/)

    const key = await makeOpenPgpKey({ signingSubkeys: 2 })
    const entry = await makeEntry({ signers: [await openpgpSigner(key, clock)] })
    const renamed = entry.signatures.map((signature) => ({
      ...signature,
      keyid: `openpgp:${key.getFingerprint()}`,
    }))
    const bytes = await makeBundle({ entry: { ...entry, signatures: renamed } })
    expect(statusOf(await judge(openpgpMember(key), bytes), 'signature.valid')).toContain(
      'names another issuer than its keyid',
    )
  })

  it('is of type 0x00, and uses SHA-2', async () => {
    expect((await forge(() => undefined)).ok).toBe(true)
    const text = await forge((packet) => {
      packet.signatureType = openpgp.enums.signature.text
    })
    expect(statusOf(text, 'signature.valid')).toContain('not of type 0x00')
    const entry = await makeEntry({ signers: [ada], sources: [] })
    // The fourth byte of the packet's body names the hash; 2 is SHA-1.
    const sha1 = signatures.map((signature) => ({
      ...signature,
      sig: signature.sig.map((byte, i) => (i === 5 ? 2 : byte)),
    }))
    const bytes = await makeBundle({ entry: { ...entry, signatures: sha1 } })
    const verdict = await judge(openpgpMember(grace), bytes)
    expect(statusOf(verdict, 'signature.valid')).toContain('does not use SHA-256')
  })

  it('is not believed beyond its own expiry', async () => {
    const brief = (packet: openpgp.SignaturePacket) => {
      packet.signatureExpirationTime = 60
      packet.signatureNeverExpires = false
    }
    expect((await forge(brief, new Date('2026-11-23T12:00:59Z'))).ok).toBe(true)
    const late = await forge(brief, new Date('2026-11-23T12:01:00Z'))
    expect(statusOf(late, 'signature.window')).toContain('the signature had expired')
  })

  it('is not believed where it says that it was made after the time that attests it', async () => {
    const skewed = new Date(noon.getTime() - 5 * 60_000)
    expect((await forge(() => undefined, skewed)).ok).toBe(true)
    const before = new Date(skewed.getTime() - 1)
    expect(statusOf(await forge(() => undefined, before), 'signature.window')).toMatch(
      /^untrusted: .*: the signature says that it was made after the time that attests it$/,
    )
  })

  it.each([
    ['armor', () => new TextEncoder().encode('-----BEGIN PGP SIGNATURE-----\n')],
    ['two packets', (sig: Uint8Array) => concatBytes(sig, sig)],
    ['a byte after it', (sig: Uint8Array) => concatBytes(sig, Uint8Array.of(0))],
    ['a byte missing', (sig: Uint8Array) => sig.slice(0, -1)],
    ['a packet of which the inside is cut off', () => Uint8Array.of(0xc2, 3, 4, 0, 22)],
    ['an unknown version', (sig: Uint8Array) => sig.map((byte, i) => (i === 2 ? 9 : byte))],
    [
      'a flipped bit at the end',
      (sig: Uint8Array) => sig.map((b, i) => (i === sig.length - 1 ? b ^ 1 : b)),
    ],
  ])('fails with %s', async (_, change) => {
    const entry = await makeEntry({ signers: [ada], sources: [] })
    const changed = signatures.map((signature) => ({ ...signature, sig: change(signature.sig) }))
    const bytes = await makeBundle({ entry: { ...entry, signatures: changed } })
    expect(statusOf(await judge(openpgpMember(grace), bytes), 'signature.valid')).toMatch(/^fail/)
  })
})

describe('the key of an OpenPGP signature is judged at the attested time', () => {
  async function signedBy(key: openpgp.PrivateKey, stamped = true): Promise<Uint8Array> {
    const sources = stamped ? [sourceOf(embedded)] : []
    return makeBundle({ signers: [await openpgpSigner(key, clock)], sources })
  }

  it('when it had expired by then', async () => {
    const early = await makeOpenPgpKey({ expires: 3 * 3600 })
    expect((await judge(openpgpMember(early), await signedBy(early))).ok).toBe(true)
    const late = new Date('2026-11-23T13:30:00Z')
    const bytes = await makeBundle({
      signers: [await openpgpSigner(early, clock)],
      sources: [sourceOf(embedded, late)],
    })
    expect(statusOf(await judge(openpgpMember(early), bytes), 'signature.window')).toMatch(
      /^untrusted: .*expired/,
    )
  })

  it('when it did not exist by then', async () => {
    const key = await makeOpenPgpKey({ created: '2026-11-23T11:00:00Z' })
    const bytes = await makeBundle({
      signers: [await openpgpSigner(key, clock)],
      sources: [sourceOf(embedded, new Date('2026-11-23T10:30:00Z'))],
    })
    expect(statusOf(await judge(openpgpMember(key), bytes), 'signature.window')).toMatch(
      /^untrusted/,
    )
  })

  it('when it was revoked: retired later is fine, compromised is not', async () => {
    const { keyRetired, keyCompromised } = openpgp.enums.reasonForRevocation
    const later = new Date('2026-11-23T15:00:00Z')
    const before = new Date('2026-11-23T11:00:00Z')
    const bytes = await signedBy(grace)
    const retired = await grace.revoke({ flag: keyRetired }, later)
    expect((await judge(openpgpMember(retired), bytes)).ok).toBe(true)
    const retiredBefore = await grace.revoke({ flag: keyRetired }, before)
    expect(statusOf(await judge(openpgpMember(retiredBefore), bytes), 'signature.window')).toMatch(
      /^untrusted: .*revoked/,
    )
    const compromised = await grace.revoke({ flag: keyCompromised }, later)
    expect(statusOf(await judge(openpgpMember(compromised), bytes), 'signature.window')).toMatch(
      /^untrusted: .*revoked/,
    )
  })

  it('and without one, only a key that never ends will do', async () => {
    const none = { require: { ...require, timestamps: 0 } }
    expect((await judge(openpgpMember(grace), await signedBy(grace, false), none)).ok).toBe(true)
    const ending = await makeOpenPgpKey({ expires: 10 * 365 * 86_400, signingSubkeys: 1 })
    const verdict = await judge(openpgpMember(ending), await signedBy(ending, false), none)
    expect(statusOf(verdict, 'signature.window')).toMatch(/^missing/)
  })
})

describe('openpgpSigner', () => {
  it('refuses a key that is encrypted, or has expired', async () => {
    const passphrase = 'correct horse'
    const encrypted = await openpgp.encryptKey({ privateKey: grace, passphrase })
    await expect(openpgpSigner(encrypted, clock)).rejects.toMatchObject({ code: 'SIGNER_FAILED' })
    const expired = await makeOpenPgpKey({ expires: 60 })
    await expect(openpgpSigner(expired, clock)).rejects.toMatchObject({ code: 'SIGNER_FAILED' })
  })
})

describe('readOpenPgpKey', () => {
  it('reads public keys only', async () => {
    expect(await readOpenPgpKey(grace.write())).toBeUndefined()
    expect(await readOpenPgpKey(new Uint8Array(3))).toBeUndefined()
  })

  it('has nothing good to say about what is no signature', async () => {
    const key = await readOpenPgpKey(grace.toPublic().write())
    const fingerprint = grace.getFingerprint()
    expect(await key?.judge(fingerprint, new Uint8Array(), noon)).toMatchObject({
      status: 'untrusted',
    })
  })

  it('verifies nothing by a key that it does not hold', async () => {
    const key = await readOpenPgpKey(grace.toPublic().write())
    const sig = signatures[0]?.sig ?? new Uint8Array()
    expect(await key?.verify('00'.repeat(20), new Uint8Array(), sig)).toMatch(/does not hold/)
    expect(await key?.judge('00'.repeat(20), sig, noon)).toMatchObject({ status: 'untrusted' })
  })
})

test.each([
  ['a new-format packet', [0xc2, 1, 0], true],
  ['a new-format packet of two length bytes', [0xc2, 192, 0, ...Array(192).fill(0)], true],
  ['a new-format packet of five length bytes', [0xc2, 255, 0, 0, 0, 1, 0], true],
  ['an old-format packet', [0x88, 1, 0], true],
  ['an old-format packet of two length bytes', [0x89, 0, 1, 0], true],
  ['an old-format packet of four length bytes', [0x8a, 0, 0, 0, 1, 0], true],
  ['an old-format packet without length', [0x8b, 0], false],
  ['a partial length', [0xc2, 224, 0], false],
  ['an empty packet', [0xc2, 0], false],
  ['a public key', [0xc6, 1, 0], false],
  ['a byte that begins no packet', [0x02, 1, 0], false],
  ['nothing', [], false],
  ['a packet that is cut off', [0xc2, 2, 0], false],
])('%s', (_, bytes, expected) => {
  expect(isOneSignaturePacket(Uint8Array.from(bytes))).toBe(expected)
})
