import { textAt } from '../answers.ts'
import { type Step, vm } from '../play.ts'

/** A workspace. */
export const init: Step = {
  title: 'make a workspace, keys, a log and a time authority',
  needs: [],
  async run(play) {
    const made = await vm(play, 'init', '--namespace', 'payments', '--origin', 'acme.example/vm')
    play.facts.namespace = textAt(made, 'namespace')
    return [
      `log       ${textAt(made, 'origin')}`,
      `key       ${textAt(made, 'keys', 'record')}`,
      'time      an embedded authority, marked as self-issued',
    ]
  },
}
