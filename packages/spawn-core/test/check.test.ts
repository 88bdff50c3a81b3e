import { check, limits, type RenderedFile } from '@vaultmesh/spawn-core'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { renderTiny } from './support.ts'

function filesOf(files: Record<string, string | Uint8Array>): Map<string, RenderedFile> {
  return new Map(
    Object.entries(files).map(([path, content]) => [
      path,
      { bytes: Buffer.from(content), mode: '644', policy: 'managed' },
    ]),
  )
}

function codes(files: Record<string, string | Uint8Array>): string[] {
  return check({ files: filesOf(files) }).map(({ code, path }) => `${code} ${path}`)
}

const kubernetes = (metadata: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata:\n${metadata.replaceAll(/^/gm, '  ')}\n`

describe('check', () => {
  it('finds nothing wrong with the tiny service', () => {
    expect(check(renderTiny())).toEqual([])
  })

  it.each([
    ['../x', 'PATH_UNSAFE'],
    ['/x', 'PATH_UNSAFE'],
    ['a\\b', 'PATH_UNSAFE'],
    ['.git/hooks/pre-commit', 'PATH_UNSAFE'],
    ['NUL', 'PATH_UNSAFE'],
    ['.vm/manifest.json', 'PATH_RESERVED'],
    ['.VM/manifest.dsse.json', 'PATH_RESERVED'],
  ])('refuses the path %s', (path, code) => {
    expect(codes({ [path]: '{}' })).toContain(`${code} ${path}`)
  })

  it('refuses two paths that are one where case plays no part', () => {
    expect(codes({ 'a/x': '', 'A/y': '' })).toEqual(['PATH_COLLISION A/y'])
  })

  it.each([
    ['x.json', '', 'JSON_INVALID'],
    ['x.json', '{"a":1,}', 'JSON_INVALID'],
    ['x.json', '// comment\n{}', 'JSON_INVALID'],
    ['x.yaml', 'a: [', 'YAML_INVALID'],
    ['x.yml', 'a: 1\na: 2\n', 'YAML_INVALID'],
    ['x.yaml', 'a: "b" c\n', 'YAML_INVALID'],
    ['x.yaml', 'a: 1\n---\nb: {\n', 'YAML_INVALID'],
    ['x.yaml', '\ta: 1', 'YAML_INVALID'],
    ['x.yaml', 'a: *b', 'YAML_INVALID'],
    ['x.txt', Buffer.from([0x61, 0xff]), 'NOT_UTF8'],
    ['x.json', Buffer.from([0x22, 0x00, 0xff]), 'NOT_UTF8'],
    ['x.txt', 'hello <%= name %>', 'TAG_UNRESOLVED'],
  ])('refuses %s of %j', (path, content, code) => {
    expect(codes({ [path]: content })).toEqual([`${code} ${path}`])
  })

  it.each([
    ['x.yaml', ''],
    ['x.yaml', '# nothing\n'],
    ['x.yaml', 'a: 1\n---\nb: 2\n'],
    ['x.yaml', 'a: !custom 1\n'],
    ['x.json', '[]'],
    ['x.bin', Buffer.from([0, 0xff])],
    ['x.txt', '50 % > 3'],
  ])('takes %s of %j', (path, content) => {
    expect(codes({ [path]: content })).toEqual([])
  })

  it('says where YAML goes wrong, in one line', () => {
    const [problem] = check({ files: filesOf({ 'x.yaml': 'a: 1\nb: [\n' }) })
    expect(problem?.detail).toMatch(/at line 3, column 1/)
    expect(problem?.detail).not.toContain('\n')
  })

  it('does not expand aliases of aliases without end', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const items = Array(9).fill(level === 0 ? 'lol' : `*a${level - 1}`)
      return `a${level}: &a${level} [${items.join(', ')}]`
    })
    expect(codes({ 'bomb.yaml': levels.join('\n') })).toEqual(['YAML_INVALID bomb.yaml'])
  })

  it.each([
    'name: Bad Name',
    'name: UPPER',
    'name: 123',
    'name: no',
    'name: a_b',
    'name: -a',
    `name: ${'a'.repeat(254)}`,
    'name: a\nnamespace: a.b',
    'name: a\nnamespace: yes',
    'name: a\nlabels: {app: two words}',
    'name: a\nlabels: {app: 1}',
    'name: a\nlabels: {app: on}',
    'name: a\nlabels: [app]',
    'name: a\nannotations: {a: true}',
    '- name',
  ])('refuses Kubernetes metadata of %j', (metadata) => {
    expect(codes({ 'x.yaml': kubernetes(metadata) })).toEqual(['KUBERNETES_INVALID x.yaml'])
  })

  it.each([
    'name: a',
    'name: a.b-c.example.com',
    'name: "123"',
    'name: a\nnamespace: b\nlabels: {app: "", v: "1.2_3"}\nannotations: {a: "b c", d: ""}',
    'generateName: a-',
    'labels:\nname: a',
  ])('takes Kubernetes metadata of %j', (metadata) => {
    expect(codes({ 'x.yaml': kubernetes(metadata) })).toEqual([])
  })

  it('takes the names of roles, which may hold colons', () => {
    const role =
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: "a:b"}'
    expect(codes({ 'x.yaml': role })).toEqual([])
  })

  it('refuses what is too much', () => {
    const large = new Uint8Array(limits.fileBytes)
    expect(codes({ a: new Uint8Array(limits.fileBytes + 1) })).toEqual(['FILE_TOO_LARGE a'])
    const eight = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`f${index}`, large]))
    expect(codes(eight)).toEqual(['TOO_LARGE .'])
    const many = Array.from({ length: limits.files + 1 }, (_, index) => [`f${index}`, ''])
    expect(codes(Object.fromEntries(many))).toEqual(['TOO_MANY_FILES .'])
  })

  test('never throws, whatever the files are', () => {
    const path = fc.oneof(fc.string(), fc.constantFrom('a.json', 'b.yaml', 'c.yml', 'd'))
    fc.assert(
      fc.property(fc.dictionary(path, fc.uint8Array({ maxLength: 200 })), (files) => {
        for (const problem of check({ files: filesOf(files) })) {
          expect(problem.detail).not.toBe('')
        }
      }),
    )
  })

  test('never throws on YAML that went wrong', () => {
    const text = Buffer.from(renderTiny().files.get('deploy/deployment.yaml')?.bytes ?? [])
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.nat(255), fc.boolean(), (index, byte, cut) => {
        const mutated = Buffer.from(cut ? text.subarray(0, index) : text)
        if (!cut) mutated[index] = byte
        check({ files: filesOf({ 'x.yaml': mutated }) })
      }),
    )
  })
})
