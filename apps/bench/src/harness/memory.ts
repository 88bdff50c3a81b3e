/** The most memory that this process held at once, in MiB. */
import { readFileSync, writeFileSync } from 'node:fs'

/** Forgets the peak so far, where the system can (Linux, proc(5), `clear_refs`). */
export function resetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // The peak is then that of the whole process, which is never less.
  }
}

/** The peak since {@link resetPeak}. */
export function peakMemory(): number {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    if (kib !== undefined) return Number(kib) / 1024
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS / 1024
}

/** What the process holds now. */
export function residentMemory(): number {
  return process.memoryUsage.rss() / 2 ** 20
}
