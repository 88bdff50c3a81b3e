/** Packs the public packages as they would be published. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { output, pnpm } from './run.ts'
import { publicPackages, root, type WorkspacePackage } from './workspace.ts'

/** A package and the absolute path of its tarball. */
export interface Packed {
  readonly package: WorkspacePackage
  readonly tarball: string
}

/** Builds what is out of date (turbo knows), in dependency order. */
export async function build(): Promise<string> {
  // turbo looks for pnpm on the PATH; started through pnpm it finds the one that runs it.
  const [program, ...first] = pnpm()
  const args = ['exec', 'turbo', 'run', 'build', '--output-logs=errors-only']
  return output(program, [...first, ...args], { env: { TURBO_TELEMETRY_DISABLED: '1' } })
}

/** Packs every public package into `folder`, which is emptied first. They must be built. */
export async function packAll(folder: string): Promise<Packed[]> {
  rmSync(folder, { recursive: true, force: true })
  const [program, ...first] = pnpm()
  const packed: Packed[] = []
  for (const item of publicPackages()) {
    const destination = join(folder, item.directory.replace('/', '-'))
    mkdirSync(destination, { recursive: true })
    await output(program, [...first, 'pack', '--pack-destination', destination], {
      cwd: join(root, item.directory),
    })
    const [name] = readdirSync(destination)
    if (name === undefined) throw new Error(`pnpm pack made no tarball of ${item.name}`)
    packed.push({ package: item, tarball: join(destination, name) })
  }
  return packed
}

/** Where checks of the same run find the tarballs. */
export const packFolder: string = join(root, 'node_modules/.cache/packs')
