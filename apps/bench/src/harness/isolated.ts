/** A function in a process of its own, which `host.ts` is. */
import { fork } from 'node:child_process'
import { on } from 'node:events'
import { join } from 'node:path'
import type { WarmCall } from './call.ts'
import type { Scale } from './case.ts'

/** What the host says: that it is ready, each sample, and at the end its memory. */
export type HostMessage =
  | { readonly kind: 'ready'; readonly result: string; readonly callsPerSample: number }
  | { readonly kind: 'sample'; readonly ms: number }
  | { readonly kind: 'memory'; readonly peak: number; readonly base: number }

/** What it is told. */
export type HostOrder = 'take' | 'end'

/** A {@link WarmCall} elsewhere. */
export interface IsolatedCall extends WarmCall {
  readonly result: string
  /** Ends the process and gives its memory, in MiB. */
  end(): Promise<{ readonly peak: number; readonly base: number }>
}

/** Starts a host for a variant and waits until it is warm. Throws what went wrong in it. */
export async function startIsolated(id: string, scale: Scale, name: string): Promise<IsolatedCall> {
  const script = join(import.meta.dirname, '../host.ts')
  const host = fork(script, [id, scale, name], { silent: true })
  const ended = new AbortController()
  let said = ''
  host.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  host.on('exit', () => ended.abort())
  const messages = on(host, 'message', { signal: ended.signal })
  const receive = async (): Promise<HostMessage> => {
    try {
      const { value } = await messages.next()
      const [message] = value
      return message
    } catch (cause) {
      throw new Error(`${name} failed in its process: ${said.trim()}`, { cause })
    }
  }
  const ready = await receive()
  if (ready.kind !== 'ready') throw new Error(`${name} is not ready`)
  return {
    result: ready.result,
    callsPerSample: ready.callsPerSample,
    async take() {
      host.send('take' satisfies HostOrder)
      const sample = await receive()
      if (sample.kind !== 'sample') throw new Error(`${name} gave no sample`)
      return sample.ms
    },
    async end() {
      host.send('end' satisfies HostOrder)
      const memory = await receive()
      if (memory.kind !== 'memory') throw new Error(`${name} did not say its memory`)
      return memory
    },
  }
}
