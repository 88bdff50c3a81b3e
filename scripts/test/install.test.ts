import { expect, it } from 'vitest'
import { ownErrors } from '../steps/install.ts'

it('keeps the errors of our declarations and of the examples, with all their lines', () => {
  const said = [
    'consumer0.ts(1,1): error TS1: ours',
    '  further',
    'node_modules/other/index.d.ts(12,91): error TS2: theirs',
    '  further',
    'node_modules/@vaultmesh/merkle/dist/proof.d.ts(3,4): error TS3: ours too',
    '',
  ].join('\n')
  expect(ownErrors(said).split('\n')).toEqual([
    'consumer0.ts(1,1): error TS1: ours',
    '  further',
    'node_modules/@vaultmesh/merkle/dist/proof.d.ts(3,4): error TS3: ours too',
  ])
})
