/** One name for one GPU, whatever a provider calls it. */
import { readText } from '../reading.ts'

/** Names whose form is kept, however they are spaced: `h-100` is `H100`. */
const names: readonly string[] = [
  ...['A10', 'A10G', 'A16', 'A40', 'A100', 'A4000', 'A5000', 'A6000', 'B200', 'B300', 'GH200'],
  ...['H100', 'H200', 'K80', 'L4', 'L40', 'L40S', 'MI300X', 'P100', 'T4', 'V100', 'RTX3080'],
  ...['RTX3090', 'RTX4090', 'RTX5090', 'RTX6000', 'A100-80GB', 'RTX6000-Ada'],
]

/** What people and providers write, without case, spaces, hyphens and underscores, to our name. */
const aliases: Readonly<Record<string, string>> = {
  ...Object.fromEntries(names.map((name) => [name.toLowerCase().replaceAll('-', ''), name])),
  a100pcie: 'A100',
  a100pcie40gb: 'A100',
  a100sxm: 'A100',
  a100sxm4: 'A100',
  a10040gb: 'A100',
  a100pcie80gb: 'A100-80GB',
  a100sxm80gb: 'A100-80GB',
  a100sxm480gb: 'A100-80GB',
  h100pcie: 'H100',
  h100nvl: 'H100',
  h100sxm: 'H100',
  h100sxm5: 'H100',
  h10080gb: 'H100',
  h100sxm80gb: 'H100',
  h100pcie80gb: 'H100',
  h200sxm: 'H200',
  h200nvl: 'H200',
  teslav100: 'V100',
  v100sxm2: 'V100',
  v10016gb: 'V100',
  teslat4: 'T4',
  teslap100: 'P100',
  teslak80: 'K80',
  rtxa6000: 'A6000',
  rtxa5000: 'A5000',
  rtxa4000: 'A4000',
  quadrortx6000: 'RTX6000',
  geforcertx3080: 'RTX3080',
  geforcertx3090: 'RTX3090',
  geforcertx4090: 'RTX4090',
  geforcertx5090: 'RTX5090',
}

/**
 * Our name of a GPU: `RTX_4090`, `rtx 4090` and `GeForce RTX 4090` are all `RTX4090`.
 *
 * A name that is not known keeps its letters, in capitals, and loses its spaces and underscores, so
 * that a GPU of next year is routed without a change here. Memory sizes that are sold apart
 * (`A100-80GB`) stay apart.
 */
export function gpuName(text: string): string {
  const plain = text.replace(/[\s_]+/g, '').replace(/^(?:nvidia-*)+(?=.)/i, '')
  if (plain === '') return text
  const key = plain.toLowerCase().replaceAll('-', '')
  return Object.hasOwn(aliases, key) ? (aliases[key] ?? plain) : plain.toUpperCase()
}

// The few names that are asked for again and again; a stranger's do not stay.
const known = new Map<string, string>()
const maxKnown = 256

/** Reads any name of a GPU, and gives ours. */
export function readGpu(value: unknown, at: string): string {
  const before = typeof value === 'string' ? known.get(value) : undefined
  if (before !== undefined) return before
  const text = readText(value, at, 60)
  // Again, as capitals may be longer: that of ß is SS.
  const name = readText(gpuName(text), at, 60)
  if (known.size === maxKnown) known.clear()
  known.set(text, name)
  return name
}
