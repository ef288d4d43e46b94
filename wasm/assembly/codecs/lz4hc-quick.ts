/**
 * The LZ4 compressor of the two lowest of the thorough levels: no chains, but two tables, so that a long match is found even when another
 * one with the same first four bytes came later. (The idea and the order of the look-ups are those of levels 1 and 2 of LZ4 1.10.)
 *
 *     ip:      seven bytes ─▶ long table ── four equal bytes? ──▶ take it
 *              four bytes ──▶ short table ─ four equal bytes? ──▶ take it, or the one that the long table has for ip + 1 when it is longer
 */
import { equalBytes, lastLiterals } from './lz4-compress';
import { putSequence } from './lz4-sequence';

/** Each table has 32 bits for 14 bits of hash. */
export const QUICK_BYTES: usize = 65536 + 65536;

const LONG: usize = 65536;
const DISTANCE_MAX: usize = 65535;

let src: usize = 0;
let tables: usize = 0;
let shift: u32 = 0;

// @ts-ignore: decorator
@inline
function shortSlot(p: usize): usize {
  return tables + (((load<u32>(p) * 2654435761) >> shift) << 2);
}

// @ts-ignore: decorator
@inline
function longSlot(p: usize): usize {
  return tables + LONG + (<usize>(((load<u64>(p) << 8) * 0x9e3779b185ebca87) >> (shift + 32)) << 2);
}

/** The position that was in the slot, and enters p; positions count from 1, so that 0 is none, which lies out of reach. */
// @ts-ignore: decorator
@inline
function swap(slot: usize, p: usize): usize {
  const earlier = src + <usize>load<u32>(slot) - 1;
  store<u32>(slot, <u32>(p - src + 1));
  return earlier;
}

// @ts-ignore: decorator
@inline
function repeats(p: usize, match: usize): bool {
  return match >= src && p - match <= DISTANCE_MAX && load<u32>(match) == load<u32>(p);
}

/**
 * Compresses `length` bytes at source to at most `capacity` bytes at dst: returns how many, 0 when they do not suffice. `scratch` is QUICK_BYTES
 * of memory for its own use, aligned to 8.
 */
export function lz4hcQuick(source: usize, length: usize, dst: usize, capacity: usize, scratch: usize): i32 {
  const end = source + length;
  const limit = dst + capacity;
  let out = dst;
  let anchor = source;
  if (length > 12) {
    src = source;
    tables = scratch;
    let bits: u32 = 8;
    while (bits < 14 && <usize>1 << bits < length << 1) bits++;
    shift = 32 - bits;
    memory.fill(scratch, 0, <usize>4 << bits);
    memory.fill(scratch + LONG, 0, <usize>4 << bits);
    const startLast = end - 12;
    const matchEnd = end - 5;
    let ip = source;
    while (ip <= startLast) {
      let match = swap(longSlot(ip), ip);
      const other = swap(shortSlot(ip), ip);
      let bytes: usize;
      if (repeats(ip, match)) {
        bytes = equalBytes(ip + 4, match + 4, matchEnd) + 4;
      } else if (repeats(ip, other)) {
        match = other;
        bytes = equalBytes(ip + 4, match + 4, matchEnd) + 4;
        if (ip < startLast) {
          const slot = longSlot(ip + 1);
          const next = src + <usize>load<u32>(slot) - 1;
          if (repeats(ip + 1, next)) {
            const better = equalBytes(ip + 5, next + 4, matchEnd) + 4;
            if (better > bytes) {
              ip++;
              store<u32>(slot, <u32>(ip - src + 1));
              match = next;
              bytes = better;
            }
          }
        }
      } else {
        // The longer nothing is found, the larger the steps.
        ip += 1 + ((ip - anchor) >> 9);
        continue;
      }
      const matchLimit = ip + bytes;
      let start = ip;
      while (start > anchor && match > src && load<u8>(start - 1) == load<u8>(match - 1)) {
        start--;
        match--;
      }
      out = putSequence(out, limit, anchor, start, matchLimit, start - match);
      if (out == 0) return 0;
      // What lies in a match is entered at both its ends only.
      swap(longSlot(ip + 1), ip + 1);
      swap(longSlot(ip + 2), ip + 2);
      swap(shortSlot(ip + 1), ip + 1);
      ip = matchLimit;
      anchor = ip;
      if (ip <= startLast) {
        if (ip - src > 5) swap(longSlot(ip - 5), ip - 5);
        swap(longSlot(ip - 3), ip - 3);
        swap(longSlot(ip - 2), ip - 2);
        swap(shortSlot(ip - 2), ip - 2);
        swap(shortSlot(ip - 1), ip - 1);
      }
    }
  }
  return lastLiterals(anchor, end, dst, out, limit);
}
