import { listAt } from '../answers.ts'
import { checkLine, type Step, vmOf } from '../play.ts'
import { service } from './spawn.ts'

/** The service, at work. */
export const test: Step = {
  title: `install, check, test, start and drain ${service}`,
  needs: ['spawn'],
  async run(play) {
    const words = ['spawn', 'verify', service, '--tier', 'test']
    const report = await vmOf(play, play.scene.first, words, { onTalk: play.onTalk })
    return listAt(report, 'steps').map(checkLine)
  },
}
