/**
 * The fast LZ4 compressor: one hash table entry per four or five bytes, the last position wins, and the longer nothing is found, the larger
 * the steps. (Y. Collet, "LZ4 Block Format Description"; the search strategy, table sizes and hashes are those of LZ4_compress_fast, so that
 * sizes agree with it.)
 *
 *     token │ more literal length │ literals │ offset (2) │ more match length        a block is a sequence of these; the last one
 *     L L L L M M M M                                                                ends after its literals
 *
 * Rules that decoders rely on: the last five bytes are literals, and the last match starts at least twelve bytes before the end.
 */
import { copy16, copyExact } from '../copy';

/** What lz4Compress needs as `table`. */
export const LZ4_TABLE_BYTES: usize = 16384;

const MATCH_MIN: usize = 4;
const LAST_LITERALS: usize = 5;
/** No match starts later than this many bytes before the end. */
const MATCH_START_LAST: usize = 12;
const DISTANCE_MAX: usize = 65535;
/** Shorter inputs keep 16 bit positions, so that the table has twice as many. */
const SHORT_BYTES: usize = 65536 + 11;

/**
 * Compresses `length` bytes at src to at most `capacity` bytes at dst: returns how many, 0 when they do not suffice. `acceleration` is 1 for
 * the best compression; each 1 more is about 3 % faster. `table` is LZ4_TABLE_BYTES of memory for its own use, aligned to 8.
 */
export function lz4Compress(src: usize, length: usize, dst: usize, capacity: usize, acceleration: u32, table: usize): i32 {
  memory.fill(table, 0, LZ4_TABLE_BYTES);
  if (length < SHORT_BYTES) return compress<u16>(src, length, dst, capacity, acceleration, table);
  return compress<u32>(src, length, dst, capacity, acceleration, table);
}

/** T is the type of a position in the table. */
function compress<T>(src: usize, length: usize, dst: usize, capacity: usize, acceleration: u32, table: usize): i32 {
  const end = src + length;
  const limit = dst + capacity;
  let out = dst;
  let anchor = src;
  if (length > MATCH_START_LAST) {
    const startLast = end - MATCH_START_LAST;
    const matchEnd = end - LAST_LITERALS;
    let ip = src + 1;
    put<T>(table, hashAt<T>(src), 0);
    let nextHash = hashAt<T>(ip);
    while (true) {
      // Find four equal bytes.
      let match: usize;
      let next = ip;
      let tries = acceleration << 6;
      let step: usize = 1;
      do {
        ip = next;
        next += step;
        step = <usize>(tries++ >> 6);
        if (next > startLast + 1) return lastLiterals(anchor, end, dst, out, limit);
        const hash = nextHash;
        match = src + get<T>(table, hash);
        nextHash = hashAt<T>(next);
        put<T>(table, hash, ip - src);
      } while ((sizeof<T>() == 4 && match + DISTANCE_MAX < ip) || load<u32>(match) != load<u32>(ip));
      while (ip > anchor && match > src && load<u8>(ip - 1) == load<u8>(match - 1)) {
        ip--;
        match--;
      }

      const literals = ip - anchor;
      let token = out++;
      if (out + literals + (2 + 1 + LAST_LITERALS) + literals / 255 > limit) return 0;
      if (literals >= 15) {
        store<u8>(token, 0xf0);
        out = putLength(out, literals - 15);
      } else {
        store<u8>(token, <u8>(literals << 4));
      }
      // The margins: ip is at least 12 bytes before the end of the source.
      if (literals <= 16 && anchor + 16 <= end && out + 16 <= limit) copy16(out, anchor);
      else copyExact(out, anchor, literals);
      out += literals;

      // Encode matches as long as one follows the other.
      while (true) {
        store<u16>(out, <u16>(ip - match));
        out += 2;
        ip += MATCH_MIN;
        const more = equalBytes(ip, match + MATCH_MIN, matchEnd);
        ip += more;
        if (out + (1 + LAST_LITERALS) + (more + 240) / 255 > limit) return 0;
        if (more >= 15) {
          store<u8>(token, load<u8>(token) + 15);
          out = putLength(out, more - 15);
        } else {
          store<u8>(token, load<u8>(token) + <u8>more);
        }
        anchor = ip;
        if (ip > startLast) return lastLiterals(anchor, end, dst, out, limit);
        put<T>(table, hashAt<T>(ip - 2), ip - 2 - src);
        const hash = hashAt<T>(ip);
        match = src + get<T>(table, hash);
        put<T>(table, hash, ip - src);
        if ((sizeof<T>() == 4 && match + DISTANCE_MAX < ip) || load<u32>(match) != load<u32>(ip)) break;
        token = out++;
        store<u8>(token, 0);
      }
      nextHash = hashAt<T>(++ip);
    }
  }
  return lastLiterals(anchor, end, dst, out, limit);
}

/** Writes the sequence that has literals only; returns the size of the whole block, 0 when it does not fit. */
export function lastLiterals(anchor: usize, end: usize, dst: usize, out: usize, limit: usize): i32 {
  const literals = end - anchor;
  if (out + literals + 1 + (literals + 240) / 255 > limit) return 0;
  const token = out++;
  if (literals >= 15) {
    store<u8>(token, 0xf0);
    out = putLength(out, literals - 15);
  } else {
    store<u8>(token, <u8>(literals << 4));
  }
  memory.copy(out, anchor, literals);
  return <i32>(out + literals - dst);
}

// @ts-ignore: decorator
@inline
export function putLength(out: usize, rest: usize): usize {
  while (rest >= 255) {
    store<u8>(out++, 255);
    rest -= 255;
  }
  store<u8>(out, <u8>rest);
  return out + 1;
}

/** How many bytes from a on are equal to those from b on; a does not go beyond `end`, and b is smaller than a. */
// @ts-ignore: decorator
@inline
export function equalBytes(a: usize, b: usize, end: usize): usize {
  const start = a;
  while (a + 8 <= end) {
    const differing = load<u64>(a) ^ load<u64>(b);
    if (differing) return a - start + <usize>(ctz(differing) >> 3);
    a += 8;
    b += 8;
  }
  while (a < end && load<u8>(a) == load<u8>(b)) {
    a++;
    b++;
  }
  return a - start;
}

/** Of four bytes for 16 bit positions (13 bits), of five for 32 bit positions (12 bits). */
// @ts-ignore: decorator
@inline
function hashAt<T>(p: usize): u32 {
  if (sizeof<T>() == 2) return (load<u32>(p) * 2654435761) >> 19;
  return <u32>(((load<u64>(p) << 24) * 889523592379) >> 52);
}

// @ts-ignore: decorator
@inline
function get<T>(table: usize, hash: u32): usize {
  return <usize>load<T>(table + hash * sizeof<T>());
}

// @ts-ignore: decorator
@inline
function put<T>(table: usize, hash: u32, position: usize): void {
  store<T>(table + hash * sizeof<T>(), <T>position);
}
