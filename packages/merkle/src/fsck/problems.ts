/** Collects what is wrong. */
import type { FsckProblem } from './types.ts'

function keyOf({ code, paths }: FsckProblem): string {
  return [code, ...paths].join('\n')
}

/** Problems, each once, up to a number of them. */
export class ProblemList {
  readonly #problems = new Map<string, FsckProblem>()
  readonly #max: number

  constructor(max: number, problems: readonly FsckProblem[]) {
    this.#max = max
    for (const problem of problems) this.#problems.set(keyOf(problem), problem)
  }

  get isFull(): boolean {
    return this.#problems.size >= this.#max
  }

  get all(): readonly FsckProblem[] {
    return [...this.#problems.values()]
  }

  /** A check that goes on reads the tiles above its place again, and finds what it found before. */
  add({ code, paths, detail }: FsckProblem): void {
    const problem = { code, paths, detail }
    const key = keyOf(problem)
    if (!this.isFull && !this.#problems.has(key)) this.#problems.set(key, problem)
  }
}
