/** The packages of this workspace, as their manifests describe them. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the repository. */
export const root: string = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** The members of a package.json that our tools read. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** One package of the workspace. `directory` is relative to the repository, with `/`. */
export interface WorkspacePackage {
  readonly name: string
  readonly directory: string
  readonly kind: 'package' | 'app' | 'tool'
  readonly manifest: Manifest
}

const kinds = { packages: 'package', apps: 'app', tools: 'tool' } as const

/** Reads a JSON file. The caller states its type; only our own files are read this way. */
export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T
}

/** The workspace's packages, in the order of their folders. `base` is the repository's folder. */
export function workspacePackages(base: string = root): WorkspacePackage[] {
  const found: WorkspacePackage[] = []
  for (const [folder, kind] of Object.entries(kinds)) {
    for (const name of readdirSync(join(base, folder)).sort()) {
      // Not a workspace package: it holds Node binaries that must not reach anyone's PATH.
      if (folder === 'tools' && name === 'nodes') continue
      const directory = `${folder}/${name}`
      let manifest: Manifest
      try {
        manifest = readJson(join(base, directory, 'package.json'))
      } catch (error) {
        // A folder that holds no package, for example one that only ignored files were left in.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue
        throw error
      }
      found.push({ name: manifest.name, directory, kind, manifest })
    }
  }
  return found
}

/** The packages that are published. */
export function publicPackages(base: string = root): WorkspacePackage[] {
  return workspacePackages(base).filter(({ manifest }) => manifest.private !== true)
}
