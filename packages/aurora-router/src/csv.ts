/** CSV, read strictly: one header, every row as long as it, places by row and column. */
import { CsvError, parse } from 'csv-parse/sync'
import { readUtf8, refuse } from './reading.ts'

/** A row: the number that an editor shows where no cell holds a line end (the header is 1), and cells by column. */
export interface CsvRow {
  readonly row: number
  readonly cells: ReadonlyMap<string, string>
}

/** What a CSV may hold. */
export interface CsvBounds {
  readonly maxBytes: number
  readonly maxRows: number
  /** Columns that must be there; others may be. */
  readonly columns: readonly string[]
}

const maxColumns = 64

function records(text: string, maxRows: number): string[][] {
  // Every row must be as long as the first, so this bounds all cells before there are any.
  const end = text.indexOf('\n')
  const first = text.slice(0, end === -1 ? text.length : end)
  if (first.split(',', maxColumns + 1).length > maxColumns) {
    refuse('row 1', `holds more than ${maxColumns} columns`)
  }
  try {
    const bounds = { max_record_size: 64 * 1024, to: maxRows + 2 }
    return parse(text, { bom: true, skip_empty_lines: true, ...bounds })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line = 'lines' in error ? `line ${String(error['lines'])}` : ''
    return refuse(line, `not CSV: ${error.code}`)
  }
}

/** The rows of a CSV. Columns may come in any order, none of them twice. */
export function readCsv(bytes: Uint8Array, bounds: CsvBounds): readonly CsvRow[] {
  const [header = [], ...rows] = records(readUtf8(bytes, bounds.maxBytes), bounds.maxRows)
  const twice = header.find((name, at) => header.indexOf(name) !== at)
  if (twice !== undefined) refuse('row 1', `the column "${twice.slice(0, 64)}" comes twice`)
  for (const name of bounds.columns) {
    if (!header.includes(name)) refuse('row 1', `the column "${name}" is missing`)
  }
  if (rows.length > bounds.maxRows) refuse('', `holds more than ${bounds.maxRows} rows`)
  return rows.map((cells, index) => ({
    row: index + 2,
    cells: new Map(header.map((name, at) => [name, cells[at] ?? ''])),
  }))
}

/** The place of a cell, for a problem. */
export function cellPlace(row: CsvRow, column: string): string {
  return `row ${row.row}, column ${column}`
}

/** A cell's text; empty where the column is absent. */
export function cell(row: CsvRow, column: string): string {
  return row.cells.get(column) ?? ''
}

const plainNumber = /^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,20})?$/

/** A cell that holds a decimal number from `min` to `max`. */
export function numberCell(row: CsvRow, column: string, min: number, max: number): number {
  const text = cell(row, column)
  const value = plainNumber.test(text) ? Number(text) : Number.NaN
  if (!(value >= min && value <= max)) {
    refuse(cellPlace(row, column), `must be a number from ${min} to ${max}`)
  }
  return value
}

/** One line of CSV (RFC 4180); a cell that a spreadsheet would take for a formula gets a quote before it. */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
