import { describe, expect, it } from 'vitest'
import { nextTrain, trainManifest } from '../train/manifest.ts'

describe('the name of a train', () => {
  const december = new Date('2026-12-31T23:59:59Z')

  it('is year and month', () => {
    expect(nextTrain(december, [])).toEqual({ name: '2026.12', previous: undefined })
    expect(nextTrain(december, ['2026.09', '2026.11'])).toEqual({
      name: '2026.12',
      previous: '2026.11',
    })
  })

  it('has a number from the second in a month, also from the tenth', () => {
    expect(nextTrain(december, ['2026.12']).name).toBe('2026.12.2')
    const many = ['2026.12', ...Array.from({ length: 9 }, (_, at) => `2026.12.${at + 2}`)]
    expect(nextTrain(december, many.toReversed())).toEqual({
      name: '2026.12.11',
      previous: '2026.12.10',
    })
  })

  it('ignores other files', () => {
    expect(nextTrain(december, ['README', 'notes.2026']).name).toBe('2026.12')
  })
})

describe('the manifest of a train', () => {
  const commit = 'c'.repeat(40)
  const packed = [{ name: '@f/b', version: '0.2.0', tarball: 'sha256:new' }]
  const previous = {
    train: '2026.11',
    commit,
    packages: {
      '@f/a': { version: '0.1.0', tarball: 'sha256:old' },
      '@f/b': { version: '0.1.0', tarball: 'sha256:old' },
    },
  }

  it('lists what was published now, and what still stands', () => {
    const packages = [
      { name: '@f/b', version: '0.2.0' },
      { name: '@f/a', version: '0.1.0' },
    ]
    const manifest = trainManifest({ name: '2026.12', commit, packages, packed, previous })
    expect(JSON.stringify(manifest)).toBe(
      JSON.stringify({
        train: '2026.12',
        commit,
        packages: {
          '@f/a': { version: '0.1.0', tarball: 'sha256:old' },
          '@f/b': { version: '0.2.0', tarball: 'sha256:new' },
        },
      }),
    )
  })

  it('refuses a version that nobody packed', () => {
    const packages = [{ name: '@f/a', version: '0.3.0' }]
    expect(() => trainManifest({ name: 'x', commit, packages, packed, previous })).toThrow(
      '@f/a@0.3.0 was neither packed',
    )
    expect(() => trainManifest({ name: 'x', commit, packages, packed })).toThrow('neither')
  })
})
