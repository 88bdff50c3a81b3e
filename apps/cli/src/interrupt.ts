/** Ctrl-C and its kin. */
import { VmError } from './errors.ts'
import { exitCodes } from './exit-codes.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * A signal that aborts on SIGINT, SIGTERM and SIGHUP, so that what has begun can be undone.
 * Asking again changes nothing: cleaning up is what takes the time. It stays so to the end of the
 * process, which would else die of a signal that comes when everything is done.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const name of signals) {
    // The one that `vm.ts` set for the time of loading.
    process.removeAllListeners(name)
    process.on(name, () => {
      controller.abort(new VmError('VM_INTERRUPTED', `interrupted by ${name}`))
    })
  }
  return controller.signal
}

/** From now on the next of these signals ends the process at once, with 130. */
export function endAtOnceFromNowOn(): void {
  for (const name of signals) process.once(name, () => process.exit(exitCodes.interrupted))
}
