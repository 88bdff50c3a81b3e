// Run by `pnpm install`: enables .githooks in a clone. Plain JavaScript, so that any Node runs it.
// Does nothing in CI, outside git, or where the clone or the user has set hooks of their own.
import { spawnSync } from 'node:child_process'

const git = (...args) => spawnSync('git', args, { encoding: 'utf8' })

const inClone = git('rev-parse', '--show-prefix')
const atTop = inClone.status === 0 && inClone.stdout.trim() === ''
const hooks = git('config', 'core.hooksPath')
if (!process.env.CI && atTop && hooks.status === 1) {
  git('config', '--local', 'core.hooksPath', '.githooks')
}
