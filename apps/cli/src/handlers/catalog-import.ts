import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  createSnapshot,
  maxCsvBytes,
  maxYamlBytes,
  type Offer,
  offersFromSkypilot,
  offersFromYaml,
} from '@vaultmesh/aurora-router'
import type { Context, Handler, Values } from '../command.ts'
import type { catalogImportArguments } from '../commands/route.ts'
import { VmError } from '../errors.ts'
import { readNamed, writeNamed } from '../files.ts'
import { readCatalog, taken, timeOf } from '../route.ts'
import { table, toned } from '../text.ts'

type Words = Values<typeof catalogImportArguments>

const onlyForSkypilot = ['provider', 'capacity', 'latency-ms', 'reputation'] as const

function within(words: Words, name: 'capacity' | 'latency-ms' | 'reputation', most: number) {
  const value = words[name]
  if (value !== undefined && value > BigInt(most)) {
    throw new VmError('VM_USAGE', `--${name} must be at most ${most}`)
  }
  return value === undefined ? null : Number(value)
}

async function readOffers(context: Context, words: Words): Promise<readonly Offer[]> {
  const { file, provider } = words
  const format = words.format ?? (file.endsWith('.csv') ? 'skypilot' : 'yaml')
  if (format === 'yaml') {
    const extra = onlyForSkypilot.find((name) => words[name] !== undefined)
    if (extra !== undefined) {
      throw new VmError('VM_USAGE', `--${extra} is for skypilot, and ${file} is read as yaml`, {
        hint: 'say it in the YAML, or add --format skypilot',
      })
    }
    return taken(offersFromYaml(await readNamed(context, file, maxYamlBytes)), file)
  }
  if (provider === undefined) {
    throw new VmError('VM_USAGE', `${file} does not say whose offers it holds`, {
      hint: 'add --provider NAME',
    })
  }
  const defaults = {
    provider,
    capacity: within(words, 'capacity', 1_000_000),
    latencyMs: within(words, 'latency-ms', 1_000_000),
    reputation: within(words, 'reputation', 100),
  }
  return taken(offersFromSkypilot(await readNamed(context, file, maxCsvBytes), defaults), file)
}

/** `vm catalog import` */
export const run: Handler<typeof catalogImportArguments> = async (context, words) => {
  const takenAt = new Date(timeOf(words['taken-at'])).toISOString()
  const offers = await readOffers(context, words)
  if (offers.length === 0) throw new VmError('VM_USAGE', `${words.file} holds no offer of a GPU`)
  const providers = new Set(offers.map(({ provider }) => provider))
  const before = existsSync(resolve(context.cwd, words.output))
    ? (await readCatalog(context, words.output)).offers
    : []
  const kept = before.filter(({ provider }) => !providers.has(provider))
  const version = words.name ?? takenAt
  const snapshot = createSnapshot({ version, takenAt, offers: [...kept, ...offers] })
  const path = await writeNamed(context, words.output, new TextEncoder().encode(snapshot.text))
  return {
    json: {
      hash: snapshot.hash,
      imported: offers.length,
      kept: kept.length,
      path,
      takenAt,
      version,
    },
    text: [
      [toned('good', '\u2713'), ` ${offers.length} offers of ${[...providers].join(', ')}`],
      ...table(
        [
          ['kept', `${kept.length} of other providers`],
          ['catalog', path],
          ['digest', snapshot.hash],
        ],
        '  ',
      ),
    ],
  }
}
