/** Finds out which of several copies of a hash is the right one. */

/** How many combinations are tried: a hostile log must not cost more than reading it. */
const maxTries = 256

/** Each array once, by content. */
function distinct(copies: readonly (Uint8Array | undefined)[]): Uint8Array[] {
  const byText = new Map<string, Uint8Array>()
  for (const copy of copies) if (copy !== undefined) byText.set(copy.join(), copy)
  return [...byText.values()]
}

/**
 * Picks one copy of each hash so that `isRight` holds for all of them together, or gives undefined
 * where no pick does, or there are too many to try. `sources` hold the same hashes, as far as they
 * have them; the first that has one is tried first.
 */
export function pickCopies(
  sources: readonly (readonly (Uint8Array | undefined)[])[],
  isRight: (hashes: readonly Uint8Array[]) => boolean,
): readonly Uint8Array[] | undefined {
  const [first = []] = sources
  const choices = first.map((_, slot) => distinct(sources.map((source) => source[slot])))
  const open = choices.flatMap((copies, slot) => (copies.length > 1 ? [slot] : []))
  const count = choices.reduce((product, copies) => product * copies.length, 1)
  if (count === 0 || count > maxTries) return undefined
  for (let number = 0; number < count; number += 1) {
    let rest = number
    const picked = choices.map((copies) => copies[0] ?? new Uint8Array())
    for (const slot of open) {
      const copies = choices[slot] ?? []
      picked[slot] = copies[rest % copies.length] ?? new Uint8Array()
      rest = Math.floor(rest / copies.length)
    }
    if (isRight(picked)) return picked
  }
  return undefined
}
