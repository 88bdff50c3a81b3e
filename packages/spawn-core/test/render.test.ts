import { createHash } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import { check, plan, render, type Template } from '@vaultmesh/spawn-core'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { parse } from 'yaml'
import { renderTiny, spawnErrorOf, textOf, tiny } from './support.ts'

/** The tiny template with one more file, an EJS template at `path`. */
function withFile(path: string, source: string): Template {
  const file = { path, mode: '644' as const, rendered: true, bytes: Buffer.from(source) }
  return { ...tiny, files: [...tiny.files, file] }
}

function renderOne(source: string, path = 'x.txt', answers = {}): string {
  const template = withFile(path, source)
  return textOf(render(plan({ template, answers: { name: 'x', ...answers } })), path)
}

/** Text that a hostile person would try: what ends strings, comments, tags and lines. */
const hostile = fc
  .array(
    fc.constantFrom(
      ...[
        '"',
        "'",
        '`',
        '\\',
        '*/',
        '//',
        '#',
        '-->',
        '</script>',
        ']]>',
        '"""',
        "'''",
        ': ',
        '- ',
      ],
      ...['${', '$(', '{{', '}}', '&a', '*a', '!!js', '%', '|', '>', ', ', '[', ']', '{', '}', ' '],
      ...[
        '\\n',
        '\\u0022',
        '=cmd',
        '__proto__',
        'é',
        '😀',
        'a',
        'process.exit(1)',
        'require("fs")',
      ],
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

describe('a plan', () => {
  it('says what will be, file by file, sorted', () => {
    const { files, service, template } = plan({ template: tiny, answers: { name: 'x' } })
    expect(service).toBe('x')
    expect(template).toEqual({ id: 'tiny', version: '1.2.3', digest: tiny.digest })
    const policies = Object.fromEntries(files.map(({ path, policy }) => [path, policy]))
    expect(policies).toMatchObject({
      '.gitignore': 'managed',
      'README.md': 'once',
      'package-lock.json': 'lock',
      'src/generated.ts': 'managed',
      'src/main.ts': 'seed',
    })
  })
})

describe('rendering', () => {
  it('gives every file, the answers and the bill of materials', () => {
    const paths = [...renderTiny().files.keys()]
    expect(paths).toEqual([...paths].sort())
    expect(paths).toEqual(
      [...tiny.files.map(({ path }) => path), '.vm/answers.yaml', '.vm/sbom.cdx.json'].sort(),
    )
  })

  it('copies what is no template byte for byte', () => {
    const logo = renderTiny().files.get('logo.bin')
    expect(Buffer.from(logo?.bytes ?? []).toString('latin1')).toBe('binary\0file\u00ff')
  })

  it('gives these bytes on every Node and every system', () => {
    const rendered = renderTiny({ description: 'It\'s "so" – 100%', topics: ['a', 'b'] })
    const hash = createHash('sha256')
    for (const [path, { bytes, mode, policy }] of rendered.files) {
      hash.update(`${path} ${mode} ${policy} ${bytes.length}\n`).update(bytes)
    }
    expect(hash.digest('hex')).toBe(
      'ee19975c156cf07231a92541c151567d3d48b0ed9802e67889fea7968456b913',
    )
  })

  test('gives the same bytes for the same answers, in whatever order they stand', () => {
    fc.assert(
      fc.property(
        fc.record({
          description: hostile.filter((text) => !/[$]|\{\{|<%|%>/.test(text) && text.length < 200),
          replicas: fc.integer({ min: 1, max: 9 }),
          public: fc.boolean(),
          topics: fc.array(fc.string({ unit: fc.constantFrom('a', '"', "'", '\\') }), {
            maxLength: 4,
          }),
        }),
        (answers) => {
          const reversed = Object.fromEntries(Object.entries(answers).reverse())
          expect(renderTiny(reversed)).toEqual(renderTiny(answers))
        },
      ),
    )
  })

  test('takes hostile text as data, or refuses it', () => {
    fc.assert(
      fc.property(hostile, (description) => {
        fc.pre(description.length <= 200)
        let rendered: ReturnType<typeof renderTiny>
        try {
          rendered = renderTiny({ description })
        } catch (error) {
          expect(error).toMatchObject({ name: 'SpawnError' })
          return
        }
        expect(check(rendered)).toEqual([])
        expect(JSON.parse(textOf(rendered, 'package.json'))).toMatchObject({
          name: 'tiny-service',
          description,
          type: 'module',
        })
        expect(parse(textOf(rendered, 'deploy/deployment.yaml'))).toMatchObject({
          kind: 'Deployment',
          metadata: { name: 'tiny-service', annotations: { description } },
          spec: { replicas: 2 },
        })
        expect(parse(textOf(rendered, '.vm/answers.yaml')).answers.description).toBe(description)
        const source = textOf(rendered, 'src/generated.ts').replaceAll('export const', 'var')
        const scope: { description?: string; replicas?: number } = {}
        runInNewContext(source, scope)
        expect(scope).toMatchObject({ description, replicas: 2 })
      }),
      { numRuns: 300 },
    )
  })

  it('keeps an answer that looks like a template from being rendered', async () => {
    await spawnErrorOf(() => renderTiny({ description: '<%= 7 * 7 %>' }), 'ANSWERS_INVALID')
  })
})

describe('a tag', () => {
  it('sees answers, pins and encoders', () => {
    expect(renderOne('<%= answers.name %> <%= pins.checkout.length %>')).toBe('x 57')
    expect(renderOne('<%- json([answers.name, 1, null]) %>')).toBe('["x", 1, null]')
    expect(renderOne('<% if (!answers.public) { -%>\nprivate\n<% } -%>\n')).toBe('private\n')
  })

  it.each([
    'Date',
    'Math',
    'process',
    'globalThis',
    'crypto',
    'performance',
    'fetch',
    'Intl',
    'service',
    'template',
    'files',
    'require',
    'module',
  ])('sees no %s', (name) => {
    expect(renderOne(`<%= typeof ${name} %>`)).toBe('undefined')
  })

  it('can not put out text unchecked, raw or not', async () => {
    for (const tag of ['<%=', '<%-']) {
      const error = await spawnErrorOf(
        () => renderOne(`one\ntwo\n${tag} answers.description %>`, 'a/b.yaml'),
        'RENDER_FAILED',
      )
      expect(error.message).toBe(
        'a/b.yaml.ejs:3: "A tiny service" can\'t be used: only letters, digits and . _ / @ : - may stand without an encoder.',
      )
    }
  })

  it.each([
    ['<%= answers.nothing %>', ':1: a tag gives undefined'],
    ['\n<%= answers.owner.length %>', ':2: Cannot read properties of undefined'],
    ['<%- include("/etc/passwd") %>', ':1: include is refused'],
    ['<%- include("package.json") %>', ':1: include is refused'],
    ['<% with (answers) { %>x<% } %>', 'Strict mode code may not include a with statement'],
    ['<% answers.name = "y" %>', ':1: Cannot assign to read only property'],
    ['<%= 1 +', 'matching close tag'],
    ['<% } %>', 'while compiling ejs'],
    ['<% throw 1 %>', ': '],
  ])('%j fails with the place', async (source, reason) => {
    const error = await spawnErrorOf(() => renderOne(source), 'RENDER_FAILED')
    expect(error.message).toContain('x.txt')
    expect(error.message).toContain(reason)
    expect(error.message).not.toContain('\n')
  })

  it('is left alone in a file that is no template', () => {
    const file = {
      path: 'x',
      mode: '644' as const,
      rendered: false,
      bytes: Buffer.from('<%= 1 %>'),
    }
    const template = { ...tiny, files: [...tiny.files, file] }
    const rendered = render(plan({ template, answers: { name: 'x' } }))
    expect(textOf(rendered, 'x')).toBe('<%= 1 %>')
    expect(check(rendered)).toEqual([
      { code: 'TAG_UNRESOLVED', path: 'x', detail: 'a template tag was left in it' },
    ])
  })

  it('must stand in UTF-8', async () => {
    const file = { path: 'x', mode: '644' as const, rendered: true, bytes: Buffer.from([0xff]) }
    const template = { ...tiny, files: [file] }
    await spawnErrorOf(() => render(plan({ template, answers: { name: 'x' } })), 'RENDER_FAILED')
  })
})

describe('.vm/answers.yaml', () => {
  it('has the bytes that docs/formats/spawn.md gives', () => {
    const rendered = renderTiny({ description: 'say "hi"', topics: ['a, b', 'c'] })
    expect(textOf(rendered, '.vm/answers.yaml')).toBe(`answers:
  description: "say \\"hi\\""
  name: "tiny-service"
  public: false
  replicas: 2
  topics: ["a, b", "c"]
template:
  digest: "${tiny.digest}"
  id: "tiny"
  version: "1.2.3"
`)
  })

  it('spawns the same again', () => {
    const rendered = renderTiny({ description: 'again', owner: '@a/b', replicas: 3 })
    const { answers } = parse(textOf(rendered, '.vm/answers.yaml'))
    expect(render(plan({ template: tiny, answers }))).toEqual(rendered)
  })
})
