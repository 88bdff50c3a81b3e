/** Reads values and structures out of elements that {@link parseDer} took. */
import type { Bytes } from './bytes.ts'
import { type DerElement, DerError, tags } from './der.ts'

/** The elements of a structure, taken one after the other; none may be left over. */
export interface Fields {
  /** The next element, which must have this tag. `what` names it in the error. */
  take(tag: number, what: string): DerElement
  /** The next element, whatever it is. */
  takeAny(what: string): DerElement
  /** The next element if it has this tag. */
  takeIf(tag: number): DerElement | undefined
  /** Throws if an element is left. */
  end(): void
}

/** Opens a structure: `element` must have `tag` (a SEQUENCE, unless told otherwise). */
export function openFields(element: DerElement, name: string, tag: number = tags.sequence): Fields {
  if (element.tag !== tag) throw new DerError(`${name} has the tag ${element.tag}, not ${tag}`)
  let next = 0
  const takeAny = (what: string): DerElement => {
    const child = element.children[next]
    if (child === undefined) throw new DerError(`${name} has no ${what}`)
    next += 1
    return child
  }
  return {
    takeAny,
    take(wanted, what) {
      const child = takeAny(what)
      if (child.tag !== wanted) {
        throw new DerError(`${what} of ${name} has the tag ${child.tag}, not ${wanted}`)
      }
      return child
    },
    takeIf(wanted) {
      return element.children[next]?.tag === wanted ? takeAny('element') : undefined
    },
    end() {
      if (next < element.children.length) throw new DerError(`${name} has elements left over`)
    },
  }
}

/** The one element of an EXPLICIT tag. */
export function onlyChild(element: DerElement, name: string): DerElement {
  const [child] = element.children
  if (child === undefined || element.children.length > 1) {
    throw new DerError(`${name} does not hold exactly one element`)
  }
  return child
}

/** An OBJECT IDENTIFIER in dotted form. */
export function readOid(element: DerElement): string {
  if (element.tag !== tags.oid) throw new DerError(`the tag ${element.tag} is no OBJECT IDENTIFIER`)
  const numbers: bigint[] = []
  let value = 0n
  for (const byte of element.content) {
    value = (value << 7n) | BigInt(byte & 0x7f)
    if (byte < 0x80) {
      numbers.push(value)
      value = 0n
    }
  }
  // The first number holds two arcs (X.690 section 8.19.4).
  const [first = 0n, ...others] = numbers
  const root = first < 80n ? first / 40n : 2n
  return [root, first - root * 40n, ...others].join('.')
}

/** An INTEGER, or an IMPLICIT one, from 0 to 2^31 - 1. */
export function readSmallInteger(element: DerElement, name: string): number {
  const { content } = element
  const [first = 0x80, second = 0] = content
  // An IMPLICIT tag hides the type from the parser, so its content is checked here.
  const isPadded = content.length > 1 && first === 0 && second < 0x80
  if (content.length > 4 || first >= 0x80 || isPadded) {
    throw new DerError(`${name} is no INTEGER from 0 to 2147483647`)
  }
  return content.reduce((value, byte) => value * 256 + byte, 0)
}

/** A BOOLEAN. */
export function readBoolean(element: DerElement): boolean {
  return element.content[0] === 0xff
}

/** The bytes of a BIT STRING that holds whole bytes. */
export function readBitBytes(element: DerElement, name: string): Bytes {
  if (element.content[0] !== 0) throw new DerError(`${name} does not hold whole bytes`)
  return element.content.subarray(1)
}

/** The numbers of the bits that are set in a BIT STRING of named bits. */
export function readNamedBits(element: DerElement): ReadonlySet<number> {
  const set = new Set<number>()
  element.content.subarray(1).forEach((byte, index) => {
    for (let bit = 0; bit < 8; bit += 1) {
      if ((byte & (0x80 >> bit)) !== 0) set.add(index * 8 + bit)
    }
  })
  return set
}

/** Whether the elements stand in the order of DER's SET OF (X.690 section 11.6), none twice. */
export function isSetOrder(elements: readonly DerElement[]): boolean {
  return elements.every((element, index) => {
    const previous = elements[index - 1]
    return previous === undefined || compareBytes(previous.raw, element.raw) < 0
  })
}

/** Orders encodings byte by byte; a prefix comes first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
