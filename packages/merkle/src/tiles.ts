/** C2SP tlog-tiles: where a log's hashes and entries are kept, and how they are read. */
export { decodeEntryBundle, encodeEntryBundle, maxEntryLength } from './tiles/bundle.ts'
export { edgeRange, partialTiles, type TilePlace } from './tiles/edge.ts'
export { consistencyTiles, inclusionTiles } from './tiles/needed.ts'
export { entryBundlePath, parseTilePath, type TilePath, tilePath } from './tiles/path.ts'
export { nodeReader, type TileFetcher } from './tiles/reader.ts'
export {
  readEntries,
  readHashes,
  type SourceFailure,
  type TileFailure,
  type TileSource,
} from './tiles/source.ts'
export {
  type BundleEntries,
  type ProofHashes,
  type TileHashes,
  type TreeHead,
  VerifiedTiles,
  type VerifiedTilesOptions,
} from './tiles/verified.ts'
export { partialWidth, tileCount, tileWidth, widthOfTile } from './tiles/width.ts'
