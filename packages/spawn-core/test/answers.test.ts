import { plan } from '@vaultmesh/spawn-core'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { spawnErrorOf, tiny } from './support.ts'

const planned = (answers: unknown) => plan({ template: tiny, answers }).answers

describe('the name', () => {
  it.each(['a', 'payment-service', '0', 'a'.repeat(63)])('%s is taken', (name) => {
    expect(planned({ name }).name).toBe(name)
  })

  it.each([
    ['../x', 'only a-z, 0-9'],
    ['x/y', 'only a-z, 0-9'],
    ['x/y&z', 'only a-z, 0-9'],
    ['Bad Name', 'only a-z, 0-9'],
    ['Upper', 'only a-z, 0-9'],
    ['-x', 'starts or ends'],
    ['x-', 'starts or ends'],
    ['--with-mcp', 'starts or ends'],
    ['', 'it is empty'],
    ['.', 'only a-z, 0-9'],
    ['a".b', 'only a-z, 0-9'],
    ['a"); import os; os.system("id', 'only a-z, 0-9'],
    ['$(id)', 'only a-z, 0-9'],
    ['a\nb', 'only a-z, 0-9'],
    ['a\n', 'only a-z, 0-9'],
    ['é', 'only a-z, 0-9'],
    ['a'.repeat(64), '64 characters'],
  ])('%j is refused', async (name, reason) => {
    const error = await spawnErrorOf(() => planned({ name }), 'NAME_INVALID')
    expect(error.message).toContain(reason)
    expect(error.message).toContain('such as payment-service')
    expect(error.message).not.toMatch(/\n/)
  })

  it.each([undefined, null, 7, ['x']])('%j is refused', async (name) => {
    await spawnErrorOf(() => planned({ name }), 'NAME_INVALID')
  })

  it('is not taken from the prototype', async () => {
    await spawnErrorOf(() => planned(Object.create({ name: 'x' })), 'NAME_INVALID')
  })
})

describe('other answers', () => {
  it('are completed by defaults and sorted', () => {
    expect(Object.entries(planned({ topics: ['b', 'a'], name: 'x' }))).toEqual([
      ['description', 'A tiny service'],
      ['name', 'x'],
      ['public', false],
      ['replicas', 2],
      ['topics', ['b', 'a']],
    ])
  })

  it('can not be changed afterwards', () => {
    const topics = ['a']
    const answers = planned({ name: 'x', topics })
    topics.push('b')
    expect(answers['topics']).toEqual(['a'])
    expect(Object.isFrozen(answers)).toBe(true)
  })

  it.each([
    [{ owner: 'no-at' }, 'owner: "no-at" is refused: String does not match pattern'],
    [{ replicas: 10 }, 'replicas: "10" is refused'],
    [{ replicas: 1.5 }, 'replicas: must be text, a whole number'],
    [{ replicas: '2' }, 'replicas: "2" is refused'],
    [{ replicas: null }, 'replicas: must be'],
    [{ public: 'yes' }, 'public: "yes" is refused'],
    [{ topics: ['x'.repeat(41)] }, 'topics: '],
    [{ topics: [1] }, 'topics: must be'],
    [{ topics: [['x']] }, 'topics: must be'],
    [{ topics: ['1', '2', '3', '4', '5'] }, 'topics: '],
    [{ colour: 'red' }, '"colour" is no question of this template (these are: name, description'],
    [JSON.parse('{"__proto__": 1}'), '"__proto__" is no question'],
    [{ constructor: 'x' }, '"constructor" is no question'],
  ])('%j are refused', async (answers, reason) => {
    const error = await spawnErrorOf(
      () =>
        planned(Object.defineProperties({ name: 'x' }, Object.getOwnPropertyDescriptors(answers))),
      'ANSWERS_INVALID',
    )
    expect(error.message).toContain(reason)
  })

  it('are refused all at once, so that nobody has to try again and again', async () => {
    const error = await spawnErrorOf(
      () => planned({ name: 'x', replicas: 0, public: 3 }),
      'ANSWERS_INVALID',
    )
    expect(error.message).toContain('replicas')
    expect(error.message).toContain('public')
  })

  it.each([
    ['line\nbreak', 'U+000A'],
    ['bell\u0007', 'U+0007'],
    ['c1\u0085', 'U+0085'],
    ['left\u202eright', 'U+202E'],
    ['line\u2028separator', 'U+2028'],
    ['bom\ufeff', 'U+FEFF'],
    ['half \ud83d', 'U+D83D'],
    ['tag <%= 1 %>', '"<%" or "%>"'],
    ['x'.repeat(201), 'too long'],
    ['x'.repeat(5000), '4096 are allowed'],
  ])('the text %j is refused', async (description, reason) => {
    const error = await spawnErrorOf(() => planned({ name: 'x', description }), 'ANSWERS_INVALID')
    expect(error.message).toContain(reason)
  })

  it.each([[], 'x', null, undefined, 3])('%j is no mapping', async (answers) => {
    const error = await spawnErrorOf(() => planned(answers), 'ANSWERS_INVALID')
    expect(error.message).toContain('mapping')
  })
})

test('answers of any kind are taken or refused, and nothing else is thrown', async () => {
  await fc.assert(
    fc.asyncProperty(fc.object(), fc.option(fc.string()), async (answers, name) => {
      try {
        planned({ ...answers, ...(name === null ? {} : { name }) })
      } catch (error) {
        expect(error).toMatchObject({ name: 'SpawnError' })
      }
    }),
  )
})
