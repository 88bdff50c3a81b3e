/** Checks the partial tiles and bundles of smaller sizes, where a source can say which there are. */
import { equalBytes } from '../bytes.ts'
import { readFile, reasonOf, type TileFailure, type TileSource } from '../tiles/source.ts'
import { tileWidth } from '../tiles/width.ts'
import { until } from '../until.ts'
import { type LogFile, pathOf } from './files.ts'
import type { ProblemList } from './problems.ts'

/** Where older files are looked for. */
export interface OlderFiles {
  readonly source: TileSource
  readonly list: ((directory: string) => Promise<readonly string[]>) | undefined
  readonly signal: AbortSignal | undefined
}

async function namesIn(
  { list, signal }: OlderFiles,
  directory: string,
): Promise<readonly string[] | TileFailure> {
  try {
    const outcome = await until(async () => list?.(directory), [signal])
    return outcome.ended === 'done' ? (outcome.value ?? []) : []
  } catch (cause) {
    const detail = `${directory} could not be listed: ${reasonOf(cause)}`
    return { ok: false, code: 'SOURCE_FAILED', paths: [directory], detail, cause }
  }
}

/** Compares all narrower versions of `file` with the beginning of it, which `expected` gives. */
export async function checkOlder(
  older: OlderFiles,
  file: LogFile,
  expected: (width: number) => Uint8Array,
  problems: ProblemList,
): Promise<void> {
  if (older.list === undefined) return
  const directory = `${pathOf({ ...file, width: tileWidth })}.p`
  const names = await namesIn(older, directory)
  if ('ok' in names) return problems.add(names)
  for (const name of names) {
    const width = Number(name)
    // Wider ones are of a tree that has grown since.
    if (!/^[1-9][0-9]{0,2}$/.test(name) || width >= file.width) continue
    const path = `${directory}/${name}`
    const read = await readFile(older.source, path, older.signal)
    if (older.signal?.aborted === true) return
    if (read?.ok === false) problems.add(read)
    if (read?.ok === true && !equalBytes(read.bytes, expected(width))) {
      const detail = `${path} is not the beginning of the newer file`
      problems.add({ code: 'PARTIAL_MISMATCH', paths: [path], detail })
    }
  }
}
