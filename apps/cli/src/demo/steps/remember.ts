import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { textAt } from '../answers.ts'
import { known, type Step, vm } from '../play.ts'
import { service } from './spawn.ts'

/** A record of the spawn. */
export const remember: Step = {
  title: 'record the spawn: sign, timestamp, log',
  needs: ['spawn'],
  async run(play) {
    const made = await vm(play, 'memory', 'record', 'spawn', service)
    const log = join(play.scene.first.workspace, '.vaultmesh', 'logs', known(play, 'namespace'))
    const [origin, size, root] = (await readFile(join(log, 'checkpoint'), 'utf8')).split('\n')
    return [
      `record    ${textAt(made, 'id')}`,
      `signed    ${textAt(made, 'keyid')}`,
      `attested  ${textAt(made, 'attestedAt')}`,
      `log       index ${textAt(made, 'index')}`,
      `head      ${origin}, size ${size}, root ${root}`,
    ]
  },
}
