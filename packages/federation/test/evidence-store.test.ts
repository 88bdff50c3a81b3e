import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import { encodeForkProof } from '../src/fork-proof/encode.ts'
import { maxForkProofBytes } from '../src/fork-proof/types.ts'
import { type EvidenceStore, openEvidenceStore } from '../src/node.ts'
import { makeFork } from './kit/fork.ts'
import { logSigner, policyOf, witnessSigner } from './kit/keys.ts'

const log = logSigner('example.com/log')
const other = logSigner('example.com/other')
const witnesses = [witnessSigner('w.example/one'), witnessSigner('w.example/two')]

function storeIn(directory: string, policy = policyOf([log])): EvidenceStore {
  const trustOf = (origin: string) => (origin === log.name ? policy : undefined)
  return openEvidenceStore({ directory, trustOf })
}

function idOf(receipt: Awaited<ReturnType<EvidenceStore['add']>>): string {
  if (receipt.status === 'refused') throw new Error(receipt.detail)
  return receipt.id
}

describe('kept fork proofs', () => {
  it('are verified, written once, and there for the next', async () => {
    const directory = join(temporaryDirectory(), 'deep', 'evidence')
    const store = storeIn(directory)
    expect(await store.list()).toEqual([])
    expect(await store.read('00'.repeat(32))).toBeUndefined()
    const { bytes } = await makeFork(log, [9, 12], 4)
    const id = idOf(await store.add(bytes))
    expect(await store.add(bytes)).toEqual({ status: 'known', id, origin: log.name })
    expect(readdirSync(directory)).toEqual([`${id}.vmfork.json`])
    const next = storeIn(directory)
    expect(await next.list(log.name)).toMatchObject([{ id, fork: { divergence: { size: 4n } } }])
    expect(await next.list(other.name)).toEqual([])
    expect(Buffer.compare((await next.read(id)) ?? new Uint8Array(), bytes)).toBe(0)
  })

  it('are nothing else', async () => {
    const store = storeIn(join(temporaryDirectory(), 'evidence'))
    const { bytes } = await makeFork(log, [9, 12], 4)
    expect(await store.add(new Uint8Array())).toMatchObject({ code: 'INVALID' })
    expect(await store.add(bytes.slice(1))).toMatchObject({ code: 'INVALID' })
    expect(await store.add((await makeFork(other, [9, 12], 4)).bytes)).toMatchObject({
      status: 'refused',
      code: 'UNKNOWN_LOG',
    })
    expect(await store.add(new Uint8Array(maxForkProofBytes + 1))).toMatchObject({
      code: 'TOO_LARGE',
    })
  })

  it('are not believed because they are in the folder', async () => {
    const directory = temporaryDirectory()
    const store = storeIn(directory)
    const { bytes } = await makeFork(log, [9, 12], 4)
    const id = idOf(await store.add(bytes))
    const strange = await makeFork(other, [9, 12], 4)
    const sha = createHash('sha256').update(strange.bytes).digest('hex')
    writeFileSync(join(directory, `${sha}.vmfork.json`), strange.bytes)
    writeFileSync(join(directory, `${'0'.repeat(64)}.vmfork.json`), bytes)
    writeFileSync(join(directory, `${id}.vmfork.json.abc.new`), bytes)
    writeFileSync(join(directory, 'notes.txt'), 'what we know')
    mkdirSync(join(directory, `${'1'.repeat(64)}.vmfork.json`))
    for (const reader of [store, storeIn(directory)]) {
      expect((await reader.list()).map((proof) => proof.id)).toEqual([id])
    }
    expect(await store.read('0'.repeat(64))).toBeUndefined()
    // Damaged, it is none; mended, it is one again.
    writeFileSync(join(directory, `${id}.vmfork.json`), bytes.slice(0, 100))
    const reader = storeIn(directory)
    expect(await reader.list()).toEqual([])
    expect(await reader.add(bytes)).toMatchObject({ status: 'kept' })
    expect(readFileSync(join(directory, `${id}.vmfork.json`)).equals(bytes)).toBe(true)
  })

  it('are the ones that decide what is trusted, where there are too many', async () => {
    const policy = policyOf([log], witnesses, 2)
    const directory = temporaryDirectory()
    const store = storeIn(directory, policy)
    // Whoever has the log's key alone can't make a proof that displaces one of the quorum's.
    const decisive = await makeFork(log, [60, 61], 50, [witnesses, witnesses])
    const id = idOf(await store.add(decisive.bytes))
    for (let common = 0; common < 33; common += 1) {
      await store.add((await makeFork(log, [60, 61], common)).bytes)
    }
    const kept = await store.list()
    expect(kept).toHaveLength(32)
    expect(kept.map((proof) => proof.id)).toContain(id)
    expect(readdirSync(directory)).toHaveLength(32)
  })

  it('are not displaced by others of the same fork that show no more', async () => {
    const policy = policyOf([log], witnesses, 2)
    const store = storeIn(temporaryDirectory(), policy)
    const first = await makeFork(log, [60, 61], 50, [witnesses, []])
    const ids = [idOf(await store.add(first.bytes))]
    ids.push(idOf(await store.add((await makeFork(log, [60, 61], 40)).bytes)))
    // Whoever has a proof and no key can leave out what it shows, and add signatures of nobody.
    const { divergence: _, ...less } = first.proof
    const [a, b] = less.heads
    const bare = `${a.checkpoint.split('\n').slice(0, 5).join('\n')}\n`
    for (let i = 0; i < 33; i += 1) {
      const nobody = `\u2014 nobody ${Buffer.alloc(8, i).toString('base64')}\n`
      for (const proof of [
        { ...less, heads: [{ ...a, checkpoint: `${a.checkpoint}${nobody}` }, b] as const },
        { ...first.proof, heads: [{ ...a, checkpoint: `${bare}${nobody}` }, b] as const },
      ]) {
        const receipt = await store.add(encodeForkProof(proof))
        expect(receipt).toEqual({ status: 'known', id: ids[0], origin: log.name })
      }
    }
    expect((await store.list()).map(({ id }) => id)).toEqual(ids.toSorted())
  })

  it('are one of each fork, with all that any of them shows, in whatever order they come', async () => {
    const policy = policyOf([log], witnesses, 2)
    const { proof, bytes } = await makeFork(log, [60, 61], 50, [witnesses, witnesses])
    const { divergence: _, ...bare } = proof
    const [a, b] = proof.heads
    const [text = '', lines = ''] = a.checkpoint.split('\n\n')
    const [logLine = '', ...cosigned] = lines.split(/(?<=\n)/)
    // Each with one cosignature, and none of them with all that another one shows.
    const parts = cosigned.map((line) => {
      const first = { ...a, checkpoint: `${text}\n\n${logLine}${line}` }
      return encodeForkProof({ ...bare, heads: [first, b] })
    })
    expect(parts).toHaveLength(2)
    const [one = bytes, two = bytes] = parts
    const shown = encodeForkProof({
      ...proof,
      heads: [{ ...a, checkpoint: `${text}\n\n${logLine}` }, b],
    })
    const all = createHash('sha256').update(bytes).digest('hex')
    for (const order of [
      [one, two, shown],
      [shown, two, one],
      [bytes, one, shown],
    ]) {
      const directory = temporaryDirectory()
      const store = storeIn(directory, policy)
      for (const it of order) await store.add(it)
      expect(readdirSync(directory)).toEqual([`${all}.vmfork.json`])
      expect((await store.list()).map(({ id }) => id)).toEqual([all])
      expect(Buffer.compare((await store.read(all)) ?? new Uint8Array(), bytes)).toBe(0)
    }
  })

  it('rank no higher for what is left out of them', async () => {
    const store = storeIn(temporaryDirectory())
    const late = await makeFork(log, [60, 61], 40)
    for (let common = 0; common < 32; common += 1) {
      await store.add((await makeFork(log, [60, 61], common)).bytes)
    }
    const kept = await store.list()
    const { divergence: _, ...bare } = late.proof
    expect(await store.add(late.bytes)).toMatchObject({ status: 'surplus' })
    expect(await store.add(encodeForkProof(bare))).toMatchObject({ status: 'surplus' })
    expect(await store.list()).toEqual(kept)
  })

  it('convince others too, whatever was added to them in the name of keys that are not known here', async () => {
    const { proof } = await makeFork(log, [9, 12], 4)
    const [a, b] = proof.heads
    const [witness] = witnesses
    const { vkey = '' } = witness ?? {}
    const [name = '', id = ''] = vkey.split('+')
    const forged = Buffer.concat([Buffer.from(id, 'hex'), Buffer.alloc(72, 1)]).toString('base64')
    const checkpoint = `${a.checkpoint}\u2014 ${name} ${forged}\n`
    const bytes = encodeForkProof({ ...proof, heads: [{ ...a, checkpoint }, b] })
    const others = storeIn(temporaryDirectory(), policyOf([log], witnesses, 2))
    expect(await others.add(bytes)).toMatchObject({ code: 'INVALID' })
    const store = storeIn(temporaryDirectory())
    const kept = await store.read(idOf(await store.add(bytes)))
    expect(await others.add(kept ?? new Uint8Array())).toMatchObject({ status: 'kept' })
  })

  it('come one after the other, so that the bound holds', async () => {
    const store = storeIn(temporaryDirectory())
    const { bytes } = await makeFork(log, [3, 3], 1)
    const receipts = await Promise.all([bytes, bytes, bytes].map((it) => store.add(it)))
    expect(receipts.map(({ status }) => status)).toEqual(['kept', 'known', 'known'])
  })

  it('are not kept where that can not be', async () => {
    const folder = temporaryDirectory()
    writeFileSync(join(folder, 'file'), '')
    const store = storeIn(join(folder, 'file', 'evidence'))
    const { bytes } = await makeFork(log, [3, 3], 1)
    await expect(store.add(bytes)).rejects.toMatchObject({ code: 'FEDERATION_IO' })
    // The next one is not held up by it.
    await expect(store.add(bytes)).rejects.toMatchObject({ code: 'FEDERATION_IO' })
  })
})
