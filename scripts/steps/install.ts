/**
 * The packages as strangers get them: packed, installed by npm into an empty folder, imported,
 * type-checked against and run, on the current Node and on the lower bound.
 */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { readmeExamples } from '@vaultmesh/testing/readme'
import { catalog } from '../lib/catalog.ts'
import { type NodeBinary, testedNodes } from '../lib/nodes.ts'
import { build, type Packed, packAll, packFolder } from '../lib/packs.ts'
import { output, run } from '../lib/run.ts'
import { type Outcome, outcomeOf } from '../lib/step.ts'
import { type Manifest, readJson, root } from '../lib/workspace.ts'

type Check = { name: string; problem?: string | undefined }

async function checked(name: string, body: () => Promise<string | undefined>): Promise<Check> {
  try {
    return { name, problem: await body() }
  } catch (error) {
    return { name, problem: error instanceof Error ? error.message : String(error) }
  }
}

/** What a consumer writes to import an entry point, for every documented one. */
function specifiers({ name, exports: entries = {} }: Pick<Manifest, 'name' | 'exports'>): string[] {
  return Object.keys(entries)
    .filter((key) => !key.endsWith('.json'))
    .map((key) => name + key.slice(1))
}

async function installInto(folder: string, packed: readonly Packed[]): Promise<void> {
  const ours = packed.map(({ package: { name }, tarball }) => [name, `file:${tarball}`])
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({
      private: true,
      type: 'module',
      dependencies: Object.fromEntries(ours),
      devDependencies: { '@types/node': catalog('@types/node') },
      // Without this, npm could take an equal version of ours from the registry for a dependency.
      overrides: Object.fromEntries(ours),
    }),
  )
  await output('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder })
}

/** Imports each entry point in a process of its own kind, and asserts which Node that is. */
async function importsOn(
  node: NodeBinary,
  folder: string,
  packed: readonly Packed[],
): Promise<Check[]> {
  const checks: Check[] = []
  for (const specifier of packed.flatMap((item) => specifiers(item.package.manifest))) {
    const code = `
      const names = Object.keys(await import(${JSON.stringify(specifier)}))
      process.stdout.write(JSON.stringify({ node: process.version, names }))`
    checks.push(
      await checked(`Node ${node.version}: import ${specifier}`, async () => {
        const said = await output(node.path, ['--input-type=module', '--eval', code], {
          cwd: folder,
        })
        const { node: version, names } = JSON.parse(said) as { node: string; names: string[] }
        if (version !== `v${node.version}`) return `ran on ${version}`
        return names.length === 0 ? 'exports nothing' : undefined
      }),
    )
  }
  return checks
}

/** The installed `vm`, as a shell finds it, with `node` first on its PATH and a home of its own. */
function installedVm(
  node: NodeBinary,
  folder: string,
): (args: string[], code?: number) => Promise<string> {
  const home = join(folder, `home-${node.version}`)
  const cwd = join(folder, `work-${node.version}`)
  mkdirSync(home)
  mkdirSync(cwd)
  writeFileSync(join(home, '.gitconfig'), '[user]\nname = A\nemail = a@example.com\n')
  const path = [dirname(node.path), process.env['PATH'] ?? ''].join(delimiter)
  return async (args, expected = 0) => {
    const {
      code,
      stdout,
      output: all,
    } = await run(join(folder, 'node_modules/.bin/vm'), args, {
      cwd,
      onlyEnv: { HOME: home, PATH: path, NO_COLOR: '1' },
    })
    if (code !== expected) throw new Error(`vm ${args.join(' ')} ended with ${code}\n${all}`)
    return stdout
  }
}

