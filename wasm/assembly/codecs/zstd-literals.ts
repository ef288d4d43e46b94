/**
 * The literals of a block (RFC 8878, 3.1.1.3.1): stored, one repeated byte, or Huffman coded in one stream or in four.
 *
 *     type 2 bits │ size format 2 bits │ regenerated size │ compressed size │ [Huffman code] │ [sizes of three streams] │ streams
 *
 * Four streams are decoded side by side: their loads and shifts don't wait for each other.
 */
import { DAMAGED } from '../status';
import { decodeRest, decodeStream, firstBits, readHuffman } from './zstd-huffman';
import { BLOCK_MAX, HAS_TABLES, HUFFMAN_LOG, HUFFMAN_TABLE, LITERALS, LITERALS_AT, LITERALS_LENGTH } from './zstd-scratch';

const STORED: i32 = 0;
const REPEATED_BYTE: i32 = 1;
const TREELESS: i32 = 3;
const HAS_HUFFMAN: u32 = 8;

/** Where the literals are and how many is written to scratch. Returns how many bytes of src they took, or a status. */
export function readLiterals(src: usize, srcEnd: usize, blockMax: i32, scratch: usize): i32 {
  if (src >= srcEnd) return DAMAGED;
  const head: i32 = load<u8>(src);
  const type = head & 3;
  const format = (head >> 2) & 3;
  return type <= REPEATED_BYTE
    ? readPlain(src, srcEnd, type, format, blockMax, scratch)
    : readCoded(src, srcEnd, type, format, blockMax, scratch);
}

function readPlain(src: usize, srcEnd: usize, type: i32, format: i32, blockMax: i32, scratch: usize): i32 {
  const headBytes: i32 = format == 1 ? 2 : format == 3 ? 3 : 1;
  if (src + headBytes > srcEnd) return DAMAGED;
  let length: i32 = load<u8>(src) >> 3;
  if (format == 1) length = load<u16>(src) >> 4;
  else if (format == 3) length = (<i32>load<u16>(src) | (<i32>load<u8>(src + 2) << 16)) >> 4;
  if (length > blockMax) return DAMAGED;
  const from = src + headBytes;
  store<i32>(scratch + LITERALS_LENGTH, length);
  if (type == STORED) {
    if (<i32>(srcEnd - from) < length) return DAMAGED;
    store<usize>(scratch + LITERALS_AT, from);
    return headBytes + length;
  }
  if (from >= srcEnd) return DAMAGED;
  memory.fill(scratch + LITERALS, load<u8>(from), length);
  store<usize>(scratch + LITERALS_AT, scratch + LITERALS);
  return headBytes + 1;
}

function readCoded(src: usize, srcEnd: usize, type: i32, format: i32, blockMax: i32, scratch: usize): i32 {
  const headBytes: i32 = format < 2 ? 3 : format + 2;
  if (src + headBytes > srcEnd) return DAMAGED;
  const sizeBits = format < 2 ? 10 : format == 2 ? 14 : 18;
  let head: u64 = load<u16>(src) | (<u64>load<u8>(src + 2) << 16);
  for (let i: i32 = 3; i < headBytes; i++) head |= <u64>load<u8>(src + i) << (i << 3);
  const length: i32 = <i32>(head >> 4) & ((1 << sizeBits) - 1);
  const bytes: i32 = <i32>(head >> (4 + sizeBits)) & ((1 << sizeBits) - 1);
  if (length > blockMax || length > BLOCK_MAX || bytes > <i32>(srcEnd - src) - headBytes) return DAMAGED;
  let at = src + headBytes;
  const end = at + bytes;
  const has = load<u32>(scratch + HAS_TABLES);
  if (type == TREELESS) {
    if ((has & HAS_HUFFMAN) == 0) return DAMAGED;
  } else {
    const taken = readHuffman(at, end, scratch);
    if (taken < 0) return taken;
    at += taken;
    store<u32>(scratch + HAS_TABLES, has | HAS_HUFFMAN);
  }
  const dst = scratch + LITERALS;
  store<usize>(scratch + LITERALS_AT, dst);
  store<i32>(scratch + LITERALS_LENGTH, length);
  const status = format == 0 ? decodeStream(at, end, dst, dst + length, 0, scratch) : decodeFour(at, end, dst, length, scratch);
  return status < 0 ? status : headBytes + bytes;
}

