/** The steps of `pnpm check`, in the order in which they run: what is quick and often wrong first. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build } from '../lib/packs.ts'
import { commandOutcome, program, type Step } from '../lib/step.ts'
import { root } from '../lib/workspace.ts'
import { changesets } from './changesets.ts'
import { install } from './install.ts'
import { links } from './links.ts'
import { packages } from './packages.ts'
import { secrets } from './secrets.ts'
import { test } from './test.ts'

// TypeScript 7 keeps errors of earlier runs where `lib` of the extended config changed.
const force = process.env['CI'] ? ['--force'] : []

/** Every step. CONTRIBUTING.md has a row for each, with its time budget. */
export const steps: readonly Step[] = [
  program('lint', ['biome', 'ci', '--colors=off', '--error-on-warnings', '.']),
  program('types', ['tsc', '-b', ...force]),
  program('unused', ['knip', '--no-progress', '--treat-config-hints-as-errors']),
  program('workspace', ['sherif']),
  { name: 'links', run: links },
  { name: 'changesets', run: changesets },
  { name: 'secrets', run: secrets },
  {
    name: 'build',
    run: async () => ({ ok: true, output: await build() }),
  },
  {
    name: 'size',
    run: async () => {
      // `pnpm check size` alone in a fresh clone: there is nothing to measure yet.
      if (!existsSync(join(root, 'packages/merkle/dist'))) await build()
      const outcome = await commandOutcome(['size-limit', '--silent'])
      return outcome.ok ? outcome : commandOutcome(['size-limit'])
    },
  },
  { name: 'packages', run: packages },
  { name: 'test', run: test },
  { name: 'install', run: install },
]
