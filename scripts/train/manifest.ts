/** The manifest of a release train: which package is at which version, and the digests of what npm serves. */

/** One package as published. `tarball` is `sha256:` and the SHA-256 of the tarball in hex. */
export interface TrainPackage {
  readonly name: string
  readonly version: string
  readonly tarball: string
}

/** What a file in `releases/` holds. */
export interface Train {
  readonly train: string
  readonly commit: string
  readonly packages: Readonly<
    Record<string, { readonly version: string; readonly tarball: string }>
  >
}

/** `2026.12` or `2026.12.3` as numbers; the first train of a month is its number 1. */
function parts(name: string): [number, number, number] | undefined {
  const [, year, month, count] = /^(\d{4})\.(\d{2})(?:\.(\d+))?$/.exec(name) ?? []
  if (year === undefined || month === undefined) return undefined
  return [Number(year), Number(month), Number(count ?? 1)]
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index])
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}

/**
 * The name of the next train (`year.month`, in UTC, and `.2`, `.3`, ... for more in one month) and
 * of the newest one that there is.
 */
export function nextTrain(
  now: Date,
  names: readonly string[],
): { name: string; previous: string | undefined } {
  const known = names
    .flatMap((name) => {
      const order = parts(name)
      return order === undefined ? [] : [{ name, order }]
    })
    .sort((a, b) => compare(a.order, b.order))
  const year = now.getUTCFullYear()
  const month = now.getUTCMonth() + 1
  const same = known.filter(({ order }) => order[0] === year && order[1] === month).at(-1)
  const base = `${year}.${String(month).padStart(2, '0')}`
  const name = same === undefined ? base : `${base}.${same.order[2] + 1}`
  return { name, previous: known.at(-1)?.name }
}

/** What a manifest is made from. */
export interface TrainInput {
  readonly name: string
  readonly commit: string
  /** Every public package at its present version. */
  readonly packages: readonly Pick<TrainPackage, 'name' | 'version'>[]
  /** What this train published. */
  readonly packed: readonly TrainPackage[]
  readonly previous?: Train | undefined
}

/**
 * The manifest. A package that this train did not publish keeps the digest of the train before,
 * and must be at the version that it has there.
 */
export function trainManifest({ name, commit, packages, packed, previous }: TrainInput): Train {
  const entries = packages.map(({ name: id, version }) => {
    const fresh = packed.find((item) => item.name === id && item.version === version)
    if (fresh !== undefined) return [id, { version, tarball: fresh.tarball }] as const
    const old = previous?.packages[id]
    if (old === undefined || old.version !== version) {
      throw new Error(`${id}@${version} was neither packed for this train nor in the one before`)
    }
    return [id, { version, tarball: old.tarball }] as const
  })
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return { train: name, commit, packages: Object.fromEntries(entries) }
}
