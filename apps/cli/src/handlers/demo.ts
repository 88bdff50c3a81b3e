import { performance } from 'node:perf_hooks'
import type { Context, Failure, Handler, JsonObject } from '../command.ts'
import type { demoArguments } from '../commands/operate.ts'
import { type Planned, plan } from '../demo/plan.ts'
import type { Play } from '../demo/play.ts'
import { makeScene, removeScene, type Scene } from '../demo/scene.ts'
import { type StepId, stepIds } from '../demo/step-ids.ts'
import { steps } from '../demo/steps/index.ts'
import { type Line, toned } from '../text.ts'

/** What came of a step that was shown. */
interface Result extends JsonObject {
  readonly id: StepId
  readonly title: string
  readonly seconds: string
  readonly found?: readonly string[]
  readonly skipped?: string
}

function seconds(from: number): string {
  return ((performance.now() - from) / 1000).toFixed(1)
}

/** `vm demo` */
export const run: Handler<typeof demoArguments> = async (context, { keep, only }) => {
  const begun = performance.now()
  const scene = await makeScene(context.env)
  try {
    const results = await perform(context, scene, only)
    const total = seconds(begun)
    const failure = only === undefined ? undefined : skippedFailure(results)
    return {
      json: { kept: keep ? scene.root : undefined, seconds: total, steps: results },
      text: [
        '',
        ...(only === undefined
          ? story(results, total)
          : [[toned('good', 'Done'), ` in ${total} s.`]]),
        ...(keep ? [] : ['Nothing was left behind.']),
        ...(only === undefined ? suggestions : []),
      ],
      ...(failure === undefined ? {} : { failure }),
    }
  } finally {
    if (keep) context.talk.say(`Everything is kept in ${scene.root}`)
    else await removeScene(scene)
  }
}

/** Takes the steps one after the other, and says what each found. */
async function perform(
  { signal, talk }: Context,
  scene: Scene,
  only: StepId | undefined,
): Promise<readonly Result[]> {
  const results: Result[] = []
  let label = ''
  const onTalk = (line: string): void => talk.status(`${label} ${line}`)
  const play: Play = { scene, signal, onTalk, facts: {} }
  for (const { id, isShown } of plan(only, (each) => steps[each].needs)) {
    const { title, run: take } = steps[id]
    label = labelOf({ id, isShown }, only)
    const from = performance.now()
    talk.status(`${label} ${title}`)
    const found = await take(play)
    if (!isShown) continue
    const took = seconds(from)
    const end = [` ${label} ${title} `, toned('dim', `${took} s`)]
    if ('skipped' in found) {
      talk.say([toned('warn', '-'), ...end])
      talk.say(toned('dim', `      skipped   ${found.skipped}`))
      results.push({ id, title, seconds: took, skipped: found.skipped })
    } else {
      talk.say([toned('good', '\u2713'), ...end])
      for (const line of found) talk.say(toned('dim', `      ${line}`))
      results.push({ id, title, seconds: took, found })
    }
  }
  return results
}

function labelOf({ id, isShown }: Planned, only: StepId | undefined): string {
  if (only === undefined) return `${stepIds.indexOf(id) + 1}/${stepIds.length} ${id}:`
  return isShown ? `${id}:` : `before ${only}: ${id}:`
}

/** Whoever asked for one step alone must not take its absence for its success. */
function skippedFailure(results: readonly Result[]): Failure | undefined {
  const skipped = results.find((result) => result.skipped !== undefined)
  if (skipped?.skipped === undefined) return undefined
  return { code: 'VM_PREFLIGHT', message: `${skipped.id} was skipped: ${skipped.skipped}` }
}

function story(results: readonly Result[], total: string): readonly Line[] {
  const skipped = results.filter((result) => result.skipped !== undefined).map(({ id }) => id)
  return [
    [
      toned('good', 'Done'),
      ` in ${total} s: a service was spawned and tested, its spawn and decisions were recorded, and a`,
    ],
    'stranger with two files verified a decision and caught every change to it. A GPU job was routed;',
    'a second organisation cosigned the log and proved a fork of it; an agent asked what is in force.',
    ...(skipped.length === 0 ? [] : [`Skipped, as said above: ${skipped.join(', ')}.`]),
  ]
}

const suggestions: readonly Line[] = [
  '',
  'Try next, in a folder of your own:',
  '  vm init',
  '  vm spawn create my-service --template ts-fastify',
  '  vm memory record decision --title "..." --body "..."',
  '  vm memory timeline',
  '  vm doctor',
]
