import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pageHeaders, preparePage } from '@vaultmesh/web'
import { VmError } from '../../errors.ts'
import { findChromium, renderedPage } from '../browser.ts'
import type { Play, Step } from '../play.ts'
import { whileOnSite } from '../site.ts'
import { tamperings } from '../tamper.ts'
import { policyName, proofName } from './prove.ts'

const changedName = 'changed.vmproof.json'

/** The proof and a changed one, judged by the static page in a browser. */
export const page: Step = {
  title: 'verify the proof in a page, in a browser',
  needs: ['prove'],
  async run(play) {
    const { scene, signal } = play
    const chromium = findChromium(scene.inherited)
    if (chromium === undefined) return { skipped: 'there is no Chromium on the PATH' }
    const folder = await preparePage(join(scene.root, 'page'))
    signal.throwIfAborted()
    const [change] = tamperings(await readFile(join(scene.handed, proofName)))
    if (change === undefined) throw new VmError('VM_BUG', 'there is no way to tamper')
    await writeFile(join(scene.handed, changedName), change.bundle)
    const folders = { page: folder, handed: scene.handed }
    return await whileOnSite({ folders, headers: pageHeaders }, async (site) => {
      const verdict = (name: string, expected: string): Promise<string> =>
        verdictOf(play, chromium, `${site}page/?${linked(name)}`, expected)
      return [
        `served    the page, the proof and the policy, at ${site} for this step alone`,
        `the page  says "${await verdict(proofName, 'verified')}" of the proof`,
        `the page  says "${await verdict(changedName, 'failed')}" where ${change.part} is changed`,
      ]
    })
  },
}

/** The files that the page is to fetch, as its address names them. */
function linked(proof: string): string {
  return new URLSearchParams({
    proof: `/handed/${proof}`,
    policy: `/handed/${policyName}`,
  }).toString()
}

async function verdictOf(
  { scene, signal }: Play,
  chromium: string,
  url: string,
  expected: string,
): Promise<string> {
  const profile = join(scene.root, 'browser')
  const html = await renderedPage(chromium, url, profile, {
    cwd: scene.root,
    // What a browser keeps belongs to its profile.
    env: { ...scene.inherited, HOME: profile, TMPDIR: scene.root },
    signal,
  })
  const [, verdict] = /\bdata-verdict="([a-z]+)"/.exec(html) ?? []
  if (verdict === expected) return verdict
  throw new VmError('VM_FAILED', `the page says "${verdict ?? ''}" and not "${expected}"`)
}
