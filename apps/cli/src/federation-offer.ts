/** What a peer says of itself. It is for a person to compare: nothing of it is believed. */
import { readFile, realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { askDescription, type ReadDescription, readDescription } from '@vaultmesh/federation/node'
import { parseVkey } from '@vaultmesh/merkle/note'
import { openWorkspace } from '@vaultmesh/remembrancer/workspace'
import { parsePrefix } from '@vaultmesh/tlog/http'
import type { Context } from './command.ts'
import { failureOf, VmError } from './errors.ts'
import { originIn } from './log-target.ts'

/** Where a peer is. */
export type Place =
  | { readonly kind: 'url'; readonly url: string }
  /** An absolute path. */
  | { readonly kind: 'folder'; readonly folder: string }

/** What a peer says of itself. */
export interface Offer {
  /** What it calls itself. */
  readonly name: string | undefined
  /** The origins of its own logs. */
  readonly origins: readonly string[]
  /** The vkeys that it says are those of its logs. A log may have none here, or several. */
  readonly logKeys: readonly string[]
  /** The vkeys that it says are those of its witness. */
  readonly witnessKeys: readonly string[]
}

/** The place that a user names. @throws {VmError} `VM_USAGE` */
export async function placeOf({ cwd }: Context, text: string): Promise<Place> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    try {
      return { kind: 'url', url: parsePrefix(text, 'the peer', false).href }
    } catch (error) {
      throw new VmError('VM_USAGE', failureOf(error).message, {
        hint: 'give its https: URL, or an http: one on this machine',
      })
    }
  }
  const folder = await realpath(resolve(cwd, text)).catch(() => undefined)
  if (folder !== undefined) return { kind: 'folder', folder }
  throw new VmError('VM_USAGE', `${text} is neither a URL nor a folder that is there`, {
    hint: 'give the URL of the peer, or the folder of its workspace or log',
  })
}

function offerOf(read: ReadDescription, where: string): Offer {
  if (!read.ok) {
    throw new VmError('VM_NOT_VERIFIED', `${where} does not say what it is: ${read.detail}`, {
      hint: 'ask its owner whether this is the right place',
    })
  }
  const { name, logs, witnesses } = read.description
  const origins = new Set(logs.flatMap((vkey) => parseVkey(vkey)?.name ?? []))
  return { name, origins: [...origins], logKeys: logs, witnessKeys: witnesses }
}

async function askUrl({ signal }: Context, url: string): Promise<Offer> {
  const read = await askDescription(url, { signal }).catch((cause) => {
    signal.throwIfAborted()
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new VmError('VM_FAILED', `${url} does not say what it is: ${why}`, {
      hint: 'ask its owner whether the node is served there, with `vm federation witness` or `vm serve`',
      cause,
    })
  })
  return offerOf(read, url)
}

/** The log of a workspace that is no node, where the folder is that of either. */
async function workspaceOffer({ env }: Context, folder: string): Promise<Offer | undefined> {
  const workspace = await openWorkspace({ directory: folder, env, clock: () => new Date() }).catch(
    () => undefined,
  )
  if (workspace === undefined) return undefined
  const { origin, directory, keys } = await workspace.log().finally(() => workspace.close())
  const published = await realpath(directory).catch(() => undefined)
  if (folder !== workspace.root && folder !== published) return undefined
  const { log, retiringLog } = keys
  const logKeys = retiringLog === undefined ? [log] : [log, retiringLog]
  return { name: undefined, origins: [origin], logKeys, witnessKeys: [] }
}

async function askFolder(context: Context, folder: string): Promise<Offer> {
  const note = join(folder, '.vaultmesh', 'federation.note')
  const described = await readFile(note).catch(() => undefined)
  if (described !== undefined) return offerOf(await readDescription(described), note)
  const offer = await workspaceOffer(context, folder)
  if (offer !== undefined) return offer
  const origin = await originIn(folder)
  return { name: undefined, origins: [origin], logKeys: [], witnessKeys: [] }
}

/**
 * Asks a peer what it is.
 *
 * @throws {VmError} `VM_FAILED` where it can't be asked, `VM_NOT_VERIFIED` where the answer is none,
 * `VM_PREFLIGHT` for a folder that holds neither a workspace nor a log
 */
export function askOffer(context: Context, place: Place): Promise<Offer> {
  return place.kind === 'url' ? askUrl(context, place.url) : askFolder(context, place.folder)
}
