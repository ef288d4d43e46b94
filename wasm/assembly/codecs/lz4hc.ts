/**
 * The thorough LZ4 compressor. A match is not taken because it comes first: where it ends, a longer one is looked for that overlaps its end, and
 * then a third that overlaps the second, and only then the first is written, cut so that both lengths cost the least.
 *
 *     a ├──────────────┤
 *                b ├───┼────────────────┤            found at the end of a, extended to the left
 *                                c ├────┼───────────────────────┤
 *     write     a, cut where b begins; then b and c are the new a and b
 *
 * The format is LZ4's (lz4-compress.ts). The strategy is that of LZ4HC (Y. Collet), and so is what a level means, so that sizes agree with it.
 */
import { lastLiterals } from './lz4-compress';
import { putSequence } from './lz4-sequence';
import { CHAINS_BYTES, foundDistance, foundEnd, foundStart, openChains, widest } from './lz4hc-chains';
import { lz4hcQuick } from './lz4hc-quick';

/** What lz4hcCompress needs as `tables`. */
export const LZ4HC_TABLE_BYTES: usize = CHAINS_BYTES;

const MATCH_MIN: usize = 4;
/** The longest match whose length needs no byte of its own. */
const MATCH_CHEAP: usize = 18;

/**
 * Compresses `length` bytes at src to at most `capacity` bytes at dst: returns how many, 0 when they do not suffice. `level` is 1 to 9: 2^(level
 * - 1) candidates are looked at from 3 on, below no chains are made. `tables` is LZ4HC_TABLE_BYTES of memory for its own use, aligned to 8.
 */
export function lz4hcCompress(src: usize, length: usize, dst: usize, capacity: usize, level: i32, tables: usize): i32 {
  if (level < 3) return lz4hcQuick(src, length, dst, capacity, tables);
  const end = src + length;
  const limit = dst + capacity;
  let out = dst;
  let anchor = src;
  if (length > 12) {
    const startLast = end - 12;
    openChains(src, length, end - 5, tables, <u32>1 << (level - 1));
    let ip = src;
    while (ip <= startLast) {
      if (!widest(ip, ip, MATCH_MIN - 1)) {
        ip++;
        continue;
      }
      let aStart = foundStart;
      let aEnd = foundEnd;
      let aDistance = foundDistance;
      while (aStart > anchor && aStart - aDistance > src && load<u8>(aStart - 1) == load<u8>(aStart - 1 - aDistance)) aStart--;
      // The one that came before a, if a longer one took its place.
      let firstStart = aStart;
      let firstEnd = aEnd;
      let firstDistance = aDistance;

      // Until a sequence of overlapping matches is written.
      while (true) {
        if (aEnd > startLast || !widest(aEnd - 2, aStart, aEnd - aStart)) {
          out = putSequence(out, limit, anchor, aStart, aEnd, aDistance);
          if (out == 0) return 0;
          anchor = aEnd;
          break;
        }
        let bStart = foundStart;
        let bEnd = foundEnd;
        let bDistance = foundDistance;
        // a was better than the first one, but in front of b the first one is as good and starts earlier.
        if (firstStart < aStart && bStart <= firstEnd) {
          aStart = firstStart;
          aEnd = firstEnd;
          aDistance = firstDistance;
        }
        // Too little of a would be left.
        if (bStart < aStart + MATCH_MIN - 1) {
          aStart = bStart;
          aEnd = bEnd;
          aDistance = bDistance;
          continue;
        }

        let done = false;
        while (true) {
          // From here on: aStart + 3 <= bStart <= aEnd, b has more than 4 bytes. What a takes without a byte for its length is better off there.
          const cut = min(min(aStart + MATCH_CHEAP, aEnd), bEnd - MATCH_MIN);
          if (bStart < cut) bStart = cut;
          if (bEnd > startLast || !widest(bEnd - 3, bStart, bEnd - bStart)) {
            out = putSequence(out, limit, anchor, aStart, bStart, aDistance);
            if (out == 0) return 0;
            out = putSequence(out, limit, bStart, bStart, bEnd, bDistance);
            if (out == 0) return 0;
            anchor = bEnd;
            done = true;
            break;
          }
          const cStart = foundStart;
          const cEnd = foundEnd;
          const cDistance = foundDistance;
          if (cStart >= aEnd + MATCH_MIN - 1) {
            out = putSequence(out, limit, anchor, aStart, bStart, aDistance);
            if (out == 0) return 0;
            anchor = bStart;
            aStart = bStart;
            aEnd = bEnd;
            aDistance = bDistance;
          } else if (cStart >= aEnd) {
            // No room for b between them; the rest of it is what c has to be better than.
            out = putSequence(out, limit, anchor, aStart, aEnd, aDistance);
            if (out == 0) return 0;
            anchor = aEnd;
            const rest = bEnd - aEnd >= MATCH_MIN;
            firstStart = rest ? aEnd : cStart;
            firstEnd = rest ? bEnd : cEnd;
            firstDistance = rest ? bDistance : cDistance;
            aStart = cStart;
            aEnd = cEnd;
            aDistance = cDistance;
            break;
          }
          bStart = cStart;
          bEnd = cEnd;
          bDistance = cDistance;
        }
        if (done) break;
      }
      ip = anchor;
    }
  }
  return lastLiterals(anchor, end, dst, out, limit);
}
