import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryDirectory } from '@vaultmesh/testing'
import { vmCommand } from './vm-command.ts'

/** A place of its own for a test: a folder to work in, a home, and `vm` on the PATH. */
export interface Stage {
  readonly root: string
  readonly work: string
  readonly home: string
  readonly temporary: string
  readonly env: Readonly<Record<string, string>>
}

/** Makes a stage that is removed when the running test ends. */
export function stage(): Stage {
  const root = temporaryDirectory('vm-test-')
  const at = (name: string): string => join(root, name)
  for (const name of ['work', 'home', 'bin', 'tmp']) mkdirSync(at(name))
  const line = vmCommand()
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ')
  writeFileSync(join(at('bin'), 'vm'), `#!/bin/sh\nexec ${line} "$@"\n`)
  chmodSync(join(at('bin'), 'vm'), 0o755)
  return {
    root,
    work: at('work'),
    home: at('home'),
    temporary: at('tmp'),
    env: {
      GIT_CONFIG_NOSYSTEM: '1',
      HOME: at('home'),
      LC_ALL: 'C.UTF-8',
      NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/node', import.meta.url)),
      PATH: [at('bin'), dirname(process.execPath), process.env['PATH']].join(delimiter),
      TMPDIR: at('tmp'),
      XDG_CONFIG_HOME: join(at('home'), '.config'),
      XDG_STATE_HOME: join(at('home'), '.local', 'state'),
    },
  }
}
