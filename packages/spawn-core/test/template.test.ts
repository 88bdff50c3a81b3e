import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { builtinTemplates, loadTemplate, type Template } from '@vaultmesh/spawn-core'
import { itWith, temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import { spawnErrorOf, tiny, tinyDirectory } from './support.ts'

/** A copy of the tiny template, changed. */
function variant(change: (directory: string) => void): string {
  const directory = join(temporaryDirectory(), 'template')
  cpSync(tinyDirectory, directory, { recursive: true })
  change(directory)
  return directory
}

function withDefinition(change: (text: string) => string): string {
  return variant((directory) => {
    const file = join(directory, 'template.yaml')
    writeFileSync(file, change(readFileSync(file, 'utf8')))
  })
}

const load = (directory: string): Promise<Template> => loadTemplate({ directory, trust: true })

describe('a template', () => {
  it('has its files under the paths that they will have', () => {
    const paths = tiny.files.map(({ path }) => path)
    expect(paths).toEqual([...paths].sort())
    expect(paths).toContain('.gitignore')
    expect(paths).toContain('.github/workflows/ci.yml')
    expect(tiny.files.find(({ path }) => path === 'README.md')?.rendered).toBe(true)
    expect(tiny.files.find(({ path }) => path === 'server.mjs')?.rendered).toBe(false)
    expect(tiny.files.find(({ path }) => path === 'scripts/check.sh')?.mode).toBe('755')
  })

  it('has the digest that docs/formats/spawn.md gives', () => {
    const listing = [
      'template.yaml',
      ...readdirSync(join(tinyDirectory, 'files'), { recursive: true }),
    ]
      .map((name) => (name === 'template.yaml' ? name : `files/${name}`))
      .filter((path) => statSync(join(tinyDirectory, path)).isFile())
      .sort()
      .map((path) => {
        const mode = path === 'files/scripts/check.sh.ejs' ? '755' : '644'
        const digest = createHash('sha256').update(readFileSync(join(tinyDirectory, path)))
        return `{"mode":"${mode}","path":"${path}","sha256":"${digest.digest('hex')}"}`
      })
    const digest = createHash('sha256')
      .update(`[${listing.join(',')}]`)
      .digest('hex')
    expect(tiny.digest).toBe(`sha256:${digest}`)
  })

  it.each([
    ['a byte of a file', (d: string) => writeFileSync(join(d, 'files/server.mjs'), 'x')],
    ['a new file', (d: string) => writeFileSync(join(d, 'files/new'), 'x')],
    [
      'a byte of the definition',
      (d: string) => writeFileSync(join(d, 'template.yaml'), '# x\n', { flag: 'a' }),
    ],
  ])('has another digest after a change of %s', async (_, change) => {
    expect((await load(variant(change))).digest).not.toBe(tiny.digest)
  })

  it('is not read through a symbolic link', async () => {
    const directory = variant((d) => symlinkSync('/etc/hostname', join(d, 'files/link')))
    expect((await spawnErrorOf(() => load(directory), 'TEMPLATE_INVALID')).message).toContain(
      'symbolic link',
    )
  })

  it.each([
    ['.vm/manifest.json', '.vm/ is reserved'],
    ['_dot_vm/answers.yaml', '.vm/ is reserved'],
    ['_dot_git/config', "git's own"],
    ['nul.txt', 'Windows reserves'],
    ['a b', 'only ASCII'],
    ['README.MD', 'two files want the same place'],
    ['.gitignore', 'two files want the same place'],
    ['README.md', 'two files want the same place'],
    ['server.mjs.ejs', 'two files want the same place'],
  ])('with a file %s is refused', async (path, reason) => {
    const directory = variant((d) => {
      mkdirSync(join(d, 'files', path, '..'), { recursive: true })
      writeFileSync(join(d, 'files', path), 'x')
    })
    const error = await spawnErrorOf(() => load(directory), 'TEMPLATE_INVALID')
    expect(error.message).toContain(reason)
  })

  it.each([
    ['engine: 1', /engine: 0/, 'engine must be 0'],
    ['', /engine: 0\n/, 'engine must be 0'],
    ['id: Tiny', /id: tiny/, 'id: only a-z'],
    ['version: 1', /version: 1.2.3/, 'version must be text'],
    ["version: 'one'", /version: 1.2.3/, 'semantic version'],
    ['hooks: [x]\nid: tiny', /id: tiny/, 'hooks is not known'],
    ['files: ../..', /files: files/, 'files: it has a part ".."'],
    ['files: nowhere', /files: files/, "the folder can't be read"],
    ['additionalProperties: true', /additionalProperties: false/, 'additionalProperties: false'],
    ['type: number', /type: integer/, 'must be one of string, integer, boolean, array'],
    ['on:\n      type: boolean', /public:\n {6}type: boolean/, 'YAML may not read as text'],
    ['bad_name:\n      type: boolean', /public:\n {6}type: boolean/, 'camelCase'],
    ['items: {type: integer', /items: {type: string/, 'items of an array'],
    ['nothing/: seed', /src\/: seed/, 'nothing/ matches no file'],
    ['src/: mine', /src\/: seed/, 'must be one of lock, managed, once, seed'],
    ['../: seed', /src\/: seed/, 'it has a part ".."'],
    ['[scripts/no.sh]', /\[scripts\/check.sh\]/, 'there is no scripts/no.sh'],
    ['[../x]', /\[scripts\/check.sh\]/, 'list of paths'],
    ['executable: x', /executable: .*/, 'list of paths'],
    ['checkout: 7', /checkout: .*/, 'pins.checkout'],
    ['questions: []\nfiles: files', /questions:[\s\S]*files: files/, 'questions must be'],
    ['    name: x\n', / {4}name:\n(?: {6}.*\n)+/, 'questions.properties'],
    ['    title:\n', / {4}name:\n/, 'questions must ask for name'],
    ['pins: x', /pins:\n.*/, 'pins must be a mapping'],
    ['checkout: "a\\tb"', /checkout: .*/, 'pins.checkout: it holds U+0009'],
    ['policies: [x]\n', /policies:\n(?: {2}.*\n)+/, 'policies must be a mapping'],
    ['test: [[node, 7]]\n', /test:\n(?: {4}- .*\n)+/, 'verify.test[0]'],
    ['test: node\n', /test:\n(?: {4}- .*\n)+/, 'verify.test must be'],
    ['run: [node]\n', /run:\n(?: {4}.*\n)+/, 'verify.run must be'],
    ['verify: 1\n', /verify:[\s\S]*/, 'verify must be a mapping'],
    ['env: [PORT]', /env: .*/, 'verify.run.env must be'],
    ["env: {PORT: '{port}', A: 1}", /env: .*/, 'verify.run.env.A must be text'],
    ['command: node', /command: .*/, 'verify.run.command must be'],
    ['description: ""', /description: A service.*/, 'description must be text'],
    ['- node x', /- \[node, --check.*/, 'verify.test[0] must be'],
    ['- []', /- \[node, --check.*/, 'verify.test[0] must be'],
    ['{PORT: 80}', /{HOST.*}/, 'env.PORT'],
    ["{PORT: '{port}', NODE_OPTIONS: x}", /{HOST.*}/, 'NODE_OPTIONS is not a variable'],
    ["{PORT: '{port}', LD_PRELOAD: x}", /{HOST.*}/, 'LD_PRELOAD is not a variable'],
    ['health: http://x/', /health: .*/, 'paths of a URL'],
    ['shell: sh\n    health: /', /health: .*/, 'verify.run.shell is not known'],
    ['static: []\n  run:', /run:/, 'verify.static is not known'],
  ])('with %j is refused', async (replacement, pattern, reason) => {
    const directory = withDefinition((text) => {
      expect(text).toMatch(pattern)
      return text.replace(pattern, replacement)
    })
    const error = await spawnErrorOf(() => load(directory), 'TEMPLATE_INVALID')
    expect(error.message).toContain(reason)
  })

  it.each(['- a\n', '{', 'id: a\nid: b\n', '', '\ufffd: [', 'x: *a', '? [a]\n: b'])(
    'whose definition is %j is refused',
    async (text) => {
      await spawnErrorOf(() => load(withDefinition(() => text)), 'TEMPLATE_INVALID')
    },
  )

  it('that is no UTF-8, or not there, is refused', async () => {
    const directory = variant((d) => writeFileSync(join(d, 'template.yaml'), Buffer.from([0xff])))
    await spawnErrorOf(() => load(directory), 'TEMPLATE_INVALID')
    await spawnErrorOf(() => load(join(directory, 'nowhere')), 'TEMPLATE_INVALID')
  })
})

describe('trust in a template', () => {
  it('from a folder takes its digest, or a word', async () => {
    const error = await spawnErrorOf(
      () => loadTemplate({ directory: tinyDirectory }),
      'TEMPLATE_UNTRUSTED',
    )
    expect(error.message).toContain(tiny.digest)
    const loaded = await loadTemplate({ directory: tinyDirectory, digest: tiny.digest })
    expect(loaded.digest).toBe(tiny.digest)
  })

  it('ends when the digest is another, also with a word', async () => {
    const digest = `sha256:${'0'.repeat(64)}`
    for (const trust of [true, false]) {
      await spawnErrorOf(
        () => loadTemplate({ directory: tinyDirectory, digest, trust }),
        'TEMPLATE_UNTRUSTED',
      )
    }
  })
})

describe('the templates of this package', () => {
  it('are listed with what people choose by', async () => {
    const templates = await builtinTemplates()
    expect(templates.map(({ id }) => id)).toContain('ts-fastify')
    for (const { digest, description, version } of templates) {
      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/)
      expect(description).not.toBe('')
      expect(version).toMatch(/^\d+\.\d+\.\d+/)
    }
  })

  itWith(['npm'], 'are packed whole, though npm leaves some dot files out', async () => {
    const folder = new URL('..', import.meta.url)
    const words = ['pack', '--dry-run', '--json']
    const output = execFileSync('npm', words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    const packed = JSON.stringify(JSON.parse(output.toString('utf8')))
    const stored = readdirSync(new URL('templates', folder), { recursive: true, encoding: 'utf8' })
    const files = stored.filter((path) => statSync(new URL(`templates/${path}`, folder)).isFile())
    expect(files.length).toBeGreaterThan(40)
    for (const path of files) expect(packed).toContain(`"path":"templates/${path}"`)
  })

  it('are folders that bear their own name', async () => {
    for (const { id } of await builtinTemplates()) {
      expect((await loadTemplate(id)).definition.id).toBe(id)
    }
  })

  it.each(['nothing', '../templates', '.', '', 'constructor'])('do not include %j', async (id) => {
    const error = await spawnErrorOf(() => loadTemplate(id), 'TEMPLATE_UNKNOWN')
    expect(error.message).toContain('ts-fastify')
  })
})
