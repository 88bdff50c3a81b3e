/** `.vm/sbom.cdx.json`: a CycloneDX 1.6 bill of materials, from `package-lock.json`. */
import { byCodeUnit, canonicalBytes } from '../json.ts'
import { type LockedPackage, type Lockfile, parseLockfile } from './lockfile.ts'

interface Component {
  readonly 'bom-ref': string
  readonly type: 'application' | 'library'
  readonly group?: string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly scope?: 'excluded' | 'optional' | 'required'
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[]
  readonly licenses?: readonly [License]
}

type License = { readonly expression: string } | { readonly license: { readonly name: string } }

const algorithms: Readonly<Record<string, string>> = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
}

/** The package URL, by the rules of the type `npm`: the `@` of a scope is escaped. */
function purl({ name, version }: LockedPackage): string {
  const path = name.toLowerCase().split('/').map(encodeURIComponent).join('/')
  return `pkg:npm/${path}@${encodeURIComponent(version)}`
}

function hashes(integrity: string): { alg: string; content: string }[] {
  return integrity.split(/\s+/).flatMap((text) => {
    const [algorithm = '', base64 = ''] = text.split('-', 2)
    const alg = algorithms[algorithm]
    const content = Buffer.from(base64, 'base64').toString('hex')
    return alg === undefined ? [] : [{ alg, content }]
  })
}

// An SPDX expression by its shape; other texts ("SEE LICENSE IN …") are names.
const expression = /^\(*[A-Za-z0-9.+-]+\)*( (AND|OR|WITH) \(*[A-Za-z0-9.+-]+\)*)*$/

function license(text: string): License {
  return expression.test(text) && text !== 'UNLICENSED'
    ? { expression: text }
    : { license: { name: text } }
}

function scopeOf(locked: LockedPackage): 'excluded' | 'optional' | 'required' {
  // CycloneDX: "excluded" is what is not part of the thing that runs.
  if (locked.dev) return 'excluded'
  return locked.optional ? 'optional' : 'required'
}

// Not its package URL: a service may bear the name of a package that it uses.
const rootReference = 'service'

function reference(locked: LockedPackage, lockfile: Lockfile): string {
  return locked === lockfile.root ? rootReference : purl(locked)
}

function component(locked: LockedPackage, type: Component['type']): Component {
  const slash = locked.name.startsWith('@') ? locked.name.indexOf('/') : -1
  return {
    'bom-ref': type === 'application' ? rootReference : purl(locked),
    type,
    ...(slash > 0 ? { group: locked.name.slice(0, slash) } : {}),
    name: locked.name.slice(slash + 1),
    version: locked.version,
    purl: purl(locked),
    ...(type === 'library' ? { scope: scopeOf(locked) } : {}),
    ...(locked.integrity === undefined ? {} : { hashes: hashes(locked.integrity) }),
    ...(locked.license === undefined ? {} : { licenses: [license(locked.license)] as const }),
  }
}

const strength = { excluded: 0, optional: 1, required: 2 } as const

/** One component for each package and version, though npm may install it in several folders. */
function components(lockfile: Lockfile): Component[] {
  const merged = new Map<string, Component>()
  for (const locked of lockfile.packages.values()) {
    const next = component(locked, 'library')
    const before = merged.get(next['bom-ref'])
    const stronger =
      before === undefined ||
      strength[next.scope ?? 'required'] > strength[before.scope ?? 'required']
    if (stronger) merged.set(next['bom-ref'], next)
  }
  return [...merged.values()].sort((a, b) => byCodeUnit(a['bom-ref'], b['bom-ref']))
}

function dependencies(lockfile: Lockfile): { ref: string; dependsOn: string[] }[] {
  const graph = new Map<string, Set<string>>()
  for (const locked of [lockfile.root, ...lockfile.packages.values()]) {
    const ref = reference(locked, lockfile)
    const needs = graph.get(ref) ?? new Set()
    for (const folder of locked.needs) {
      const need = lockfile.packages.get(folder)
      if (need !== undefined) needs.add(purl(need))
    }
    graph.set(ref, needs)
  }
  return [...graph]
    .map(([ref, needs]) => ({ ref, dependsOn: [...needs].sort(byCodeUnit) }))
    .sort((a, b) => byCodeUnit(a.ref, b.ref))
}

/**
 * The bill of materials of what a `package-lock.json` locks, as canonical JSON. The same lockfile
 * gives the same bytes: it holds no time and no serial number. Throws `RENDER_FAILED`.
 */
export function softwareBill(lock: Uint8Array): Uint8Array {
  const lockfile = parseLockfile(lock)
  return canonicalBytes({
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: component(lockfile.root, 'application') },
    components: components(lockfile),
    dependencies: dependencies(lockfile),
  })
}
