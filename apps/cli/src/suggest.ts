/** The optimal string alignment distance of two short texts: insert, delete, replace, or swap two neighbours. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (same ? 0 : 1),
      )
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1)
      }
      row.push(cost)
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}

// Nobody mistypes a name this long; a bound keeps the cost of a hostile argument small.
const longest = 64

/** The name that was probably meant, or undefined where none is near: at most a third of it differs. */
export function suggest(typed: string, names: readonly string[]): string | undefined {
  if (typed.length > longest) return undefined
  let best: { name: string; far: number } | undefined
  for (const name of names) {
    const far = name.startsWith(typed) && typed.length >= 3 ? 1 : distance(typed, name)
    const near = far <= Math.max(1, Math.floor(name.length / 3))
    if (near && (best === undefined || far < best.far)) best = { name, far }
  }
  return best?.name
}
