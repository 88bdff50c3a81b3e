/** What a single changed byte of a token does: nothing that is believed may change. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { conformanceDirectory, describeWith } from '@vaultmesh/testing'
import { expect, it } from 'vitest'
import { readContentInfo, readSignedData } from '../src/cms.ts'
import { parseDer } from '../src/der.ts'
import { parseTimestamp, type VerifyOptions, verifyTimestamp } from '../src/index.ts'
import { trust } from './forge.ts'

/** From the first byte to the one after the last. */
interface Range {
  readonly from: number
  readonly to: number
}

interface Sample {
  readonly token: Uint8Array<ArrayBuffer>
  readonly options: VerifyOptions
  readonly signer: Range
  /** The embedded certificates but the signer's: nobody signed them into the token. */
  readonly unused: readonly Range[]
}

/** A real token, and trust in the CAs that came with it. */
function sample(path: string): Sample {
  const parsed = parseTimestamp(readFileSync(join(conformanceDirectory(), path)))
  if (!parsed.ok) throw new Error(parsed.detail)
  const token = new Uint8Array(parsed.token)
  const { certificates, content } = readSignedData(readContentInfo(parseDer(token)).content)
  const [own = token, ...others] = certificates.map(({ raw }) => raw)
  const digest = parseDer(content ?? token).children[2]?.children[1]?.content
  const anchors = others.map((raw) => new Uint8Array(raw))
  const authorities = [trust({ der: token }, { anchors, validFrom: new Date(0) })]
  const rangeOf = (raw: Uint8Array) => ({ from: raw.byteOffset, to: raw.byteOffset + raw.length })
  const options = { digest, authorities }
  return { token, options, signer: rangeOf(own), unused: others.map(rangeOf) }
}

/** The offsets at which a token with one bit changed still verifies. */
async function acceptedChanges({ token, options }: Sample, offsets: readonly number[]) {
  const accepted: number[] = []
  const judge = async (offset: number) => {
    const changed = Uint8Array.from(token)
    changed[offset] = (token[offset] ?? 0) ^ (1 << (offset % 8))
    if ((await verifyTimestamp(changed, options)).ok) accepted.push(offset)
  }
  // Several at once: WebCrypto has threads of its own.
  for (let at = 0; at < offsets.length; at += 64) {
    await Promise.all(offsets.slice(at, at + 64).map(judge))
  }
  return accepted.sort((a, b) => a - b)
}

describeWith(['conformance'], 'a real token with one byte changed', () => {
  it.each([
    // RSA-4096 takes its time, so of its signer's certificate, bound by one hash, a part is enough.
    ['of FreeTSA', 'predecessor/test-app.tar.gz.tsr', 7],
    ['of GlobalSign', 'rfc3161/authorities/digitorus-timeStampToken.tok', 1],
  ])('is refused everywhere but in certificates that nothing rests on: %s', async (...given) => {
    const [, path, step] = given
    const found = sample(path)
    expect((await verifyTimestamp(found.token, found.options)).ok).toBe(true)
    const all = Array.from(found.token.keys())
    const isUnused = (offset: number) =>
      found.unused.some(({ from, to }) => offset >= from && offset < to)
    const { from, to } = found.signer
    const isTried = (offset: number) => offset < from || offset >= to || offset % step === 0
    const used = all.filter((offset) => !isUnused(offset) && isTried(offset))
    expect(used.length).toBeGreaterThan(1500)
    expect(await acceptedChanges(found, used)).toEqual([])
    // They may be changed, since the caller's anchors are not taken from the token: a few show it.
    const some = all.filter((offset) => isUnused(offset) && offset % 97 === 0)
    expect((await acceptedChanges(found, some)).length).toBeGreaterThan(0)
  })
})
