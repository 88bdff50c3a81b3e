/** Where results and page are. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { areas } from '../cases/index.ts'
import type { AreaResult } from '../harness/result.ts'
import { growthPlots } from './growth.ts'
import { page } from './page.ts'

function pathOf(root: string, file: string): string {
  return join(root, 'docs/benchmarks', file)
}

/** The results in `docs/benchmarks`, in the order of the areas. `root` is the repository's folder. */
export function readAreas(root: string): AreaResult[] {
  return Object.keys(areas).flatMap((area) => {
    const path = pathOf(root, `${area}.json`)
    return existsSync(path) ? [JSON.parse(readFileSync(path, 'utf8')) as AreaResult] : []
  })
}

/** Indented, but with each list of samples on one line: so it stays small, and a diff readable. */
export function encodeArea(result: AreaResult): string {
  const text = JSON.stringify(result, undefined, 1)
  return `${text.replaceAll(/\[[\s\d.,e+-]*\]/g, (list) => list.replaceAll(/\s+/g, ''))}\n`
}

/** Writes an area's results, in place of what was there. */
export function writeArea(root: string, result: AreaResult): void {
  mkdirSync(pathOf(root, ''), { recursive: true })
  writeFileSync(pathOf(root, `${result.area}.json`), encodeArea(result))
}

/** Writes the page and the plots from the results that are there. */
export function writePage(root: string): void {
  const results = readAreas(root)
  for (const result of results) {
    for (const [file, svg] of growthPlots(result)) writeFileSync(pathOf(root, file), svg)
  }
  writeFileSync(join(root, 'docs/benchmarks.md'), page(results))
}
