/**
 * What the host of blosc2.wasm calls. Functions take addresses and lengths in bytes; the memory from `heapBase` on belongs to the host, which
 * lays it out and grows it.
 */
export { decodeBlocks } from './chunk/decode';
export { encodeBlocks } from './chunk/encode';
export { blosclzDecompress } from './codecs/blosclz';
export { BLOSCLZ_TABLE_BYTES, blosclzCompress } from './codecs/blosclz-compress';
export { lz4Decompress } from './codecs/lz4';
export { LZ4_TABLE_BYTES, lz4Compress } from './codecs/lz4-compress';
export { LZ4HC_TABLE_BYTES, lz4hcCompress } from './codecs/lz4hc';
export { zstdDecompress, zstdScratchBytes } from './codecs/zstd';
export { bitshuffle, unbitshuffle } from './filters/bitshuffle';
export { shuffle, unshuffle } from './filters/shuffle';

export const heapBase: usize = __heap_base;
