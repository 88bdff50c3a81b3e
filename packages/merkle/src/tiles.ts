/** C2SP tlog-tiles: where a log's hashes and entries are kept, and how they are read. */
export { decodeEntryBundle, encodeEntryBundle, maxEntryLength } from './tiles/bundle.ts'
export { entryBundlePath, parseTilePath, type TilePath, tilePath } from './tiles/path.ts'
export { nodeReader, type TileFetcher } from './tiles/reader.ts'
export { partialWidth, tileCount, tileWidth, widthOfTile } from './tiles/width.ts'
