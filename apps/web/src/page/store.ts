/** What the page holds, and what it says about it. Nothing outlives the page. */
import { type ReadonlySignal, signal } from '@preact/signals'
import { type FileUse, fileUses, type ReadFile, readChosen, useOf } from './held-file.ts'
import { type Held, judge, type Surroundings } from './judge.ts'
import { fetchLinked, linkedFiles } from './linked.ts'
import { type Report, refused } from './report.ts'

/** More files than that at once are a mistake. */
const mostFiles = 16

/** The state of the page. */
export interface Store {
  readonly held: ReadonlySignal<Held>
  readonly report: ReadonlySignal<Report | undefined>
  /** Whether something is being read or judged. */
  readonly busy: ReadonlySignal<boolean>
  /** Takes files that somebody chose or dropped, for one use or for whatever they are for. */
  take(files: readonly File[], use?: FileUse): Promise<void>
  /** Takes the files that the address of the page names. */
  follow(address: string): Promise<void>
  /** Lets go of a file, or of all. */
  forget(use?: FileUse): Promise<void>
}

/** The files that were read by their use, and what is wrong with the others. */
function sort(found: readonly ReadFile[]): { readonly files: Held; readonly problems: string[] } {
  const files: { -readonly [use in FileUse]?: Held[use] } = {}
  const problems = found.flatMap((read) => (read.ok ? [] : read.problem))
  for (const use of fileUses) {
    const fitting = found.flatMap((read) => (read.ok && useOf(read.file) === use ? read.file : []))
    const [file, other] = fitting
    if (file === undefined) continue
    if (other === undefined) files[use] = file
    else problems.push(`${file.name} and ${other.name} are for the same use: give one of them.`)
  }
  return { files, problems }
}

type Change = (before: Held) => Promise<readonly ReadFile[]>

/** Makes the state of a page that holds nothing. */
export function createStore(surroundings: Surroundings): Store {
  const held = signal<Held>({})
  const report = signal<Report | undefined>(undefined)
  const busy = signal(false)
  const following = new AbortController()
  let changes = 0
  let last: Promise<unknown> = Promise.resolve()

  async function hold(change: Change): Promise<readonly string[]> {
    const { files, problems } = sort(await change(held.value))
    held.value = { ...held.value, ...files }
    return problems
  }

  /**
   * Changes follow one another, so that a proof and a policy dropped at once are both held. Judged
   * is what is held after the newest of them: nobody takes an earlier verdict for the one on what
   * was just given.
   */
  async function after(change: Change): Promise<void> {
    changes += 1
    const mine = changes
    busy.value = true
    report.value = undefined
    const problems = last.then(() => hold(change))
    last = problems.catch(() => undefined)
    const judged = await problems
      .then((found) => (mine === changes ? judge(held.value, found, surroundings) : undefined))
      .catch((error) => refused(`Nothing was verified: this page failed (${String(error)}).`))
    if (mine !== changes) return
    report.value = judged
    busy.value = false
  }

  return {
    held,
    report,
    busy,
    take(files, use) {
      // Whoever gives files here waits for no link.
      following.abort()
      return after(async () => {
        if (files.length > mostFiles) {
          return [{ ok: false, problem: `These are ${files.length} files: at most ${mostFiles}.` }]
        }
        return Promise.all(files.map((file) => readChosen(file, use)))
      })
    },
    follow: (address) =>
      after(async () => {
        const linked = linkedFiles(address)
        return linked.ok
          ? Promise.all(linked.files.map((file) => fetchLinked(file, following.signal)))
          : [linked]
      }),
    forget: (use) =>
      after(async (before) => {
        const { [use ?? 'proof']: _gone, ...kept } = before
        held.value = use === undefined ? {} : kept
        return []
      }),
  }
}
