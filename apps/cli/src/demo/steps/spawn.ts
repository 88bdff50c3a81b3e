import { listAt, textAt } from '../answers.ts'
import { type Step, vm } from '../play.ts'

/** The service that the demo spawns. */
export const service = 'payment-service'

/** A service out of a template. */
export const spawn: Step = {
  title: `spawn ${service} from a template`,
  needs: ['init'],
  async run(play) {
    const words = ['create', service, '--template', 'ts-fastify', '--no-record']
    const made = await vm(play, 'spawn', ...words)
    return [
      `files     ${listAt(made, 'files').length}`,
      `commit    ${textAt(made, 'gitCommit')}`,
      `template  ${textAt(made, 'template', 'id')} ${textAt(made, 'template', 'version')}`,
    ]
  },
}
