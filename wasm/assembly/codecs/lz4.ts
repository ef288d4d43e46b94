/**
 * The LZ4 block decoder. Sequences of literals and matches (see lz4-compress.ts); as long as both buffers have room for it, literals and
 * matches are copied in steps of 16 bytes that may go beyond their ends, and what was written too much is overwritten by what follows.
 *
 *     dst ───────────────────────────────────────────────────┬─ margin ─┐
 *                fast: one check per sequence                │ exact    │ capacity
 */
import { copy16, copyExact, wildCopy } from '../copy';
import { DAMAGED, TOO_LARGE } from '../status';

/** A short sequence moves at most this far: 14 literals, 18 bytes of a match, and 16 bytes of over-writing. */
const MARGIN: usize = 64;

/**
 * Decompresses the block of `length` bytes at src to at most `capacity` bytes at dst. Returns how many bytes it wrote, DAMAGED, or TOO_LARGE.
 * Reads nothing outside [src, src + length), writes nothing outside [dst, dst + capacity). An empty block is damaged.
 */
export function lz4Decompress(src: usize, length: usize, dst: usize, capacity: usize): i32 {
  const srcEnd = src + length;
  const dstEnd = dst + capacity;
  // Up to here both buffers reach at least MARGIN further: no other check is needed for a short sequence.
  const srcFast = length > MARGIN ? srcEnd - MARGIN : 0;
  const dstFast = capacity > MARGIN ? dstEnd - MARGIN : 0;
  let ip = src;
  let out = dst;
  while (ip < srcEnd) {
    const token = <usize>load<u8>(ip++);
    let literals = token >> 4;
    let more = token & 15;
    let distance: usize;
    if (literals < 15 && ip <= srcFast && out <= dstFast) {
      copy16(out, ip);
      ip += literals;
      out += literals;
      distance = <usize>load<u16>(ip);
      ip += 2;
      if (more < 15 && distance <= out - dst) {
        const match = out - distance;
        if (distance >= 8) {
          store<u64>(out, load<u64>(match));
          store<u64>(out, load<u64>(match, 8), 8);
          store<u16>(out, load<u16>(match, 16), 16);
          out += more + 4;
          continue;
        }
        if (ASC_FEATURE_SIMD) {
          if (distance != 0) {
            const pattern = v128.swizzle(v128.load(match), v128.load(repeats + 16 * distance));
            v128.store(out, pattern);
            v128.store(out + <usize>load<u8>(steps + distance), pattern);
            out += more + 4;
            continue;
          }
        }
      }
    } else {
      if (literals == 15) {
        let byte: usize;
        do {
          if (ip >= srcEnd) return DAMAGED;
          byte = <usize>load<u8>(ip++);
          literals += byte;
        } while (byte == 255);
      }
      if (literals > srcEnd - ip) return DAMAGED;
      if (literals > dstEnd - out) return TOO_LARGE;
      if (literals + 16 <= srcEnd - ip && literals + 16 <= dstEnd - out && literals < 512) wildCopy(out, ip, out + literals);
      else copyExact(out, ip, literals);
      ip += literals;
      out += literals;
      // Only the last sequence has no match.
      if (ip == srcEnd) return <i32>(out - dst);
      if (ip + 2 > srcEnd) return DAMAGED;
      distance = <usize>load<u16>(ip);
      ip += 2;
    }
    if (more == 15) {
      let byte: usize;
      do {
        if (ip >= srcEnd) return DAMAGED;
        byte = <usize>load<u8>(ip++);
        more += byte;
      } while (byte == 255);
    }
    more += 4;
    if (distance == 0 || distance > out - dst) return DAMAGED;
    const room = dstEnd - out;
    if (more > room) return TOO_LARGE;
    if (distance >= 16 && more <= 256 && more + 16 <= room) wildCopy(out, out - distance, out + more);
    else copyMatch(out, distance, more, dstEnd);
    out += more;
  }
  return DAMAGED;
}

/**
 * Copies `length` bytes from `distance` before `out` to `out`; they may overlap, so that the last `distance` bytes are repeated. The caller
 * has checked both; writes beyond out + length, but never to dstEnd or beyond.
 */
export function copyMatch(out: usize, distance: usize, length: usize, dstEnd: usize): void {
  const match = out - distance;
  const end = out + length;
  if (dstEnd - end < 16) {
    for (let i: usize = 0; i < length; i++) store<u8>(out + i, load<u8>(match + i));
  } else if (distance >= 16) {
    if (distance >= length && length > 256) memory.copy(out, match, length);
    else wildCopy(out, match, end);
  } else if (distance == 1 && length > 256) {
    memory.fill(out, load<u8>(match), length);
  } else if (ASC_FEATURE_SIMD) {
    // The pattern, repeated as often as it fits into a vector.
    const pattern = v128.swizzle(v128.load(match), v128.load(repeats + 16 * distance));
    const step = <usize>load<u8>(steps + distance);
    do {
      v128.store(out, pattern);
      out += step;
    } while (out < end);
  } else {
    // Eight bytes written one after the other hold the pattern; from then on it is far enough away to copy words.
    for (let i: usize = 0; i < 8; i++) store<u8>(out + i, load<u8>(match + i));
    const step = distance >= 8 ? distance : <usize>load<u8>(steps8 + distance);
    const back = distance >= 8 ? distance : step;
    for (let p = out + 8; p < end; p += 8) store<u64>(p, load<u64>(p - back));
  }
}

/** The largest multiple of a distance that is at most 16. */
const steps: usize = memory.data<u8>([0, 16, 16, 15, 16, 15, 12, 14, 16, 9, 10, 11, 12, 13, 14, 15]);
/** A multiple of a distance, at least 8. */
const steps8: usize = memory.data<u8>([0, 8, 8, 9, 8, 10, 12, 14]);
/** Row d: 0, 1, …, d - 1, 0, 1, …: where a byte of the repeated pattern comes from. */
const repeats: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1,
  0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0,
  0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0,
  0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 0, 1,
  0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 6,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 2, 3, 4,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 2,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0, 1,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0,
]);
