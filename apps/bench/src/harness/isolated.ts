/** A function in a process of its own, which `host.ts` is. */
import { join } from 'node:path'
import type { WarmCall } from './call.ts'
import type { Scale } from './case.ts'
import { Forked } from './forked.ts'

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
  const host = new Forked<HostMessage>(name, script, [id, scale, name])
  const order = (word: HostOrder): void => host.send(word)
  const ready = await host.receive()
  if (ready.kind !== 'ready') throw new Error(`${name} is not ready`)
  return {
    result: ready.result,
    callsPerSample: ready.callsPerSample,
    async take() {
      order('take')
      const sample = await host.receive()
      if (sample.kind !== 'sample') throw new Error(`${name} gave no sample`)
      return sample.ms
    },
    async end() {
      order('end')
      const memory = await host.receive()
      if (memory.kind !== 'memory') throw new Error(`${name} did not say its memory`)
      return memory
    },
  }
}
