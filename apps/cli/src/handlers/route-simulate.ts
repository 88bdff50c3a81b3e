import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  type Demand,
  decisionsCsv,
  drawDemand,
  maxWargameBytes,
  ownWorld,
  parseWargameAnswers,
  parseWargameDemand,
  parseWargameWorld,
  type Reproduction,
  reportHtml,
  reproduction,
  simulate,
  stepsCsv,
  summarizeBounds,
  summaryCsv,
  type World,
} from '@vaultmesh/aurora-router/simulate'
import type { Context, Handler, Values } from '../command.ts'
import type { routeSimulateArguments } from '../commands/route.ts'
import { readNamed, writeNamed } from '../files.ts'
import { taken } from '../route.ts'
import { columns, type Line } from '../text.ts'

interface Scene {
  readonly world: World
  readonly demand: readonly Demand[]
  readonly about: string
  /** The recorded answers to this demand. */
  readonly answers: ReturnType<typeof parseWargameAnswers> | undefined
}

async function sceneOf(
  context: Context,
  { wargame, seed }: Values<typeof routeSimulateArguments>,
): Promise<Scene> {
  const drawn = (world: World, text: string): Pick<Scene, 'demand' | 'answers'> => ({
    demand: drawDemand(world, text),
    answers: undefined,
  })
  if (wargame === undefined) {
    const about = `A small world of our own; demand drawn from the seed "${seed ?? '42'}".`
    return { world: ownWorld, about, ...drawn(ownWorld, seed ?? '42') }
  }
  const file = (name: string): Promise<Uint8Array> =>
    readNamed(context, join(wargame, name), maxWargameBytes)
  const world = taken(
    parseWargameWorld(await file('providers.json'), await file('workloads.json')),
    wargame,
  )
  if (seed !== undefined) {
    const about = `The world of the predecessor's war-game; demand drawn from the seed "${seed}".`
    return { world, about, ...drawn(world, seed) }
  }
  const name = 'demand-seed42.csv'
  return {
    world,
    about: "The predecessor's war-game, with the demand that it drew.",
    demand: taken(parseWargameDemand(await file(name), world), join(wargame, name)),
    answers: parseWargameAnswers(await file('decisions-seed42.csv')),
  }
}

async function write(
  context: Context,
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<string[]> {
  await mkdir(resolve(context.cwd, directory), { recursive: true })
  const written: string[] = []
  for (const [name, text] of Object.entries(files)) {
    written.push(await writeNamed(context, join(directory, name), new TextEncoder().encode(text)))
  }
  return written
}

function reproducedLine(reproduced: Reproduction | undefined): Line[] {
  if (reproduced === undefined) return []
  const { rows, equal, firstDifference } = reproduced
  const where =
    firstDifference === undefined ? '' : `; the first that differs is row ${firstDifference}`
  return [`The predecessor's policy gives ${equal} of its ${rows} recorded answers${where}.`]
}

/** `vm route simulate` */
export const run: Handler<typeof routeSimulateArguments> = async (context, words) => {
  const { world, demand, about, answers } = await sceneOf(context, words)
  context.talk.status('playing')
  const played = simulate(world, demand)
  const [first] = played.runs
  const reproduced =
    answers === undefined || first === undefined
      ? undefined
      : reproduction(first, taken(answers, 'decisions-seed42.csv'))
  const written =
    words.output === undefined
      ? []
      : await write(context, words.output, {
          'summary.csv': summaryCsv(played),
          'steps.csv': stepsCsv(played),
          'decisions.csv': decisionsCsv(played),
          'report.html': reportHtml(played, {
            title: 'Routing, simulated',
            about,
            ...(reproduced === undefined ? {} : { reproduction: reproduced }),
          }),
        })
  const bound = summarizeBounds(played.bounds)
  const rows = [...played.summaries, { name: 'bound', requests: demand.length, ...bound }]
  return {
    json: {
      about,
      bound: { ...bound },
      policies: played.summaries.map((each) => ({ ...each })),
      reproduction:
        reproduced === undefined
          ? null
          : { ...reproduced, firstDifference: reproduced.firstDifference ?? null },
      written,
    },
    text: [
      about,
      ...columns([
        ['policy', 'filled', 'GPU-hours', 'cost', 'mean latency'],
        ...rows.map((each) => [
          each.name,
          `${Number(each.filled.toFixed(2))} of ${each.requests}`,
          each.gpuHoursFilled.toFixed(1),
          `$${each.costUsd.toFixed(2)}`,
          `${each.meanLatencyMs.toFixed(1)} ms`,
        ]),
      ]),
      ...reproducedLine(reproduced),
      ...written.map((path) => `wrote ${path}`),
    ],
  }
}
