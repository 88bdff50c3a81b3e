import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { VmError } from '../../errors.ts'
import { listAt, textAt } from '../answers.ts'
import type { Step } from '../play.ts'
import { verifyAsStranger, withoutWorkspace } from '../stranger.ts'
import { tamperings } from '../tamper.ts'
import { policyName, proofName } from './prove.ts'

/** Changes to the proof, each of which is caught. */
export const tamper: Step = {
  title: 'tamper with the proof: each change is refused',
  needs: ['prove'],
  run: (play) =>
    withoutWorkspace(play, async () => {
      const { handed } = play.scene
      const lines: string[] = []
      for (const { part, check, bundle } of tamperings(await readFile(join(handed, proofName)))) {
        const folder = await mkdtemp(join(handed, 'tampered-'))
        const file = join(folder, proofName)
        await writeFile(file, bundle)
        const verdict = await verifyAsStranger(play, file, policyName, 3)
        const failed = listAt(verdict, 'checks')
          .filter((each) => textAt(each, 'status') === 'fail')
          .map((each) => textAt(each, 'id'))
        if (!failed.includes(check)) {
          throw new VmError(
            'VM_FAILED',
            `a bundle with ${part} changed was refused by ${failed.join(', ')} and not by ${check}`,
          )
        }
        lines.push(`refused   ${part}: ${check}`)
      }
      return lines
    }),
}
