import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { cosignerOf } from '@vaultmesh/remembrancer/workspace'
import { httpMirror, posixStorage, posixTiles, repairLog, type TileReader } from '@vaultmesh/tlog'
import type { Context, Handler } from '../command.ts'
import type { logRepairArguments } from '../commands/log.ts'
import { VmError } from '../errors.ts'
import { type LogTarget, withLog } from '../log-target.ts'
import { toned } from '../text.ts'

function mirrorAt({ cwd, signal }: Context, from: string): TileReader {
  if (/^[a-z]+:\/\//.test(from)) return httpMirror(from, { signal })
  const directory = resolve(cwd, from)
  // A mistyped name would be a mirror that has nothing.
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) {
    return posixTiles(directory)
  }
  throw new VmError('VM_USAGE', `--from names neither a folder nor a URL: ${from}`)
}

function writerState({ place, origin }: LogTarget) {
  if (place === undefined) return undefined
  const { lock, stage } = posixStorage(place, origin)
  return { lock, stage }
}

/** `vm log repair` */
export const run: Handler<typeof logRepairArguments> = (context, values) =>
  withLog(context, values, async (target) => {
    const { origin, directory, verifiers } = target
    const paths: string[] = []
    const { head, lost, repaired, isPublished } = await repairLog({
      origin,
      verifiers,
      tiles: posixTiles(directory),
      writer: writerState(target),
      mirrors: values.from.map((from) => mirrorAt(context, from)),
      signal: context.signal,
      cosign: target.place && cosignerOf(target.place, context.signal),
      onRepaired: (path) => {
        if (paths.length < 1000) paths.push(path)
        context.talk.status(path)
      },
    })
    const size = String(head.size)
    const json = { directory, lost, origin, published: isPublished, repaired: paths, size }
    const mended = `${repaired === 1 ? 'one file' : `${repaired} files`} mended`
    if (lost.length === 0) {
      const what = repaired === 0 && !isPublished ? 'nothing to mend' : mended
      return {
        json,
        text: [[toned('good', '\u2713'), ` ${origin}: ${what}, all files of ${size} entries`]],
      }
    }
    return {
      json,
      text: lost.map((path) => [toned('bad', '\u2717'), ` ${path} is found nowhere`]),
      failure: {
        code: 'VM_NOT_VERIFIED',
        message: `${lost.length === 1 ? 'a file is' : `${lost.length} files are`} lost (${mended})`,
        hint: 'name a copy of the log with --from: a folder, or the URL of a mirror',
      },
    }
  })
