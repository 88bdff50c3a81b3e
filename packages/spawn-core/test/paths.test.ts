import { posix, win32 } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { pathCollisions, pathProblem } from '../src/paths.ts'

describe('a path', () => {
  it.each(['a', 'src/main.ts', '.github/workflows/ci.yml', 'a+b@c_[id].ts', '__proto__'])(
    '%s is taken',
    (path) => {
      expect(pathProblem(path)).toBeUndefined()
    },
  )

  it.each([
    '',
    '/etc/passwd',
    '../x',
    'a/../b',
    'a/./b',
    'a//b',
    'a/',
    'a\\b',
    '..\\x',
    'C:/x',
    'C:x',
    'a b',
    'é',
    'a\0b',
    'a\nb',
    'con',
    'NUL.txt',
    'src/aux.ts',
    'com1',
    'x.',
    'x ',
    'a*',
    'a?b',
    '.git/config',
    'sub/.GIT/hooks/pre-commit',
    'git~1/config',
    '.g\u200cit/config',
    `${'a/'.repeat(16)}a`,
    'a'.repeat(201),
  ])('%j is refused', (path) => {
    expect(pathProblem(path)).toBeTypeOf('string')
  })

  test('that is taken stays in its folder, on every system', () => {
    const unit = fc.constantFrom('a', '.', '..', '/', '\\', ':', 'C', '~', ' ', '-', '\0')
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (path) => {
        if (pathProblem(path) !== undefined) return
        expect(posix.resolve('/root/x', path).startsWith('/root/x/')).toBe(true)
        expect(win32.resolve('C:\\root\\x', path).startsWith('C:\\root\\x\\')).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('paths collide', () => {
  it.each([
    [['README.md', 'readme.md']],
    [['a', 'a/b']],
    [['a/b', 'a']],
    [['src/a', 'Src/b']],
    [['a/b/c', 'A']],
    [['a', 'a']],
  ])('%j', (paths) => {
    expect(pathCollisions(paths)).toHaveLength(1)
  })

  it('not when they only share folders', () => {
    expect(pathCollisions(['a/b', 'a/c', 'a/d/e', 'ab', 'b/a'])).toEqual([])
  })
})
