/** The time budgets of the steps, out of the table in CONTRIBUTING.md. */

/** Seconds by step name, from rows such as `| `lint` | what it does | 5 s |`. */
export function readBudgets(contributing: string): Map<string, number> {
  return new Map(
    [...contributing.matchAll(/^\| `([a-z-]+)` \|.*\| (\d+) s \|$/gm)].map(([, name, seconds]) => [
      name ?? '',
      Number(seconds),
    ]),
  )
}
