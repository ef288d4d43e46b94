/**
 * Tables of finite state entropy (RFC 8878, 4.1; J. Duda's tANS): a state is a cell of the table, its symbol is what it decodes to, and the
 * next state is a base plus some bits of the stream.
 *
 *     cell, 8 bytes:   next state's base u16 │ bits of it u8 │ extra bits of the symbol u8 │ the symbol's baseline u32
 *
 * The extra bits and the baseline are looked up once, when the table is built, so that decoding a length is one load and one shift.
 */
import { DAMAGED } from '../status';
import { CELLS, COUNTS, NEXT } from './zstd-scratch';

/** How a symbol becomes a number: as it is, as a power of two (offsets), or by the tables of the format. */
export const PLAIN: i32 = 0;
export const LITERAL_LENGTH: i32 = 1;
export const OFFSET: i32 = 2;
export const MATCH_LENGTH: i32 = 3;

/** Baselines of literal length codes 16 to 35 and match length codes 32 to 52, and their extra bits (RFC 8878, 3.1.1.3.2.1.1). */
const LITERAL_LENGTH_BASES: usize = memory.data<u32>([
  16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536,
]);
const LITERAL_LENGTH_BITS: usize = memory.data<u8>([1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
const MATCH_LENGTH_BASES: usize = memory.data<u32>([
  35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539,
]);
const MATCH_LENGTH_BITS: usize = memory.data<u8>([1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);

/** Highest symbol of each kind; offsets beyond 31 bits can't be of use. */
export function symbolMax(kind: i32): i32 {
  if (kind == LITERAL_LENGTH) return 35;
  if (kind == OFFSET) return 31;
  if (kind == MATCH_LENGTH) return 52;
  return 15;
}

/** Upper half of a cell: extra bits and baseline of a symbol. */
function meaning(kind: i32, symbol: i32): u64 {
  let bits: u64 = 0;
  let base: u64 = symbol;
  if (kind == LITERAL_LENGTH && symbol >= 16) {
    bits = load<u8>(LITERAL_LENGTH_BITS + (symbol - 16));
    base = load<u32>(LITERAL_LENGTH_BASES + ((symbol - 16) << 2));
  } else if (kind == MATCH_LENGTH) {
    if (symbol < 32) base = symbol + 3;
    else {
      bits = load<u8>(MATCH_LENGTH_BITS + (symbol - 32));
      base = load<u32>(MATCH_LENGTH_BASES + ((symbol - 32) << 2));
    }
  } else if (kind == OFFSET) {
    bits = symbol;
    base = (<u64>1) << symbol;
  }
  return (bits << 24) | (base << 32);
}

/** A table of one cell that always gives the same symbol. */
export function buildSingle(table: usize, kind: i32, symbol: i32): i32 {
  if (symbol > symbolMax(kind)) return DAMAGED;
  store<u64>(table, meaning(kind, symbol));
  return 0;
}

/** Bits at a bit position of src, as a number; zeros behind srcEnd. */
function bitsAt(src: usize, srcEnd: usize, position: i32): u32 {
  const at = src + (position >>> 3);
  let word: u64 = 0;
  if (at + 8 <= srcEnd) word = load<u64>(at);
  else for (let i: usize = 0; i < 8 && at + i < srcEnd; i++) word |= (<u64>load<u8>(at + i)) << (i << 3);
  return <u32>(word >>> (position & 7));
}

/**
 * Reads the normalized counts at src into COUNTS and builds the table. The accuracy log goes to logAt.
 * Returns how many bytes the counts took, or a status.
 */
export function readTable(src: usize, srcEnd: usize, table: usize, kind: i32, logMax: i32, logAt: usize, scratch: usize): i32 {
  if (src >= srcEnd) return DAMAGED;
  const log: i32 = (load<u8>(src) & 15) + 5;
  if (log > logMax) return DAMAGED;
  const counts = scratch + COUNTS;
  const most = symbolMax(kind);
  let position: i32 = 4;
  let rest: i32 = 1 << log;
  let symbol: i32 = 0;
  while (rest > 0) {
    if (symbol > most) return DAMAGED;
    // A value of 0 to rest + 1 in as few bits as possible: the small ones take one bit less.
    const bits: i32 = 32 - clz(rest + 1);
    const small: i32 = (1 << bits) - 1 - (rest + 1);
    const word = bitsAt(src, srcEnd, position);
    let value: i32 = <i32>(word & ((1 << (bits - 1)) - 1));
    if (value < small) position += bits - 1;
    else {
      value = <i32>(word & ((1 << bits) - 1));
      if (value >= 1 << (bits - 1)) value -= small;
      position += bits;
    }
    const count = value - 1;
    rest -= count < 0 ? 1 : count;
    store<i16>(counts + (symbol << 1), <i16>count);
    symbol += 1;
    if (count == 0) {
      // How many more zeros follow, in steps of up to three.
      let zeros: i32 = 3;
      while (zeros == 3) {
        zeros = <i32>(bitsAt(src, srcEnd, position) & 3);
        position += 2;
        if (symbol + zeros > most + 1) return DAMAGED;
        for (let i = 0; i < zeros; i++) store<i16>(counts + ((symbol + i) << 1), 0);
        symbol += zeros;
      }
    }
  }
  const taken = (position + 7) >>> 3;
  if (rest < 0 || src + taken > srcEnd) return DAMAGED;
  store<i32>(logAt, log);
  buildTable(table, kind, log, symbol, scratch);
  return taken;
}

/** Spreads `symbols` symbols with the counts in COUNTS over 2^log cells. The counts must add up. */
export function buildTable(table: usize, kind: i32, log: i32, symbols: i32, scratch: usize): void {
  const size: i32 = 1 << log;
  const counts = scratch + COUNTS;
  const next = scratch + NEXT;
  const cells = scratch + CELLS;
  let high: i32 = size - 1;
  for (let symbol = 0; symbol < symbols; symbol++) {
    const count: i32 = load<i16>(counts + (symbol << 1));
    if (count < 0) {
      // Less than one cell's share: one cell at the end, which resets the state.
      store<u8>(cells + high, <u8>symbol);
      high -= 1;
      store<u16>(next + (symbol << 1), 1);
    } else store<u16>(next + (symbol << 1), <u16>count);
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let at: i32 = 0;
  for (let symbol = 0; symbol < symbols; symbol++) {
    const count: i32 = load<i16>(counts + (symbol << 1));
    for (let i = 0; i < count; i++) {
      store<u8>(cells + at, <u8>symbol);
      do at = (at + step) & (size - 1);
      while (at > high);
    }
  }
  for (let cell = 0; cell < size; cell++) {
    const symbol: i32 = load<u8>(cells + cell);
    const state: i32 = load<u16>(next + (symbol << 1));
    store<u16>(next + (symbol << 1), <u16>(state + 1));
    const bits: i32 = log - (31 - clz(state));
    const base: i32 = (state << bits) - size;
    store<u64>(table + (cell << 3), (<u64>base) | ((<u64>bits) << 16) | meaning(kind, symbol));
  }
}
