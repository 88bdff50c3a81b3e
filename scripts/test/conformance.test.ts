import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { conformanceDirectory, itWith, temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import { checkFolder, type Download, fetchInto } from '../conformance/fetch.ts'
import { goBytes, originOf, readDigests, readSources } from '../conformance/list.ts'

/** A server that holds what is in the conformance folder, at the addresses we would ask. */
function server(): Download {
  const held = new Map<string, Uint8Array>()
  const variables = new Map<string, string[]>()
  for (const path of readDigests().keys()) {
    const origin = originOf(path, readSources())
    if (origin === undefined) continue
    const bytes = readFileSync(join(conformanceDirectory(), path))
    if (origin.variable === undefined) {
      held.set(origin.url, bytes)
    } else {
      const list = [...bytes].map((byte) => `0x${byte.toString(16)}`).join(', ')
      const lines = [
        ...(variables.get(origin.url) ?? []),
        `var ${origin.variable} = []byte{${list}}`,
      ]
      variables.set(origin.url, lines)
    }
  }
  for (const [url, lines] of variables)
    held.set(url, Buffer.from(`package x\n\n${lines.join('\n')}\n`))
  return async (url) => {
    const bytes = held.get(url)
    if (bytes === undefined) throw new Error(`404: ${url}`)
    return bytes
  }
}

it('has a pinned source, or a reason, for every file', () => {
  const sources = readSources()
  for (const path of readDigests().keys()) {
    const known = originOf(path, sources)?.url ?? sources.unpublished[path]
    expect(known, path).toBeDefined()
  }
  for (const { commit } of sources.sources) expect(commit).toMatch(/^[0-9a-f]{40}$/)
})

it('names paths as URLs need them', () => {
  const url = originOf('traces/gavel-msr-ee9e8c.trace', readSources())?.url
  expect(url).toContain('/msr/seed%3D0/ee9e8c.trace')
})

it('reads bytes out of Go', () => {
  expect([...goBytes('package x\n\nvar a = []byte{0x1, 0xff,\n\t0x30}\n', 'a')]).toEqual([
    1, 255, 48,
  ])
  expect(() => goBytes('var a = 1', 'a')).toThrow('no Go variable a')
})

describe('the data', () => {
  itWith(['conformance'], 'is what the committed digests say', () => {
    expect(checkFolder(conformanceDirectory())).toEqual({ wrong: [], missing: [] })
  })

  itWith(['conformance'], 'is noticed where a file is missing or another', () => {
    const folder = join(temporaryDirectory(), 'copy')
    cpSync(conformanceDirectory(), folder, { recursive: true, mode: 0 })
    rmSync(join(folder, 'wycheproof/ed25519_test.json'), { force: true })
    const token = join(folder, 'rfc3161/notation/TimeStampToken.p7s')
    rmSync(token)
    writeFileSync(token, 'other')
    expect(checkFolder(folder)).toEqual({
      wrong: ['rfc3161/notation/TimeStampToken.p7s'],
      missing: ['wycheproof/ed25519_test.json'],
    })
  })

  itWith(['conformance'], 'is fetched whole into an empty folder', async () => {
    const folder = join(temporaryDirectory(), 'new')
    const left = await fetchInto(folder, server())
    expect(left).toEqual(Object.keys(readSources().unpublished).sort())
    expect(checkFolder(folder)).toEqual({ wrong: [], missing: left })
  })

  itWith(['conformance'], 'is refused where a source serves anything else', async () => {
    const folder = join(temporaryDirectory(), 'new')
    const forged: Download = async () => Buffer.from('forged')
    await expect(fetchInto(folder, forged)).rejects.toThrow(/ hashes to [0-9a-f]{64}, not /)
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([])
  })
})
