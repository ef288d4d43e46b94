/**
 * What the host of blosc2.wasm calls. Functions take addresses and lengths in bytes; the memory from `heapBase` on belongs to the host, which
 * lays it out and grows it.
 */
export { lz4Decompress } from './codecs/lz4';
export { LZ4_TABLE_BYTES, lz4Compress } from './codecs/lz4-compress';
export { bitshuffle, unbitshuffle } from './filters/bitshuffle';
export { shuffle, unshuffle } from './filters/shuffle';

export const heapBase: usize = __heap_base;
