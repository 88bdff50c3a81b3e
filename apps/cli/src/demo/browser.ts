/** What a page looks like to a browser of this machine. */
import { VmError } from '../errors.ts'
import { findProgram } from '../programs.ts'
import { type ChildOptions, runChild } from './child.ts'

/** The path of a Chromium, by one of the names that systems give it, or undefined. */
export function findChromium(env: ChildOptions['env']): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  return names.map((name) => findProgram(name, env)).find((path) => path !== undefined)
}

/** A page of our own takes about a second; a browser that can't show it may say so or say nothing. */
const patienceMs = 60_000

/**
 * Opens a URL in a Chromium without a window, and gives the HTML of what the page has become.
 *
 * No host name leads anywhere but to this machine. Chromium's own sandbox is off, as it can't start
 * as root or in many containers: for our own pages only.
 *
 * @param profile an empty folder for what the browser writes
 * @throws {VmError} `VM_FAILED` when the browser fails or does not come to an end.
 */
export async function renderedPage(
  chromium: string,
  url: string,
  profile: string,
  options: ChildOptions,
): Promise<string> {
  const late = AbortSignal.timeout(patienceMs)
  const words = [
    ...['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync'],
    ...['--disable-background-networking', '--disable-component-update'],
    '--host-resolver-rules=MAP * 127.0.0.1',
    `--user-data-dir=${profile}`,
    // Time of the page's own, which stands still while something is being fetched.
    '--virtual-time-budget=20000',
    ...['--dump-dom', url],
  ]
  try {
    const signal = AbortSignal.any([options.signal, late])
    const { exitCode, stdout, stderr } = await runChild(chromium, words, { ...options, signal })
    if (exitCode === 0) return stdout
    throw new VmError('VM_FAILED', `${chromium} ended with ${exitCode}\n${stderr.slice(0, 1000)}`)
  } catch (error) {
    options.signal.throwIfAborted()
    if (!late.aborted) throw error
    throw new VmError('VM_FAILED', `${chromium} did not end within ${patienceMs / 1000} s`)
  }
}
