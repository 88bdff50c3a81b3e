import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

interface Row {
  readonly capability: string
  readonly status: string
  readonly files: readonly string[]
}

function readRows(): Row[] {
  const lines = readFileSync(join(root, 'STATUS.md'), 'utf8').split('\n')
  const cells = lines
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((row) => row[1] !== 'capability')
  return cells.map(([, capability = '', status = '', shown = '']) => ({
    capability,
    status,
    files: [...shown.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
  }))
}

describe('STATUS.md', () => {
  const rows = readRows()

  it('lists capabilities', () => {
    expect(rows.length).toBeGreaterThan(10)
  })

  it.each(rows)('claims for "$capability" no more than the tests show', ({ status, files }) => {
    expect(['planned', 'experimental', 'stable']).toContain(status)
    if (status === 'planned') {
      expect(files).toEqual([])
    } else {
      expect(files).not.toEqual([])
      expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([])
    }
  })
})
