/**
 * WebAssembly's binary format (WebAssembly Core Specification 2.0, chapter 5), as far as the
 * hasher needs it. Code is written as nested expressions, as in the text format:
 * `i32.add(x.get, i32.const(1))` is `(i32.add (local.get $x) (i32.const 1))`.
 */

/** Instructions, encoded. */
export type Code = readonly number[]

const valueTypes = { i32: 0x7f, v128: 0x7b }

/** A type of parameters and locals. */
export type ValueType = keyof typeof valueTypes

/** LEB128 of an unsigned integer of 32 bits. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

/** LEB128 of a signed integer of 32 bits. */
function signed(value: number): Code {
  return value >= -0x40 && value < 0x40
    ? [value & 0x7f]
    : [(value & 0x7f) | 0x80, ...signed(value >> 7)]
}

/** A parameter or local of a function. */
export interface Local {
  readonly get: Code
  set(value: Code): Code
  /** Sets, and gives the value. */
  tee(value: Code): Code
}

function localAt(index: number): Local {
  return {
    get: [0x20, ...unsigned(index)],
    set: (value) => [...value, 0x21, ...unsigned(index)],
    tee: (value) => [...value, 0x22, ...unsigned(index)],
  }
}

function simd(opcode: number): Code {
  return [0xfd, ...unsigned(opcode)]
}

function binary(opcode: Code): (left: Code, right: Code) => Code {
  return (left, right) => [...left, ...right, ...opcode]
}

// The hint of every load and store is that addresses are not aligned: messages are not.
function load(opcode: Code): (address: Code, offset?: number) => Code {
  return (address, offset = 0) => [...address, ...opcode, 0, ...unsigned(offset)]
}

function store(opcode: Code): (address: Code, value: Code, offset?: number) => Code {
  return (address, value, offset = 0) => [...address, ...value, ...opcode, 0, ...unsigned(offset)]
}

/** Instructions on 32 bits. */
export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: load([0x28]),
  load8: load([0x2d]),
  store: store([0x36]),
  store8: store([0x3a]),
  /** 1 where left < right, unsigned, else 0. */
  less: binary([0x49]),
  add: binary([0x6a]),
  and: binary([0x71]),
  or: binary([0x72]),
  shl: binary([0x74]),
  shr: binary([0x76]),
  rotl: binary([0x77]),
}

/** Instructions on 128 bits. */
export const v128 = {
  load: load(simd(0)),
  /** Loads 32 bits into each of four lanes. */
  loadSplat: load(simd(9)),
  store: store(simd(11)),
  and: binary(simd(78)),
  or: binary(simd(80)),
  xor: binary(simd(81)),
  /** The bits of `ones` where `mask` has ones, those of `zeros` elsewhere. */
  select: (ones: Code, zeros: Code, mask: Code): Code => [...ones, ...zeros, ...mask, ...simd(82)],
  /** The bytes of `left` (0 to 15) and `right` (16 to 31) that `picked` lists. */
  shuffle: (left: Code, right: Code, picked: Code): Code => [
    ...left,
    ...right,
    ...simd(13),
    ...picked,
  ],
}

/** Instructions on four lanes of 32 bits. */
export const i32x4 = {
  splat: (value: Code): Code => [...value, ...simd(17)],
  replace: (vector: Code, lane: number, value: Code): Code => [
    ...vector,
    ...value,
    ...simd(28),
    lane,
  ],
  /** In each lane, all ones where left < right, unsigned, else all zeros. */
  less: binary(simd(58)),
  shl: binary(simd(171)),
  shr: binary(simd(173)),
  add: binary(simd(174)),
}

/** The instructions of all parts, one after the other. */
export function sequence(...parts: readonly Code[]): Code {
  return parts.flat()
}

/** Does `body`, and again as long as `condition` is not 0. */
export function repeatWhile(body: Code, condition: Code): Code {
  return [0x03, 0x40, ...body, ...condition, 0x0d, 0, 0x0b]
}

/** `left`, or `right` where `condition` is 0. */
export function either(left: Code, right: Code, condition: Code): Code {
  return [...left, ...right, ...condition, 0x1b]
}

function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()]
}

function sized(content: Code): Code {
  return [...unsigned(content.length), ...content]
}

function name(text: string): Code {
  return sized([...new TextEncoder().encode(text)])
}

/** A function's parameters, and its locals, which begin as 0. `body` is given both, in order. */
export interface Signature {
  readonly params: readonly ValueType[]
  readonly locals: readonly ValueType[]
  /** The name under which others may call it. */
  readonly exported?: string
}

/** A call of a defined function. */
export type Call = (...operands: readonly Code[]) => Code

/** A module of functions without results, and a memory that never grows. */
export class Module {
  readonly #types: Code[] = []
  readonly #bodies: Code[] = []
  readonly #exports: Code[] = [[...name('memory'), 0x02, 0]]

  /** Adds a function. */
  define(signature: Signature, body: (...locals: Local[]) => Code): Call {
    const { params, locals, exported } = signature
    const index = this.#bodies.length
    const code = body(...[...params, ...locals].map((_, i) => localAt(i)))
    const declared = locals.map((type) => [1, valueTypes[type]])
    this.#types.push([0x60, ...vector(params.map((type) => [valueTypes[type]])), ...vector([])])
    this.#bodies.push(sized([...vector(declared), ...code, 0x0b]))
    if (exported !== undefined) this.#exports.push([...name(exported), 0x00, ...unsigned(index)])
    return (...operands) => [...operands.flat(), 0x10, ...unsigned(index)]
  }

  /** The module, with so many pages (64 KiB) of memory, exported, that begins with `data`. */
  encode(pages: number, data: Code): Uint8Array<ArrayBuffer> {
    const section = (id: number, items: readonly Code[]): Code => [id, ...sized(vector(items))]
    return Uint8Array.of(
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...section(1, this.#types),
      ...section(
        3,
        this.#types.map((_, i) => unsigned(i)),
      ),
      ...section(5, [[0x01, ...unsigned(pages), ...unsigned(pages)]]),
      ...section(7, this.#exports),
      ...section(10, this.#bodies),
      ...section(11, [[0x00, ...i32.const(0), 0x0b, ...sized(data)]]),
    )
  }
}
