/**
 * The BloscLZ compressor. It first compresses a part of the input without writing anything (the probe): when that promises too little for
 * the level, it gives up at once, because literals are slow to decode. Probe, hash and the choice of matches are those of c-blosc2, so that
 * sizes agree with it.
 *
 *     level   1     2     3…6   7      8     9
 *     probe   1/8 1/4   1/4,1/2 all   all   all      of the input, from its end, at most 2^hash bits of it
 *     wants   2    1.5    1.2   1.15   1.1   1       raw / compressed
 */
import { equalBytes } from './lz4-compress';
import { NEAR_MAX } from './blosclz';

/** What blosclzCompress needs as `table`. */
export const BLOSCLZ_TABLE_BYTES: usize = 65536;

const LITERALS_MAX: u32 = 32;
const FAR_MAX: usize = 65535 + NEAR_MAX - 1;
/** A match is cut by so much; what is cut is likely to be the beginning of the next one. */
const SHIFT: usize = 4;
const LENGTH_MIN: usize = 4;

/**
 * Compresses `length` bytes at src to at most `capacity` bytes at dst: returns how many, 0 when they do not suffice or the probe promises too
 * little. `level` is 1 to 9; `table` is BLOSCLZ_TABLE_BYTES of memory for its own use, aligned to 8.
 */
export function blosclzCompress(level: i32, src: usize, length: usize, dst: usize, capacity: usize, table: usize): i32 {
  const bits: u32 = level == 1 ? 12 : level == 2 ? 13 : 14;
  const probed = level < 2 ? length / 8 : level < 4 ? length / 4 : level < 7 ? length / 2 : length;
  const wanted: f64 = level == 1 ? 2 : level == 2 ? 1.5 : level < 7 ? 1.2 : level == 7 ? 1.15 : level == 8 ? 1.1 : 1;
  if (probe(src + length - probed, probed, table, bits) < wanted) return 0;
  if (length < 16 || capacity < 66) return 0;
  return compress(level, src, length, dst, capacity, table, bits);
}

// @ts-ignore: decorator
@inline
function hash(sequence: u32, bits: u32): u32 {
  return (sequence * 2654435761) >> (32 - bits);
}

/** Where a match that has its first four bytes at ip ends, one byte further than it is equal, at most at `bound`. */
// @ts-ignore: decorator
@inline
function matchEnd(ip: usize, match: usize, bound: usize): usize {
  const end = ip + 4 + equalBytes(ip + 4, match + 4, bound) + 1;
  return end < bound ? end : bound;
}

/** The ratio that `length` bytes at base would have: the same walk as compress(), which only counts. */
function probe(base: usize, length: usize, table: usize, bits: u32): f64 {
  const limit: usize = length < <usize>(1 << bits) ? length : <usize>(1 << bits);
  if (limit < 12) return 0;
  memory.fill(table, 0, 4 << bits);
  const bound = base + limit - 1;
  const last = base + limit - 12;
  let ip = base;
  let bytes: i32 = 5;
  let literals: u32 = 4;
  while (ip < last) {
    const anchor = ip;
    const sequence = load<u32>(ip);
    const slot = table + (hash(sequence, bits) << 2);
    const match = base + load<u32>(slot);
    const distance = anchor - match;
    store<u32>(slot, <u32>(anchor - base));
    let length: usize = 0;
    if (distance != 0 && distance < FAR_MAX && load<u32>(match) == sequence) {
      ip = matchEnd(anchor, match, bound) - SHIFT;
      length = ip - anchor;
    }
    if (<isize>length < <isize>LENGTH_MIN) {
      ip = anchor + 1;
      bytes++;
      if (++literals == LITERALS_MAX) {
        literals = 0;
        bytes++;
      }
      continue;
    }
    if (literals == 0) bytes--;
    literals = 0;
    if (length >= 7) bytes += <i32>((length - 7) / 255) + 1;
    bytes += distance - 1 < NEAR_MAX ? 2 : 4;
    store<u32>(table + (hash(load<u32>(ip), bits) << 2), <u32>(ip - base));
    ip += 2;
    bytes++;
  }
  return <f64>(ip - base) / <f64>bytes;
}

function compress(level: i32, src: usize, length: usize, dst: usize, capacity: usize, table: usize, bits: u32): i32 {
  memory.fill(table, 0, 4 << bits);
  const bound = src + length - 1;
  const last = src + length - 12;
  const limit = dst + capacity;
  let ip = src + 4;
  let literals: u32 = 4;
  store<u8>(dst, <u8>(LITERALS_MAX - 1));
  store<u32>(dst, load<u32>(src), 1);
  let out = dst + 5;
  while (ip < last) {
    const anchor = ip;
    const sequence = load<u32>(ip);
    const slot = table + (hash(sequence, bits) << 2);
    const match = src + load<u32>(slot);
    let distance = anchor - match;
    store<u32>(slot, <u32>(anchor - src));
    let length: usize = 0;
    if (distance != 0 && distance < FAR_MAX && load<u32>(match) == sequence) {
      ip = matchEnd(anchor, match, bound) - SHIFT;
      length = ip - anchor;
    }
    distance--;
    // From far away five bytes do not pay.
    if (<isize>length < <isize>LENGTH_MIN || (<isize>length <= 5 && distance >= NEAR_MAX)) {
      if (out + 2 > limit) return 0;
      store<u8>(out++, <u8>sequence);
      ip = anchor + 1;
      if (++literals == LITERALS_MAX) {
        literals = 0;
        store<u8>(out++, <u8>(LITERALS_MAX - 1));
      }
      continue;
    }

    // Say how many literals there were, or take back the byte that would have said it.
    if (literals) store<u8>(out - literals - 1, <u8>(literals - 1));
    else out--;
    literals = 0;
    const far = distance >= NEAR_MAX;
    if (far) distance -= NEAR_MAX;
    const high: usize = far ? 31 : distance >> 8;
    if (length < 7) {
      if (out + (far ? 4 : 2) > limit) return 0;
      store<u8>(out++, <u8>((length << 5) + high));
    } else {
      if (out + (length - 7) / 255 + 1 + (far ? 4 : 2) > limit) return 0;
      store<u8>(out++, <u8>((7 << 5) + high));
      for (length -= 7; length >= 255; length -= 255) store<u8>(out++, 255);
      store<u8>(out++, <u8>length);
    }
    if (far) {
      store<u8>(out, 255);
      store<u8>(out, <u8>(distance >> 8), 1);
      out += 2;
    }
    store<u8>(out++, <u8>distance);

    let next = load<u32>(ip);
    store<u32>(table + (hash(next, bits) << 2), <u32>(ip - src));
    ip++;
    if (level == 9) {
      next >>= 8;
      store<u32>(table + (hash(next, bits) << 2), <u32>(ip - src));
    }
    ip++;
    if (out + 1 > limit) return 0;
    store<u8>(out++, <u8>(LITERALS_MAX - 1));
  }

  while (ip <= bound) {
    if (out + 2 > limit) return 0;
    store<u8>(out++, load<u8>(ip++));
    if (++literals == LITERALS_MAX) {
      literals = 0;
      store<u8>(out++, <u8>(LITERALS_MAX - 1));
    }
  }
  if (literals) store<u8>(out - literals - 1, <u8>(literals - 1));
  else out--;
  // Marks the block as BloscLZ's; the decoder ignores it.
  store<u8>(dst, load<u8>(dst) | 32);
  return <i32>(out - dst);
}
