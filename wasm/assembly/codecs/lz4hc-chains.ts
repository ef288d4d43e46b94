/**
 * The search of the thorough LZ4 compressor: positions with the same hash are chained, newest first, and the longest match among the first
 * so many wins. A match may begin before the position that is looked up: it is extended to both sides.
 *
 *     heads[hash] ─▶ position ─▶ earlier ─▶ earlier …         links[position & 65535] = distance to the one before
 *
 *     lowest ◀──────── ip ────────▶ end                       at most; what counts is the length of both sides together
 */
import { equalBytes } from './lz4-compress';

/** Heads of 32 bits for 15 bits of hash, links of 16 bits. */
export const CHAINS_BYTES: usize = 131072 + 131072;

const LINKS: usize = 131072;
const DISTANCE_MAX: usize = 65535;

/** The last match found: it fills [foundStart, foundEnd) and is repeated from foundDistance further in front. */
export let foundStart: usize = 0;
export let foundEnd: usize = 0;
export let foundDistance: usize = 0;

// What is searched; one at a time.
let src: usize = 0;
let matchEnd: usize = 0;
let tables: usize = 0;
let shift: u32 = 0;
let attemptsMax: u32 = 0;
/** All positions before it are in the chains. */
let entered: usize = 0;

/** Begins a search in `length` bytes at `source`, matches end at `end`. `scratch` is CHAINS_BYTES, aligned to 8, with any content. */
export function openChains(source: usize, length: usize, end: usize, scratch: usize, attempts: u32): void {
  src = source;
  matchEnd = end;
  tables = scratch;
  attemptsMax = attempts;
  entered = source;
  // No more heads than twice the positions: short streams would spend their time with clearing them. Links are written before they are read.
  let bits: u32 = 8;
  while (bits < 15 && <usize>1 << bits < length << 1) bits++;
  shift = 32 - bits;
  memory.fill(scratch, 0, <usize>4 << bits);
}

// @ts-ignore: decorator
@inline
function slotOf(p: usize): usize {
  return tables + (((load<u32>(p) * 2654435761) >> shift) << 2);
}

/**
 * Looks for a match that contains ip, starts at `lowest` or later, and is longer than `best`, where lowest <= ip < lowest + best. Positions of
 * successive calls may not decrease.
 */
export function widest(ip: usize, lowest: usize, best: usize): bool {
  for (let p = entered; p < ip; p++) {
    const slot = slotOf(p);
    // Counted from 1, so that 0 is none.
    const position = p - src + 1;
    const distance = position - <usize>load<u32>(slot);
    store<u16>(tables + LINKS + (((p - src) & 65535) << 1), <u16>(distance > DISTANCE_MAX ? DISTANCE_MAX : distance));
    store<u32>(slot, <u32>position);
  }
  if (entered < ip) entered = ip;

  const sequence = load<u32>(ip);
  const back = ip - lowest;
  let candidate = <usize>load<u32>(slotOf(ip));
  let attempts = attemptsMax;
  let found = false;
  while (candidate != 0 && attempts-- > 0) {
    const match = src + candidate - 1;
    if (ip - match > DISTANCE_MAX) break;
    // A longer one contains the bytes that the best one ends with and goes on with, wherever it starts: most candidates fail there.
    const probe = best - 1 - back;
    if (load<u16>(match + probe) == load<u16>(ip + probe) && load<u32>(match) == sequence) {
      const after = equalBytes(ip + 4, match + 4, matchEnd) + 4;
      let before: usize = 0;
      const beforeMax = min(back, match - src);
      while (before < beforeMax && load<u8>(ip - before - 1) == load<u8>(match - before - 1)) before++;
      if (before + after > best) {
        best = before + after;
        found = true;
        foundStart = ip - before;
        foundEnd = ip + after;
        foundDistance = ip - match;
        // Nothing reaches further, and the next probe would lie beyond it.
        if (foundEnd >= matchEnd) break;
      }
    }
    const link = <usize>load<u16>(tables + LINKS + (((candidate - 1) & 65535) << 1));
    if (link == 0 || link >= candidate || link >= DISTANCE_MAX) break;
    candidate -= link;
  }
  return found;
}
