/**
 * Decodes sequences and carries them out at once: each copies literals, then a match from the output so far.
 *
 *     bits, read backwards:  offset │ match length │ literal length │ next states: literal length, match length, offset
 *
 * Bits are taken from a 64-bit word at `at`, `taken` of them from its top so far. Once the stream is used up, `taken` exceeds 64 and what is
 * read is meaningless, but every access is checked against the buffers anyway; the end of the loop then finds the damage.
 */
import { DAMAGED, TOO_LARGE } from '../status';
import { copyLiterals, copyMatch } from './zstd-copy';
import { lengthenStream } from './zstd-huffman';
import { LITERALS, LITERALS_AT, LITERALS_LENGTH, LOGS, REPEATED, SHORT_STREAMS, SLACK, TABLE_BYTES, TABLES } from './zstd-scratch';

/** `bits` bits of word, behind the `taken` ones at its top. Shifts count modulo 64. */
// @ts-ignore: decorator
@inline
function field(word: u64, taken: i32, bits: i32): i32 {
  return <i32>((word >>> <u64>(-taken - bits)) & (((<u64>1) << bits) - 1));
}

/**
 * Carries out `count` sequences whose bits lie in [src, srcEnd), then copies the literals that are left. Output goes to `to` and must end at
 * dstEnd at the latest; matches reach back to `base` at most. Stored literals lie somewhere before srcEnd.
 * Returns how many bytes came out, or a status.
 */
export function execute(src: usize, srcEnd: usize, count: i32, to: usize, base: usize, dstEnd: usize, scratch: usize): i32 {
  const dst = to;
  let literals = load<usize>(scratch + LITERALS_AT);
  const literalsEnd = literals + load<i32>(scratch + LITERALS_LENGTH);
  if (count > 0) {
    if (src >= srcEnd) return DAMAGED;
    // Up to where fast copies of literals may start, so that the 16 bytes they read at least are readable.
    const literalsFastEnd = literals == scratch + LITERALS ? literalsEnd : min(literalsEnd, srcEnd - 16);
    let start = src;
    let padding: i32 = 0;
    if (srcEnd - src < 8) {
      padding = (8 - <i32>(srcEnd - src)) << 3;
      srcEnd = lengthenStream(src, srcEnd, scratch + SHORT_STREAMS);
      start = srcEnd - 8;
    }
    const last: u32 = load<u8>(srcEnd - 1);
    if (last == 0) return DAMAGED;
    let taken: i32 = clz(last) - 23;
    let at = srcEnd - 8;
    let word = load<u64>(at);

    const lengths = scratch + TABLES;
    const offsets = lengths + TABLE_BYTES;
    const matches = offsets + TABLE_BYTES;
    const lengthLog = load<i32>(scratch + LOGS);
    const offsetLog = load<i32>(scratch + LOGS, 4);
    const matchLog = load<i32>(scratch + LOGS, 8);
    let length = load<u64>(lengths + (field(word, taken, lengthLog) << 3));
    taken += lengthLog;
    let distance = load<u64>(offsets + (field(word, taken, offsetLog) << 3));
    taken += offsetLog;
    let match = load<u64>(matches + (field(word, taken, matchLog) << 3));
    taken += matchLog;

    let repeated1 = load<i32>(scratch + REPEATED);
    let repeated2 = load<i32>(scratch + REPEATED, 4);
    let repeated3 = load<i32>(scratch + REPEATED, 8);

    for (;;) {
      let bytes = min(<usize>(taken >>> 3), at - start);
      at -= bytes;
      taken -= <i32>(bytes << 3);
      word = load<u64>(at);
      const offsetBits = <i32>(distance >> 24) & 255;
      const matchBits = <i32>(match >> 24) & 255;
      const lengthBits = <i32>(length >> 24) & 255;

      let offset: i32 = <i32>(distance >> 32) + field(word, taken, offsetBits);
      taken += offsetBits;
      const more = offsetBits + matchBits + lengthBits > 30;
      if (more) {
        bytes = min(<usize>(taken >>> 3), at - start);
        at -= bytes;
        taken -= <i32>(bytes << 3);
        word = load<u64>(at);
      }
      const matchLength: i32 = <i32>(match >> 32) + field(word, taken, matchBits);
      taken += matchBits;
      const literalLength: i32 = <i32>(length >> 32) + field(word, taken, lengthBits);
      taken += lengthBits;
      if (more) {
        bytes = min(<usize>(taken >>> 3), at - start);
        at -= bytes;
        taken -= <i32>(bytes << 3);
        word = load<u64>(at);
      }

      if (offsetBits > 1) {
        offset -= 3;
        repeated3 = repeated2;
        repeated2 = repeated1;
        repeated1 = offset;
      } else {
        // 1 to 3: one of the last offsets; without literals before it, the first one would be no match of its own, so all move up.
        const which = offset + i32(literalLength == 0);
        if (which == 1) offset = repeated1;
        else {
          offset = which == 2 ? repeated2 : which == 3 ? repeated3 : repeated1 - 1;
          if (which != 2) repeated3 = repeated2;
          repeated2 = repeated1;
          repeated1 = offset;
        }
      }

      const matchTo = to + literalLength;
      const end = matchTo + matchLength;
      const room = dstEnd - to;
      if (<u32>offset - 1 >= <u32>(matchTo - base)) return DAMAGED;
      if (<usize>(literalLength + matchLength + SLACK) <= room && literalLength <= <i32>(literalsFastEnd - literals)) {
        copyLiterals(to, literals, matchTo);
        copyMatch(matchTo, <usize>offset, end);
      } else {
        if (<usize>literalLength > literalsEnd - literals) return DAMAGED;
        if (<usize>(literalLength + matchLength) > room) return TOO_LARGE;
        memory.copy(to, literals, literalLength);
        for (let i = matchTo; i < end; i++) store<u8>(i, load<u8>(i - offset));
      }
      literals += literalLength;
      to = end;

      count -= 1;
      if (count == 0) break;
      const lengthStep = <i32>(length >> 16) & 255;
      length = load<u64>(lengths + ((<i32>(length & 0xffff) + field(word, taken, lengthStep)) << 3));
      taken += lengthStep;
      const matchStep = <i32>(match >> 16) & 255;
      match = load<u64>(matches + ((<i32>(match & 0xffff) + field(word, taken, matchStep)) << 3));
      taken += matchStep;
      const offsetStep = <i32>(distance >> 16) & 255;
      distance = load<u64>(offsets + ((<i32>(distance & 0xffff) + field(word, taken, offsetStep)) << 3));
      taken += offsetStep;
    }
    const bytes = min(<usize>(taken >>> 3), at - start);
    if (at - bytes != start || taken - <i32>(bytes << 3) != 64 - padding) return DAMAGED;
    store<i32>(scratch + REPEATED, repeated1);
    store<i32>(scratch + REPEATED, repeated2, 4);
    store<i32>(scratch + REPEATED, repeated3, 8);
  }
  const rest = literalsEnd - literals;
  if (rest > dstEnd - to) return TOO_LARGE;
  memory.copy(to, literals, rest);
  return <i32>(to + rest - dst);
}