async function vmOn(node: NodeBinary, folder: string, version: string): Promise<Check[]> {
  const vm = installedVm(node, folder)
  const title = (what: string): string => `Node ${node.version}: ${what}`
  return [
    await checked(title('vm --version'), async () => {
      const said = (await vm(['--version'])).trim()
      return said.endsWith(version) ? undefined : `said ${said}, not ${version}`
    }),
    await checked(title('vm --help'), async () =>
      (await vm(['--help'])).includes('memory record') ? undefined : 'does not show the commands',
    ),
    await checked(title('vm spawn templates'), async () =>
      // Read from another package than the one whose code reads them.
      (await vm(['spawn', 'templates'])).includes('ts-fastify') ? undefined : 'finds no template',
    ),
    await checked(title('vm doctor'), async () => {
      const report = JSON.parse(await vm(['doctor', '--json'])) as {
        checks: { name: string; detail: string }[]
      }
      const said = report.checks.find(({ name }) => name === 'node')?.detail ?? 'nothing'
      return said.includes(node.version) ? undefined : `ran on ${said}`
    }),
    await checked(title('init, record, prove, verify'), async () => {
      await vm(['init', '--no-passphrase', '--no-input', '--json'])
      const decision = ['memory', 'record', 'decision', '--title', 'Try it', '--body', 'Yes.']
      const { id } = JSON.parse(await vm([...decision, '--json'])) as { id: string }
      await vm(['memory', 'prove', id, '--output', 'a.vmproof.json'])
      await vm(['trust', 'export', '--output', 'policy.json'])
      await vm(['verify', 'a.vmproof.json', '--policy', 'policy.json'])
      const bundle = join(folder, `work-${node.version}`, 'a.vmproof.json')
      const text = readFileSync(bundle, 'utf8')
      // One character of the entry, far from its ends: some signed byte is another one then.
      const at = text.indexOf('"entry":"') + 400
      const other = text[at] === 'A' ? 'B' : 'A'
      writeFileSync(bundle, text.slice(0, at) + other + text.slice(at + 1))
      await vm(['verify', 'a.vmproof.json', '--policy', 'policy.json'], 3)
      return undefined
    }),
  ]
}

/** The errors of tsc without those inside the declarations of other people's packages. */
export function ownErrors(said: string): string {
  let ours = true
  return said
    .split('\n')
    .filter((line) => {
      // An error's further lines are indented and belong to the one above.
      if (!/^\s/.test(line)) ours = !/^node_modules\/(?!@vaultmesh\/)/.test(line)
      return ours
    })
    .join('\n')
    .trim()
}

/** Type-checks imports of everything, and the examples of the READMEs, against what was installed. */
async function types(folder: string, packed: readonly Packed[]): Promise<Check> {
  const files = [
    packed
      .flatMap((item) => specifiers(item.package.manifest))
      .map((specifier, at) => `export * as entry${at} from '${specifier}'\n`)
      .join(''),
    ...packed.flatMap(({ package: { directory } }) =>
      readmeExamples(readFileSync(join(root, directory, 'README.md'), 'utf8')).map(
        (example) => `${example}\nexport {}\n`,
      ),
    ),
  ]
  const names = files.map((text, at) => {
    writeFileSync(join(folder, `consumer${at}.ts`), text)
    return `consumer${at}.ts`
  })
  const options = {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    // Our declarations are what is checked here.
    skipLibCheck: false,
    types: ['node'],
  }
  const config = join(folder, 'tsconfig.json')
  writeFileSync(config, JSON.stringify({ compilerOptions: options, files: names }))
  return checked('types of the installed packages and of the README examples', async () => {
    const { output: said } = await run('tsc', ['--project', config, '--pretty', 'false'], {
      cwd: folder,
    })
    return ownErrors(said) || undefined
  })
}

/** The step. */
export async function install(): Promise<Outcome> {
  await build()
  const packed = await packAll(join(packFolder, 'install'))
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'vaultmesh-install-'))
  try {
    await installInto(folder, packed)
    const { version } = readJson<Manifest>(join(root, 'apps/cli/package.json'))
    const checks = [await types(folder, packed)]
    const nodes = await testedNodes()
    for (const node of nodes) {
      checks.push(...(await importsOn(node, folder, packed)))
      checks.push(...(await vmOn(node, folder, version)))
    }
    const on = nodes.map((node) => node.version).join(' and ')
    return { ...outcomeOf(checks), notes: [`on Node ${on}`] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
