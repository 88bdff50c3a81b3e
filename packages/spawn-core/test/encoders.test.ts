import { execFileSync } from 'node:child_process'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { parse } from 'yaml'
import { encodersFor } from '../src/render/encoders.ts'

const encoders = encodersFor('file.txt')
// What GitHub Actions would replace by a secret.
const expression = `${'$'}{{ secrets.TOKEN }}`
const text = fc.string({ unit: 'binary' })
const line = fc
  .string({ unit: 'binary' })
  .map((value) => value.replaceAll(/[\0\r\n]/g, '').toWellFormed())
const values = fc.oneof(
  text,
  fc.boolean(),
  fc.integer(),
  fc.array(text),
  fc.array(fc.array(fc.integer())),
)

describe('text comes back as data', () => {
  test('from JSON', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(JSON.parse(encoders.json(value).text)).toEqual(value)
      }),
    )
  })

  test('from YAML, both versions, also in the middle of a document', () => {
    fc.assert(
      fc.property(values, fc.constantFrom('1.1' as const, '1.2' as const), (value, version) => {
        const encoded = encoders.yaml(value).text
        const document = `before: 1\nkey: ${encoded}\nlist:\n  - ${encoded}\nafter: 2\n`
        expect(parse(document, { version })).toEqual({
          before: 1,
          key: value,
          list: [value],
          after: 2,
        })
      }),
    )
  })

  test('from JavaScript', () => {
    fc.assert(
      fc.property(values, (value) => {
        const encoded = encoders.ts(value).text
        const result: unknown = runInNewContext(`JSON.stringify([${encoded}, 'after'])`)
        expect(JSON.parse(String(result))).toEqual([value, 'after'])
      }),
    )
  })

  test('from a shell', () => {
    fc.assert(
      fc.property(
        fc.oneof(line, fc.string({ unit: fc.constantFrom(...'\'"\\$`! a') })),
        (value) => {
          // Arguments of a process are bytes; half a character can't be passed.
          const output = execFileSync('sh', ['-c', `printf '%s' ${encoders.sh(value).text}`])
          expect(output.toString('utf8')).toBe(value)
        },
      ),
      { numRuns: 30 },
    )
  })

  test('from Markdown: without backslashes before punctuation it is the text', () => {
    fc.assert(
      fc.property(line, (value) => {
        const plain = encoders
          .md(value)
          .text.replaceAll('&#32;', ' ')
          .replaceAll(/\\([!-/:-@[-`{-~])/g, '$1')
        expect(plain).toBe(value)
      }),
    )
  })
})

describe('Markdown has no markup', () => {
  it.each([
    ['# heading', '\\# heading'],
    ['- item', '\\- item'],
    ['+ item', '\\+ item'],
    ['12. item', '12\\. item'],
    ['3) item', '3\\) item'],
    ['=== rule', '\\=== rule'],
    ['[text](https://x)', '\\[text\\](https://x)'],
    ['<script>', '\\<script\\>'],
    ['`code` *a* _b_ ~c~', '\\`code\\` \\*a\\* \\_b\\_ \\~c\\~'],
    ['a | b', 'a \\| b'],
    ['&lt;', '\\&lt;'],
    ['@team #1 $x$', '\\@team \\#1 \\$x\\$'],
    ['    code', '&#32;&#32;&#32;&#32;code'],
    ['Plain words, with 1.5 dots. And - dashes!', 'Plain words, with 1.5 dots. And - dashes!'],
  ])('%s', (value, encoded) => {
    expect(encoders.md(value).text).toBe(encoded)
  })
})

describe('TOML', () => {
  it.each([
    ['quote " and \\', '"quote \\" and \\\\"'],
    [['a', 'b'], '["a", "b"]'],
    [true, 'true'],
    ['\u007f', '"\\u007f"'],
  ])('%j', (value, encoded) => {
    expect(encoders.toml(value).text).toBe(encoded)
  })

  it('has no null', () => {
    expect(() => encoders.toml(['x', null])).toThrow(TypeError)
  })
})

describe('what can not be data is refused', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, {}, () => 1, 1n, Symbol.iterator])(
    '%s',
    (value) => {
      for (const encode of Object.values(encoders)) {
        expect(() => Reflect.apply(encode, undefined, [value])).toThrow(TypeError)
      }
    },
  )

  it('half a character, a list in a shell, two lines in a shell or in Markdown', () => {
    expect(() => encoders.json('\ud800')).toThrow('half a character')
    expect(() => Reflect.apply(encoders.sh, undefined, [['a']])).toThrow('takes no list')
    expect(() => encoders.sh('a\nb')).toThrow('more than one line')
    expect(() => encoders.md('a\r\n# b')).toThrow('more than one line')
  })

  it.each([
    ['.github/workflows/ci.yml', 'yaml', expression],
    ['deploy/x.yaml', 'yaml', '$(HOSTNAME)'],
    ['chart/x.yaml', 'yaml', '{{ .Values.x }}'],
    ['compose.yaml', 'yaml', '$HOME'],
    ['docker-compose.prod.yml', 'yaml', '$HOME'],
    ['Makefile', 'sh', '$(shell id)'],
    ['build/rules.mk', 'sh', 'a # b'],
    ['Dockerfile', 'json', '$PATH'],
    ['docker/Dockerfile.dev', 'json', 'ends in \\'],
    ['Dockerfile', 'sh', "it's"],
  ] as const)('in %s, by %s: %s', (path, encoder, value) => {
    expect(() => encodersFor(path)[encoder](value)).toThrow("can't be used")
  })

  it('but the same text is fine where nothing expands it', () => {
    expect(encodersFor('package.json').json(expression).text).toBe(`"${expression}"`)
    expect(encodersFor('Dockerfile').json('plain').text).toBe('"plain"')
    expect(encodersFor('x.yaml').yaml('5 $ a day').text).toBe('"5 $ a day"')
  })
})
