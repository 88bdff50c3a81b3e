/** Compact ranges: all that is needed of a run of leaves to append to it and to give a tree's root. */
export { decodeCompactRange, encodeCompactRange } from './compact/codec.ts'
export { CompactRange, compactNodes, type NodeVisitor } from './compact/compact-range.ts'
export type { SubtreeNode } from './range.ts'
