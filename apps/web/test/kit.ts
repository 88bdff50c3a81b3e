/** What the tests share: the page as it is served, and the golden vectors. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeCanonicalJson } from '@vaultmesh/remembrancer'
import { type Site, serveSite } from '@vaultmesh/testing/browser'
import { pageHeaders, preparePage } from '../src/index.ts'

/** A golden vector, as its index describes it. */
export interface Vector {
  readonly file: string
  readonly policy: string
  readonly ok: boolean
  readonly failing: readonly { readonly id: string; readonly status: string }[]
  readonly warned: readonly string[]
}

const folder = new URL('../../../docs/formats/vectors/', import.meta.url)

/** The bytes of a file of the golden vectors, by its path there. */
export function vectorFile(path: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(readFileSync(new URL(path, folder)))
}

function listed(path: string): readonly Vector[] {
  return JSON.parse(readFileSync(new URL(path, folder), 'utf8'))
}

/** All golden vectors of bundles. */
export const vectors: readonly Vector[] = listed('index.json')

/** All golden vectors of fork proofs, by their paths among the others. */
export const forkVectors: readonly Vector[] = listed('fork/index.json').map((vector) => ({
  ...vector,
  file: `fork/${vector.file}`,
  policy: `fork/${vector.policy}`,
}))

/** A trust policy that believes the logs of a tlog-policy among the vectors, as that says. */
export function policyOfLog(path: string): Uint8Array<ArrayBuffer> {
  const lines = new TextDecoder().decode(vectorFile(path)).split('\n')
  const originOf = (line: string): string | undefined => /^log ([^+]+)\+/.exec(line)?.[1]
  const origins = new Set(lines.flatMap((line) => originOf(line) ?? []))
  return writeCanonicalJson({
    keys: [],
    logs: [...origins].sort().map((origin) => ({
      namespaces: ['payments'],
      origin,
      // A trust policy names no other log's keys than this one's.
      policy: lines.filter((line) => [undefined, origin].includes(originOf(line))).join('\n'),
    })),
    mediaType: 'application/vnd.vaultmesh.policy.v0+json',
    require: { independentTime: false, signatures: 1, timestamps: 0, witnesses: false },
    timeAuthorities: [],
  })
}

/** The page as a server of its own would give it, below `some/path/`; the vectors are at `data/`. */
export interface PageSite extends Site {
  /** The path of every request, as it comes. Empty it freely. */
  readonly requests: string[]
}

/** Builds the page and serves it. Files of `extra` are served too, by path. */
export async function servePage(
  extra: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<PageSite> {
  const folder = mkdtempSync(join(tmpdir(), 'vaultmesh-page-'))
  const page = await preparePage(folder)
  const requests: string[] = []
  const site = await serveSite((path) => {
    requests.push(path)
    const added = extra.get(path)
    if (added !== undefined) return { body: added }
    if (path.startsWith('data/')) return { body: vectorFile(path.slice('data/'.length)) }
    if (!path.startsWith('some/path/')) return undefined
    const file = join(page, path.slice('some/path/'.length) || 'index.html')
    if (!existsSync(file)) return undefined
    const type = path.endsWith('/') ? { 'content-type': 'text/html; charset=utf-8' } : {}
    return { body: readFileSync(file), headers: { ...pageHeaders, ...type } }
  })
  return {
    ...site,
    requests,
    async close() {
      await site.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
