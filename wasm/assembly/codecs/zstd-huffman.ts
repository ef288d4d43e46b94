/**
 * Huffman codes of literals (RFC 8878, 4.2): weights make a table with one entry for each prefix of `log` bits.
 *
 *     weight w > 0: code of log + 1 - w bits        entry, 2 bytes: bits of the code u8 │ symbol u8
 *
 * A stream is read backwards, from the highest bit that is set in its last byte. Its next bits are kept at the top of a 64-bit word whose
 * lowest bit is set, so that the trailing zeros count how many were taken (Collet, zstd 1.5.5).
 */
import { DAMAGED } from '../status';
import { PLAIN, readTable } from './zstd-fse';
import { COUNTS, HUFFMAN_LOG, HUFFMAN_TABLE, SHORT_STREAMS, WEIGHTS, WEIGHTS_LOG, WEIGHTS_TABLE } from './zstd-scratch';

/** Longest code of literals. */
const LOG_MAX: i32 = 11;
const WEIGHTS_LOG_MAX: i32 = 6;

/** Reads the description of a Huffman code at src and builds its table. Returns the bytes it took, or a status. */
export function readHuffman(src: usize, srcEnd: usize, scratch: usize): i32 {
  if (src >= srcEnd) return DAMAGED;
  const head: i32 = load<u8>(src);
  const weights = scratch + WEIGHTS;
  let taken: i32;
  let count: i32;
  if (head >= 128) {
    count = head - 127;
    taken = 1 + ((count + 1) >> 1);
    if (src + taken > srcEnd) return DAMAGED;
    for (let i = 0; i < count; i++) {
      const byte = load<u8>(src + 1 + (i >> 1));
      store<u8>(weights + i, i & 1 ? byte & 15 : byte >> 4);
    }
  } else {
    taken = 1 + head;
    if (src + taken > srcEnd) return DAMAGED;
    count = readWeights(src + 1, src + taken, scratch);
    if (count < 0) return count;
  }
  const status = buildHuffman(count, scratch);
  return status < 0 ? status : taken;
}

/** Weights that are themselves coded, by two states that take turns. Returns how many there are, or a status. */
function readWeights(src: usize, srcEnd: usize, scratch: usize): i32 {
  const logAt = scratch + WEIGHTS_LOG;
  const table = scratch + WEIGHTS_TABLE;
  const weights = scratch + WEIGHTS;
  const taken = readTable(src, srcEnd, table, PLAIN, WEIGHTS_LOG_MAX, logAt, scratch);
  if (taken < 0) return taken;
  const log = load<i32>(logAt);
  const start = src + taken;
  if (start >= srcEnd) return DAMAGED;
  const last: i32 = load<u8>(srcEnd - 1);
  if (last == 0) return DAMAGED;
  // Bits left in the stream; below zero the states ask for more than there is, which is how this one ends.
  let left: i32 = (<i32>(srcEnd - start) << 3) - (clz(last) - 23);
  let one: i32 = bitsBefore(start, left, log);
  left -= log;
  let two: i32 = bitsBefore(start, left, log);
  left -= log;
  if (left < 0) return DAMAGED;
  let count: i32 = 0;
  while (left >= 0) {
    if (count > 253) return DAMAGED;
    const entry = load<u64>(table + (one << 3));
    store<u8>(weights + count, <u8>(entry >> 32));
    count += 1;
    const bits: i32 = <i32>(entry >> 16) & 255;
    one = <i32>(entry & 0xffff) + bitsBefore(start, left, bits);
    left -= bits;
    // The other state takes the next turn.
    const turn = one;
    one = two;
    two = turn;
  }
  // What the state that is next stood for when the bits ended.
  store<u8>(weights + count, <u8>(load<u64>(table + (one << 3)) >> 32));
  return count + 1;
}

/** `bits` <= 9 bits that end `left` bits into the stream at start; zeros for what lies before it. */
function bitsBefore(start: usize, left: i32, bits: i32): i32 {
  let value: i32 = 0;
  for (let i = 1; i <= bits; i++) {
    const at = left - i;
    value <<= 1;
    if (at >= 0) value |= (load<u8>(start + (at >> 3)) >> <u8>(at & 7)) & 1;
  }
  return value;
}

