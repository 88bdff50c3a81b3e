import { expect, it } from 'vitest'
import { staleFiles } from '../steps/packages.ts'

it('finds compiled files whose source is gone', () => {
  const files = [
    'package.json',
    'src/a.ts',
    'dist/a.js',
    'dist/a.d.ts',
    'dist/a.js.map',
    'dist/a.d.ts.map',
    'dist/gone.js',
    'dist/sub/gone.d.ts.map',
  ]
  expect(staleFiles(files)).toEqual(['dist/gone.js', 'dist/sub/gone.d.ts.map'])
})

it('does not look at bundles, which have no counterpart', () => {
  expect(staleFiles(['package.json', 'dist/vm.js'])).toEqual([])
  const page = ['dist/page/SHA256SUMS', 'dist/page/assets/index-1.js']
  expect(staleFiles(['src/a.ts', 'dist/gone.js', ...page])).toEqual(['dist/gone.js'])
})
