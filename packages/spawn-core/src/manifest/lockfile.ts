/** What a `package-lock.json` (version 2 or 3) says about the packages that it locks. */
import { posix } from 'node:path'
import { SpawnError } from '../errors.ts'
import { byCodeUnit, decodeUtf8, isMembers, type Members } from '../json.ts'

/** One installed package. */
export interface LockedPackage {
  readonly name: string
  readonly version: string
  /** Subresource Integrity text, such as `sha512-…`. */
  readonly integrity?: string
  /** As the package's author wrote it. */
  readonly license?: string
  /** Only for building and testing. */
  readonly dev: boolean
  readonly optional: boolean
  /** The folders of the packages that it needs, sorted. */
  readonly needs: readonly string[]
}

/** A parsed lockfile. */
export interface Lockfile {
  readonly root: LockedPackage
  /** By folder, such as `node_modules/fastify`. */
  readonly packages: ReadonlyMap<string, LockedPackage>
}

const needKinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']

/** The folder that Node finds `name` in when a file in `folder` imports it; undefined where none is. */
function resolveNeed(folder: string, name: string, packages: Members): string | undefined {
  for (let base = folder; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    const candidate = `${base === '' ? '' : `${base}/`}node_modules/${name}`
    if (Object.hasOwn(packages, candidate)) return candidate
    if (base === '') return undefined
  }
}

function text(members: Members, name: string): string | undefined {
  const value = members[name]
  return typeof value === 'string' ? value : undefined
}

function parsePackage(folder: string, members: Members, packages: Members): LockedPackage {
  // npm writes the name only where the folder does not give it.
  const inModules = folder.split(/(?:^|\/)node_modules\//).at(-1) ?? ''
  const name = text(members, 'name') ?? (inModules === folder ? posix.basename(folder) : inModules)
  const needs = needKinds
    .flatMap((kind) => (isMembers(members[kind]) ? Object.keys(members[kind]) : []))
    .flatMap((need) => resolveNeed(folder, need, packages) ?? [])
  const integrity = text(members, 'integrity')
  const license = text(members, 'license')
  return {
    name,
    version: text(members, 'version') ?? '0.0.0',
    ...(integrity === undefined ? {} : { integrity }),
    ...(license === undefined ? {} : { license }),
    dev: members['dev'] === true,
    optional: members['optional'] === true || members['devOptional'] === true,
    needs: [...new Set(needs)].sort(byCodeUnit),
  }
}

/** Parses a lockfile. Throws `RENDER_FAILED`: a template made it. */
export function parseLockfile(bytes: Uint8Array): Lockfile {
  let value: unknown
  try {
    value = JSON.parse(decodeUtf8(bytes) ?? '')
  } catch (cause) {
    throw new SpawnError('RENDER_FAILED', 'package-lock.json is no JSON.', { cause })
  }
  const packages = isMembers(value) ? value['packages'] : undefined
  if (!isMembers(packages) || !isMembers(packages[''])) {
    throw new SpawnError('RENDER_FAILED', 'package-lock.json is not of version 2 or 3.')
  }
  const parsed = new Map<string, LockedPackage>()
  for (const folder of Object.keys(packages).sort(byCodeUnit)) {
    const members = packages[folder]
    if (folder !== '' && isMembers(members) && members['link'] !== true) {
      parsed.set(folder, parsePackage(folder, members, packages))
    }
  }
  return { root: parsePackage('', packages[''], packages), packages: parsed }
}
