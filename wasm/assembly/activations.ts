/**
 * What the host of activations.wasm calls. Functions take addresses and lengths in bytes; the memory from `heapBase` on belongs to the host,
 * which lays it out and grows it.
 */
import { compact, countZeros, expand } from './activations/compact';
import { bitshuffle, unbitshuffle } from './filters/bitshuffle';
import { shuffle, unshuffle } from './filters/shuffle';

export { decodeGroups, encodeGroups, groupsOf, worst } from './activations/affine';
export { countBits } from './activations/compact';
export { fromBrain, fromHalf, largestBits, toBrain, toHalf, truncate } from './activations/half';
export { fillTables } from './activations/lookup';
export { columnSpread, rowSpread } from './activations/range';
export { transpose } from './activations/transpose';
export { lz4Decompress } from './codecs/lz4';
export { LZ4_TABLE_BYTES, lz4Compress } from './codecs/lz4-compress';

export const heapBase: usize = __heap_base;

export function compact1(src: usize, n: usize, bitmap: usize, values: usize): i32 {
  return i32(compact<u8>(src, n, bitmap, values));
}
export function compact2(src: usize, n: usize, bitmap: usize, values: usize): i32 {
  return i32(compact<u16>(src, n, bitmap, values));
}
export function compact4(src: usize, n: usize, bitmap: usize, values: usize): i32 {
  return i32(compact<u32>(src, n, bitmap, values));
}

export function expand1(bitmap: usize, n: usize, values: usize, dst: usize): void {
  expand<u8>(bitmap, n, values, dst);
}
export function expand2(bitmap: usize, n: usize, values: usize, dst: usize): void {
  expand<u16>(bitmap, n, values, dst);
}
export function expand4(bitmap: usize, n: usize, values: usize, dst: usize): void {
  expand<u32>(bitmap, n, values, dst);
}

export function countZeros1(src: usize, n: usize): i32 {
  return countZeros<u8>(src, n);
}
export function countZeros2(src: usize, n: usize): i32 {
  return countZeros<u16>(src, n);
}

/** n is a multiple of 8. */
export function toPlanes(src: usize, n: usize, dst: usize): void {
  bitshuffle(1, n, src, dst);
}
export function fromPlanes(src: usize, n: usize, dst: usize): void {
  unbitshuffle(1, n, src, dst);
}

export function splitPairs(src: usize, n: usize, dst: usize): void {
  shuffle(2, n * 2, src, dst);
}
export function joinPairs(src: usize, n: usize, dst: usize): void {
  unshuffle(2, n * 2, src, dst);
}