/** Three sizes, then four streams; the first three decode to equally many literals. */
function decodeFour(src: usize, srcEnd: usize, dst: usize, length: i32, scratch: usize): i32 {
  if (srcEnd - src < 10 || length < 6) return DAMAGED;
  const start1 = src + 6;
  const start2 = start1 + load<u16>(src);
  const start3 = start2 + load<u16>(src, 2);
  const start4 = start3 + load<u16>(src, 4);
  if (start4 >= srcEnd) return DAMAGED;
  const part = (length + 3) >> 2;
  const end = dst + length;
  const dst2 = dst + part;
  const dst3 = dst2 + part;
  const dst4 = dst3 + part;
  if (dst4 > end) return DAMAGED;
  if (start2 - start1 < 16 || start3 - start2 < 16 || start4 - start3 < 16 || srcEnd - start4 < 16) {
    let status = decodeStream(start1, start2, dst, dst2, 0, scratch);
    if (status == 0) status = decodeStream(start2, start3, dst2, dst3, 1, scratch);
    if (status == 0) status = decodeStream(start3, start4, dst3, dst4, 2, scratch);
    if (status == 0) status = decodeStream(start4, srcEnd, dst4, end, 3, scratch);
    return status;
  }
  return sideBySide(start1, start2, start3, start4, srcEnd, dst, part, end, scratch);
}

/** Writes the next literal of a stream; returns the bits behind it. Shifts count modulo 64, so that the symbol in an entry's upper byte does not matter. */
// @ts-ignore: decorator
@inline
function literal(bits: u64, table: usize, shift: u64, to: usize): u64 {
  const entry: u32 = load<u16>(table + (<usize>(bits >>> shift) << 1));
  store<u8>(to, <u8>(entry >> 8));
  return bits << entry;
}

/** Four streams of at least 16 bytes each. */
function sideBySide(
  start1: usize, start2: usize, start3: usize, start4: usize, srcEnd: usize, dst: usize, part: i32, end: usize, scratch: usize,
): i32 {
  let bits1 = firstBits(start2);
  let bits2 = firstBits(start3);
  let bits3 = firstBits(start4);
  let bits4 = firstBits(srcEnd);
  if (bits1 == 0 || bits2 == 0 || bits3 == 0 || bits4 == 0) return DAMAGED;
  let at1 = start2 - 8;
  let at2 = start3 - 8;
  let at3 = start4 - 8;
  let at4 = srcEnd - 8;
  const table = scratch + HUFFMAN_TABLE;
  const shift: u64 = 64 - load<i32>(scratch + HUFFMAN_LOG);
  const part2: usize = part << 1;
  const part3: usize = part2 + part;
  let to = dst;
  for (;;) {
    // A round takes at most 7 bytes of each stream and gives five literals; the last part may be the shortest.
    let rounds = min(min(at1 - start1, at2 - start2), min(at3 - start3, at4 - start4)) / 7;
    rounds = min(rounds, (end - min(end, to + part3)) / 5);
    if (rounds == 0) break;
    for (; rounds > 0; rounds--) {
      // Five literals of each stream, written out: as a loop it is a quarter slower.
      bits1 = literal(bits1, table, shift, to);
      bits2 = literal(bits2, table, shift, to + part);
      bits3 = literal(bits3, table, shift, to + part2);
      bits4 = literal(bits4, table, shift, to + part3);
      bits1 = literal(bits1, table, shift, to + 1);
      bits2 = literal(bits2, table, shift, to + part + 1);
      bits3 = literal(bits3, table, shift, to + part2 + 1);
      bits4 = literal(bits4, table, shift, to + part3 + 1);
      bits1 = literal(bits1, table, shift, to + 2);
      bits2 = literal(bits2, table, shift, to + part + 2);
      bits3 = literal(bits3, table, shift, to + part2 + 2);
      bits4 = literal(bits4, table, shift, to + part3 + 2);
      bits1 = literal(bits1, table, shift, to + 3);
      bits2 = literal(bits2, table, shift, to + part + 3);
      bits3 = literal(bits3, table, shift, to + part2 + 3);
      bits4 = literal(bits4, table, shift, to + part3 + 3);
      bits1 = literal(bits1, table, shift, to + 4);
      bits2 = literal(bits2, table, shift, to + part + 4);
      bits3 = literal(bits3, table, shift, to + part2 + 4);
      bits4 = literal(bits4, table, shift, to + part3 + 4);
      to += 5;
      const taken1 = ctz(bits1);
      const taken2 = ctz(bits2);
      const taken3 = ctz(bits3);
      const taken4 = ctz(bits4);
      at1 -= <usize>(taken1 >>> 3);
      at2 -= <usize>(taken2 >>> 3);
      at3 -= <usize>(taken3 >>> 3);
      at4 -= <usize>(taken4 >>> 3);
      bits1 = (load<u64>(at1) | 1) << (taken1 & 7);
      bits2 = (load<u64>(at2) | 1) << (taken2 & 7);
      bits3 = (load<u64>(at3) | 1) << (taken3 & 7);
      bits4 = (load<u64>(at4) | 1) << (taken4 & 7);
    }
  }
  let status = decodeRest(bits1, at1, start1, 0, to, dst + part, scratch);
  if (status == 0) status = decodeRest(bits2, at2, start2, 0, to + part, dst + part2, scratch);
  if (status == 0) status = decodeRest(bits3, at3, start3, 0, to + part2, dst + part3, scratch);
  if (status == 0) status = decodeRest(bits4, at4, start4, 0, to + part3, end, scratch);
  return status;
}
