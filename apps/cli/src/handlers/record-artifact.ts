import { createHash } from 'node:crypto'
import { basename, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Context, Handler } from '../command.ts'
import type { artifactArguments } from '../commands/record.ts'
import { streamNamed, unreadable } from '../files.ts'
import { recordDraft } from '../record.ts'

/** The SHA-256 and the size of a file, read once and never held whole. */
async function measure(context: Context, file: string): Promise<{ sha256: string; size: string }> {
  const hash = createHash('sha256')
  let size = 0n
  await pipeline(
    await streamNamed(context, file),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        hash.update(chunk)
        size += BigInt(chunk.length)
      }
    },
    { signal: context.signal },
  )
  return { sha256: hash.digest('hex'), size: String(size) }
}

/** `vm memory record artifact` */
export const run: Handler<typeof artifactArguments> = async (context, values) => {
  const path = resolve(context.cwd, values.file)
  const { sha256, size } = await measure(context, values.file).catch((error: unknown) => {
    context.signal.throwIfAborted()
    throw unreadable(values.file, error)
  })
  const mediaType = values['media-type']
  return await recordDraft(context, values, {
    kind: 'artifact',
    title: values.title ?? basename(path),
    subject: [{ name: basename(path), digest: { sha256 } }],
    details: { ...(mediaType === undefined ? {} : { mediaType }), size },
  })
}
