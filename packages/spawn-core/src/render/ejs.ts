/** One EJS template and its context in, text out. */
import ejs from 'ejs'
import type { Answers } from '../answers.ts'
import { messageOf, SpawnError } from '../errors.ts'
import { encodersFor } from './encoders.ts'
import { gate } from './gate.ts'

/** What a tag can see besides the encoders. */
export interface Context {
  readonly answers: Answers
  readonly pins: Readonly<Record<string, string>>
}

// What differs from run to run. Undefining it keeps an honest template pure; it is no sandbox.
const impure = {
  crypto: undefined,
  Date: undefined,
  fetch: undefined,
  globalThis: undefined,
  Intl: undefined,
  Math: undefined,
  performance: undefined,
  process: undefined,
}

// The name under which EJS reports lines. EJS escapes it, so it must be one that the gate lets pass.
const filename = 'template'

function failure(path: string, error: unknown): SpawnError {
  const line = /^template:(\d+)\n/.exec(messageOf(error))?.[1]
  const reason = messageOf(error).split('\n\n').at(-1)
  // A syntax error has its reason first, and EJS's advice after it.
  const detail = line === undefined ? messageOf(error).split('\n')[0] : reason
  const where = line === undefined ? path : `${path}.ejs:${line}`
  return new SpawnError('RENDER_FAILED', `${where}: ${detail}.`, { cause: error })
}

/** Renders `source` for the file at `path`. Throws `RENDER_FAILED` with the file and the line. */
export function renderEjs(source: string, path: string, context: Context): string {
  const { answers, pins } = context
  const locals = { ...impure, ...encodersFor(path), answers, pins }
  try {
    // Raw tags take the same way as others, so that nothing reaches the file unless the gate let it.
    return ejs.render(source.replaceAll('<%-', '<%='), locals, {
      destructuredLocals: Object.keys(locals),
      escape: (output: unknown) => gate(output, path),
      filename,
      includer: () => {
        throw new TypeError('include is refused')
      },
      localsName: 'context',
      strict: true,
    })
  } catch (error) {
    throw failure(path, error)
  }
}
