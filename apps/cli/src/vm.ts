#!/usr/bin/env node
// No static import, and syntax that old Nodes parse: this file must live to say that Node is too old.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (!((major === 22 && minor >= 16) || major >= 24)) {
  process.stderr.write(
    `vm: error: this is Node ${process.versions.node}, and vm needs Node 22.16 or later, or 24 or later [VM_NODE_TOO_OLD]\n` +
      'vm: hint: install a current Node from https://nodejs.org/\n',
  )
  process.exitCode = 2
} else if (process.argv[2] === '--version') {
  // Both `src/vm.ts` and `dist/vm.js` stand one folder below the package's own description.
  const description = process
    .getBuiltinModule('node:fs')
    .readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  process.stdout.write(`${JSON.parse(description).version}\n`)
} else {
  silenceSqliteWarning()
  endOnSignal()
  void import('./main.ts').then((module) => module.main())
}

/** Until `main.ts` is loaded and listens, nothing has begun that would have to be undone. */
function endOnSignal(): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(name, () => {
      process.stderr.write(`vm: error: interrupted by ${name} [VM_INTERRUPTED]\n`)
      process.exit(130)
    })
  }
}

/** Node 22 prints a warning when `node:sqlite` is loaded. That one says nothing to the users of `vm`. */
function silenceSqliteWarning(): void {
  const emit = process.emitWarning.bind(process) as (...parameters: unknown[]) => void
  const filtered = (...parameters: unknown[]): void => {
    const [warning, kind] = parameters
    if (kind === 'ExperimentalWarning' && String(warning).startsWith('SQLite ')) return
    emit(...parameters)
  }
  process.emitWarning = filtered as typeof process.emitWarning
}