/** Builds the table from `count` weights and the last one, which follows from them. */
function buildHuffman(count: i32, scratch: usize): i32 {
  const weights = scratch + WEIGHTS;
  const ranks = scratch + COUNTS;
  const table = scratch + HUFFMAN_TABLE;
  memory.fill(ranks, 0, 4 * (LOG_MAX + 2));
  let sum: i32 = 0;
  for (let i = 0; i < count; i++) {
    const weight: i32 = load<u8>(weights + i);
    if (weight > LOG_MAX) return DAMAGED;
    sum += (1 << weight) >> 1;
    store<i32>(ranks + (weight << 2), load<i32>(ranks + (weight << 2)) + 1);
  }
  if (sum == 0) return DAMAGED;
  const log = 32 - clz(sum);
  if (log > LOG_MAX) return DAMAGED;
  const rest = (1 << log) - sum;
  if ((rest & (rest - 1)) != 0) return DAMAGED;
  const last = 32 - clz(rest);
  store<u8>(weights + count, <u8>last);
  store<i32>(ranks + (last << 2), load<i32>(ranks + (last << 2)) + 1);
  // Longest codes come in pairs.
  const longest = load<i32>(ranks + 4);
  if (longest < 2 || (longest & 1) != 0) return DAMAGED;
  // From counts to the first entry of each weight.
  let first: i32 = 0;
  for (let weight = 1; weight <= log; weight++) {
    const codes = load<i32>(ranks + (weight << 2));
    store<i32>(ranks + (weight << 2), first);
    first += codes << (weight - 1);
  }
  for (let symbol = 0; symbol <= count; symbol++) {
    const weight: i32 = load<u8>(weights + symbol);
    if (weight == 0) continue;
    const entries = 1 << (weight - 1);
    const from = load<i32>(ranks + (weight << 2));
    store<i32>(ranks + (weight << 2), from + entries);
    fillEntries(table + (from << 1), entries, <u16>((log + 1 - weight) | (symbol << 8)));
  }
  store<i32>(scratch + HUFFMAN_LOG, log);
  return 0;
}

function fillEntries(at: usize, entries: i32, entry: u16): void {
  if (entries < 4) {
    store<u16>(at, entry);
    if (entries == 2) store<u16>(at, entry, 2);
    return;
  }
  const four = <u64>entry * 0x0001000100010001;
  for (const end = at + (entries << 1); at < end; at += 8) store<u64>(at, four);
}

/** The top bits of the stream at [start, end), its lowest bit set; 0 when the stream is damaged. */
// @ts-ignore: decorator
@inline
export function firstBits(end: usize): u64 {
  const last: u32 = load<u8>(end - 1);
  return last == 0 ? 0 : (load<u64>(end - 8) | 1) << (clz(last) - 23);
}

/** Copies a stream of less than eight bytes to where eight can be read; the zeros come before it. Returns its new end. */
export function lengthenStream(start: usize, end: usize, slot: usize): usize {
  const length = end - start;
  store<u64>(slot, 0);
  memory.copy(slot + 8 - length, start, length);
  return slot + 8;
}

/**
 * Decodes the rest of a stream, [dst, dstEnd), whose next bits are `bits`, loaded at `at`. `start` is where its first byte lies, or where the
 * zeros before a short stream begin, of which `padding` bits are none of its own.
 */
export function decodeRest(bits: u64, at: usize, start: usize, padding: i32, dst: usize, dstEnd: usize, scratch: usize): i32 {
  const table = scratch + HUFFMAN_TABLE;
  const shift: u64 = 64 - load<i32>(scratch + HUFFMAN_LOG);
  let taken: i32 = <i32>ctz(bits);
  while (dst < dstEnd) {
    const bytes: usize = min(<usize>(taken >>> 3), at - start);
    at -= bytes;
    taken -= <i32>(bytes << 3);
    const word = load<u64>(at);
    let fours: i32 = dst + 4 <= dstEnd && taken <= 20 ? 4 : 1;
    while (fours > 0) {
      const entry: u32 = load<u16>(table + (<usize>((word << taken) >>> shift) << 1));
      taken += entry & 255;
      store<u8>(dst, <u8>(entry >> 8));
      dst += 1;
      fours -= 1;
    }
    if (taken > 64) return DAMAGED;
  }
  const bytes: usize = min(<usize>(taken >>> 3), at - start);
  return at - bytes == start && taken - <i32>(bytes << 3) == 64 - padding ? 0 : DAMAGED;
}

/** One stream. */
export function decodeStream(start: usize, end: usize, dst: usize, dstEnd: usize, slot: usize, scratch: usize): i32 {
  if (start >= end) return DAMAGED;
  let padding: i32 = 0;
  if (end - start < 8) {
    padding = (8 - <i32>(end - start)) << 3;
    end = lengthenStream(start, end, scratch + SHORT_STREAMS + (slot << 3));
    start = end - 8;
  }
  const bits = firstBits(end);
  if (bits == 0) return DAMAGED;
  return decodeRest(bits, end - 8, start, padding, dst, dstEnd, scratch);
}
