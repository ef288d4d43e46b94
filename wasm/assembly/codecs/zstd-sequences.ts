/**
 * The head of a block's sequences (RFC 8878, 3.1.1.3.2.1): how many there are, and the three tables that decode them.
 *
 *     number 1 to 3 bytes │ modes: literal lengths, offsets, match lengths, 2 bits each │ the tables that are described │ bits
 */
import { DAMAGED } from '../status';
import { buildSingle, buildTable, LITERAL_LENGTH, OFFSET, readTable } from './zstd-fse';
import { COUNTS, HAS_TABLES, LOGS, TABLE_BYTES, TABLES } from './zstd-scratch';

const PREDEFINED: i32 = 0;
const SINGLE: i32 = 1;
const DESCRIBED: i32 = 2;

/** Normalized counts of the predefined tables (RFC 8878, 3.1.1.3.2.2), of accuracy logs 6, 5 and 6. */
const LITERAL_LENGTH_COUNTS: usize = memory.data<i8>([
  4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
]);
const OFFSET_COUNTS: usize = memory.data<i8>([1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1]);
const MATCH_LENGTH_COUNTS: usize = memory.data<i8>([
  1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  -1, -1, -1, -1, -1, -1, -1,
]);

/** Number of sequences at src, or a status. */
export function countSequences(src: usize, srcEnd: usize): i32 {
  if (src >= srcEnd) return DAMAGED;
  const first: i32 = load<u8>(src);
  if (first < 128) return first;
  if (src + sequenceCountBytes(first) > srcEnd) return DAMAGED;
  if (first < 255) return ((first - 128) << 8) | load<u8>(src + 1);
  return load<u16>(src + 1) + 0x7f00;
}

/** How many bytes the number takes, from its first byte. */
export function sequenceCountBytes(first: i32): i32 {
  return first < 128 ? 1 : first < 255 ? 2 : 3;
}

/** Makes the three tables ready, from their modes on. Returns how many bytes modes and tables took, or a status. */
export function readTables(src: usize, srcEnd: usize, scratch: usize): i32 {
  if (src >= srcEnd) return DAMAGED;
  const modes: i32 = load<u8>(src);
  if ((modes & 3) != 0) return DAMAGED;
  let at = src + 1;
  for (let which = 0; which < 3; which++) {
    const taken = readOne(at, srcEnd, (modes >> (6 - (which << 1))) & 3, which, scratch);
    if (taken < 0) return taken;
    at += taken;
  }
  return <i32>(at - src);
}

/** Tables are literal lengths, offsets, match lengths, in this order. */
function readOne(src: usize, srcEnd: usize, mode: i32, which: i32, scratch: usize): i32 {
  const table = scratch + TABLES + <usize>which * TABLE_BYTES;
  const kind = which + LITERAL_LENGTH;
  const logAt = scratch + LOGS + (which << 2);
  const has = load<u32>(scratch + HAS_TABLES);
  store<u32>(scratch + HAS_TABLES, has | (1 << which));
  if (mode == PREDEFINED) {
    usePredefined(table, kind, logAt, scratch);
    return 0;
  }
  if (mode == SINGLE) {
    if (src >= srcEnd) return DAMAGED;
    store<i32>(logAt, 0);
    const status = buildSingle(table, kind, load<u8>(src));
    return status < 0 ? status : 1;
  }
  if (mode == DESCRIBED) return readTable(src, srcEnd, table, kind, kind == OFFSET ? 8 : 9, logAt, scratch);
  // The table of the block before.
  return (has & (1 << which)) != 0 ? 0 : DAMAGED;
}

function usePredefined(table: usize, kind: i32, logAt: usize, scratch: usize): void {
  const symbols = kind == LITERAL_LENGTH ? 36 : kind == OFFSET ? 29 : 53;
  const counts = kind == LITERAL_LENGTH ? LITERAL_LENGTH_COUNTS : kind == OFFSET ? OFFSET_COUNTS : MATCH_LENGTH_COUNTS;
  for (let i = 0; i < symbols; i++) store<i16>(scratch + COUNTS + (i << 1), load<i8>(counts + i));
  const log = kind == OFFSET ? 5 : 6;
  store<i32>(logAt, log);
  buildTable(table, kind, log, symbols, scratch);
}

