/**
 * The thorough LZ4 compressor: positions with the same hash are chained, newest first, and the longest of the first so many matches wins.
 * Before a match is written, the next position is tried as well: when it has a longer one, the first becomes a literal (lazy matching).
 *
 *     heads[hash] ─▶ position ─▶ earlier ─▶ earlier …         links[position & 65535] = distance to the one before
 *
 * The format is LZ4's (lz4-compress.ts).
 */
import { copyExact } from '../copy';
import { equalBytes, lastLiterals, putLength } from './lz4-compress';

/** What lz4hcCompress needs as `tables`: heads of 32 bits for 15 bits of hash, links of 16 bits. */
export const LZ4HC_TABLE_BYTES: usize = 131072 + 131072;

const LINKS: usize = 131072;
const DISTANCE_MAX: usize = 65535;

/** The last match found: where it starts and how long it is. */
let foundAt: usize = 0;

// @ts-ignore: decorator
@inline
function slotOf(p: usize, tables: usize): usize {
  return tables + (((load<u32>(p) * 2654435761) >> 17) << 2);
}

/** Enters all positions from `from` up to `to`; positions in heads count from 1, so that 0 is none. */
// @ts-ignore: decorator
@inline
function insertUpTo(from: usize, to: usize, src: usize, tables: usize): void {
  for (let p = from; p < to; p++) {
    const slot = slotOf(p, tables);
    const position = p - src + 1;
    const distance = position - <usize>load<u32>(slot);
    store<u16>(tables + LINKS + (((p - src) & 65535) << 1), <u16>(distance > DISTANCE_MAX ? DISTANCE_MAX : distance));
    store<u32>(slot, <u32>position);
  }
}

/** The length of the longest match at ip that is longer than `best`, else 0; foundAt is where it starts. */
function longest(ip: usize, best: usize, src: usize, end: usize, tables: usize, attempts: u32): usize {
  let candidate = <usize>load<u32>(slotOf(ip, tables));
  let length: usize = 0;
  const sequence = load<u32>(ip);
  while (candidate != 0 && attempts-- > 0) {
    const match = src + candidate - 1;
    if (ip - match > DISTANCE_MAX) break;
    // The byte that would make it longer first: most candidates fail there.
    if (load<u32>(match) == sequence && load<u8>(match + best) == load<u8>(ip + best)) {
      const equal = equalBytes(ip + 4, match + 4, end) + 4;
      if (equal > best) {
        best = equal;
        length = equal;
        foundAt = match;
        if (ip + equal >= end) break;
      }
    }
    const back = <usize>load<u16>(tables + LINKS + (((candidate - 1) & 65535) << 1));
    if (back == 0 || back >= candidate || back >= DISTANCE_MAX) break;
    candidate -= back;
  }
  return length;
}

/**
 * Compresses `length` bytes at src to at most `capacity` bytes at dst: returns how many, 0 when they do not suffice. `level` is 1 to 9: 2^(level
 * - 1) candidates are looked at, and at least 4. `tables` is LZ4HC_TABLE_BYTES of memory for its own use, aligned to 8.
 */
export function lz4hcCompress(src: usize, length: usize, dst: usize, capacity: usize, level: i32, tables: usize): i32 {
  const end = src + length;
  const limit = dst + capacity;
  let out = dst;
  let anchor = src;
  if (length > 12) {
    memory.fill(tables, 0, LZ4HC_TABLE_BYTES);
    const attempts: u32 = level < 3 ? 4 : <u32>1 << (level - 1);
    const startLast = end - 12;
    const matchEnd = end - 5;
    let inserted = src;
    let ip = src;
    while (ip <= startLast) {
      insertUpTo(inserted, ip, src, tables);
      inserted = ip;
      let bytes = longest(ip, 3, src, matchEnd, tables, attempts);
      if (bytes == 0) {
        ip++;
        continue;
      }
      let match = foundAt;
      // What reaches the end can't be beaten by a later one.
      while (ip < startLast && ip + bytes < matchEnd) {
        insertUpTo(inserted, ip + 1, src, tables);
        inserted = ip + 1;
        const better = longest(ip + 1, bytes, src, matchEnd, tables, attempts);
        if (better == 0) break;
        ip++;
        bytes = better;
        match = foundAt;
      }
      while (ip > anchor && match > src && load<u8>(ip - 1) == load<u8>(match - 1)) {
        ip--;
        match--;
        bytes++;
      }

      const literals = ip - anchor;
      const token = out++;
      if (out + literals + literals / 255 + 8 + bytes / 255 > limit) return 0;
      if (literals >= 15) out = putLength(out, literals - 15);
      copyExact(out, anchor, literals);
      out += literals;
      store<u16>(out, <u16>(ip - match));
      out += 2;
      const more = bytes - 4;
      if (more >= 15) out = putLength(out, more - 15);
      store<u8>(token, <u8>(((literals < 15 ? literals : 15) << 4) + (more < 15 ? more : 15)));
      ip += bytes;
      anchor = ip;
    }
  }
  return lastLiterals(anchor, end, dst, out, limit);
}
