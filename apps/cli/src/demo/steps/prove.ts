import { join } from 'node:path'
import { listAt } from '../answers.ts'
import { checkLine, known, type Step, vm } from '../play.ts'
import { verifyAsStranger, withoutWorkspace } from '../stranger.ts'

/** The proof of the decision, among what is handed over. */
export const proofName = 'decision.vmproof.json'
/** The policy to judge it by. */
export const policyName = 'policy.json'

/** A proof, and its verification by a stranger. */
export const prove: Step = {
  title: 'prove the decision; verify the proof without the workspace',
  needs: ['decide'],
  async run(play) {
    const { handed } = play.scene
    const decision = known(play, 'decision')
    await vm(play, 'memory', 'prove', decision, '--output', join(handed, proofName))
    await vm(play, 'trust', 'export', '--output', join(handed, policyName))
    const verdict = await withoutWorkspace(play, () =>
      verifyAsStranger(play, proofName, policyName),
    )
    const { words } = known(play, 'isolation')
    return [
      `verified  ${words}, with an empty HOME and only the two files`,
      ...listAt(verdict, 'checks').map(checkLine),
    ]
  },
}
