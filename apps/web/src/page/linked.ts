/** Files that the address of the page names: `?proof=URL&policy=URL&body=URL`, of its own origin. */
import {
  type FileUse,
  fileUses,
  holdFile,
  longestFor,
  type ReadFile,
  tooLong,
} from './held-file.ts'
import { sizeInWords } from './reveal.ts'

/** What is to be fetched. */
export interface LinkedFile {
  readonly use: FileUse
  readonly url: URL
}

/** What an address asks for: files, or a sentence about why it is not followed. */
export type Linked =
  | { readonly ok: true; readonly files: readonly LinkedFile[] }
  | { readonly ok: false; readonly problem: string }

/** Reads the address of the page. URLs in it are relative to the page. */
export function linkedFiles(address: string): Linked {
  const page = new URL(address)
  const files: LinkedFile[] = []
  for (const use of fileUses) {
    const [value, ...more] = page.searchParams.getAll(use)
    if (value === undefined) continue
    if (more.length > 0) return { ok: false, problem: `The address names more than one ${use}.` }
    const url = URL.canParse(value, page) ? new URL(value, page) : undefined
    // Another origin would learn who looks at what; and what a link names is nobody's choice here.
    if (url === undefined || url.origin !== page.origin || !/^https?:$/.test(url.protocol)) {
      return {
        ok: false,
        problem: `The address names a ${use} of another origin, and this page connects to its own only.`,
      }
    }
    files.push({ use, url })
  }
  return { ok: true, files }
}

async function readBounded(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const pieces: Uint8Array[] = []
  let size = 0
  const reader = body?.getReader()
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done || value === undefined) break
    size += value.length
    if (size > limit) {
      await reader?.cancel()
      return undefined
    }
    pieces.push(value)
  }
  return new Uint8Array(await new Blob(pieces.map((piece) => Uint8Array.from(piece))).arrayBuffer())
}

/** Fetches one file, within its bound, without following anywhere else, until `signal` ends it. */
export async function fetchLinked(
  { use, url }: LinkedFile,
  signal: AbortSignal,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<ReadFile> {
  const name = url.pathname
  const refused = (problem: string): ReadFile => ({ ok: false, problem })
  try {
    const response = await fetch(url, {
      credentials: 'omit',
      redirect: 'error',
      cache: 'no-store',
      signal,
    })
    if (!response.ok)
      return refused(`${name} was not found: the server answers ${response.status}.`)
    const limit = longestFor(use)
    const stated = tooLong(name, Number(response.headers.get('content-length') ?? 0), use)
    if (stated !== undefined) return refused(stated)
    const bytes = await readBounded(response.body, limit)
    if (bytes === undefined) {
      return refused(`${name} was not read to its end: it has more than ${sizeInWords(limit)}.`)
    }
    return holdFile({ name, bytes, chosen: false }, use)
  } catch {
    return refused(`${name} could not be fetched.`)
  }
}
