import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Json } from '../../command.ts'
import { dollars } from '../../route.ts'
import { listAt, numberAt, textAt } from '../answers.ts'
import { catalogYaml } from '../catalog.ts'
import { type Step, vm } from '../play.ts'

const catalog = ['--catalog', 'catalog.json']
const ledger = ['--ledger', 'leases.sqlite']
const job = ['--tenant', 'research', '--hours', '6']
const question = [
  ...['--gpu', 'H100', '--gpus', '8', '--region', 'eu-west'],
  ...['--max-price', '30', '--max-latency-ms', '400'],
]

/** A GPU job, with a reason for every offer that was not taken. */
export const route: Step = {
  title: 'route a GPU job, show why, record it and set the instance aside',
  needs: ['init'],
  async run(play) {
    await writeFile(join(play.scene.first.workspace, 'providers.yaml'), catalogYaml)
    await vm(play, 'catalog', 'import', 'providers.yaml', '--output', 'catalog.json')
    const made = await vm(play, 'route', 'decide', ...catalog, ...job, ...question, '--record')
    const why = await vm(play, 'route', 'explain', ...catalog, ...job, ...question)
    const chosen = textAt(made, 'decision', 'chosen')
    await vm(play, 'route', 'lease', 'budget', 'research', '500', ...ledger)
    const hold = ['lease', 'hold', chosen, ...ledger, ...catalog, ...job, '--key', 'training-1']
    const lease = await vm(play, 'route', ...hold)
    return [
      'asked     8xH100 in eu-west for 6 hours, at most $30 an hour and 400 ms away',
      ...listAt(why, 'decision', 'candidates').map(candidateLine).sort(),
      `costs     ${dollars(numberAt(made, 'decision', 'costMicroUsd'))} in all`,
      `record    ${textAt(made, 'record', 'id')}`,
      `lease     ${textAt(lease, 'id')}, fence ${numberAt(lease, 'fence')}`,
    ]
  },
}

/** An offer: how well it does, or why it will not do. `chosen`, `feasible` and `refused` sort so. */
function candidateLine(candidate: Json): string {
  const verdict = textAt(candidate, 'verdict')
  const why =
    verdict === 'refused'
      ? textAt(candidate, 'reasonCode')
      : `score ${(numberAt(candidate, 'score') / 1e6).toFixed(3)}`
  return `${verdict.padEnd(8)}  ${why.padEnd(20)} ${textAt(candidate, 'offerId')}`
}
