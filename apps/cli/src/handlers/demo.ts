import { performance } from 'node:perf_hooks'
import type { Handler, Json } from '../command.ts'
import type { demoArguments } from '../commands/operate.ts'
import { makeScene, removeScene } from '../demo/scene.ts'
import { type Play, steps } from '../demo/steps.ts'
import { toned } from '../text.ts'

function seconds(from: number): string {
  return ((performance.now() - from) / 1000).toFixed(1)
}

/** `vm demo` */
export const run: Handler<typeof demoArguments> = async (context, { keep }) => {
  const { signal, talk } = context
  const begun = performance.now()
  const scene = await makeScene(context.env)
  const results: Json[] = []
  try {
    let number = ''
    const onTalk = (line: string): void => talk.status(`${number} ${line}`)
    const play: Play = { scene, signal, onTalk, namespace: '', decision: '', offline: undefined }
    for (const [index, step] of steps.entries()) {
      number = `${index + 1}/${steps.length}`
      const from = performance.now()
      talk.status(`${number} ${step.title}`)
      const found = await step.run(play)
      const took = seconds(from)
      talk.say([toned('good', '\u2713'), ` ${number} ${step.title} `, toned('dim', `${took} s`)])
      for (const line of found) talk.say(toned('dim', `      ${line}`))
      results.push({ found, seconds: took, title: step.title })
    }
  } finally {
    if (keep) talk.say(`Everything is kept in ${scene.root}`)
    else await removeScene(scene)
  }
  const total = seconds(begun)
  return {
    json: { kept: keep ? scene.root : undefined, seconds: total, steps: results },
    text: [
      '',
      [
        toned('good', 'Done'),
        ` in ${total} s: a service was spawned and tested, its spawn and a decision were recorded, and a`,
      ],
      'stranger with two files verified the decision and caught every change to it.',
      ...(keep ? [] : ['Nothing was left behind.']),
      '',
      'Try next, in a folder of your own:',
      '  vm init',
      '  vm spawn create my-service --template ts-fastify',
      '  vm memory record decision --title "..." --body "..."',
      '  vm memory timeline',
      '  vm doctor',
    ],
  }
}
