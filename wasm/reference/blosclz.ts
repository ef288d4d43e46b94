/**
 * BloscLZ, Blosc's own member of the FastLZ family: instructions of one byte and what it asks for.
 *
 *     000LLLLL                       L + 1 literals follow (the first instruction is always this one)
 *     LLLDDDDD  [255 … n]  dddddddd  match of L + 2 bytes (L = 7: 9 and the sum of the extra bytes) at distance D·256 + d + 1
 *                                    D = 31 and d = 255: two more bytes hh ll, distance 8192 + hh·256 + ll
 */
import { mustHold } from './failure.ts';

const LITERALS_MAX = 32;
/** Distances from here on need two more bytes. */
const FAR = 8192;
const DISTANCE_MAX = FAR + 65_535;
const MATCH_MIN = 3;
/** A match with a far distance takes five bytes. */
const FAR_MATCH_MIN = 6;

/** Decodes `source` to exactly `target.length` bytes. */
export function decodeBloscLz(source: Uint8Array, target: Uint8Array): void {
  let at = 0;
  let written = 0;
  const next = (): number => {
    mustHold(at < source.length, 'BloscLZ: ends within an instruction');
    const byte = source[at]!;
    at += 1;
    return byte;
  };
  let control = next() & 31;
  for (;;) {
    if (control < LITERALS_MAX) {
      const literals = control + 1;
      mustHold(literals <= target.length - written && literals <= source.length - at, 'BloscLZ: literals beyond a buffer');
      target.set(source.subarray(at, at + literals), written);
      at += literals;
      written += literals;
    } else {
      let match = (control >> 5) + 2;
      if (control >> 5 === 7) {
        for (let more = 255; more === 255; ) {
          more = next();
          match += more;
          mustHold(match <= target.length, 'BloscLZ: a length beyond the output');
        }
      }
      const near = next();
      let distance = ((control & 31) << 8) + near + 1;
      if (distance === FAR) distance = FAR + ((next() << 8) | next());
      mustHold(distance <= written, `BloscLZ: distance ${distance} after ${written} bytes`);
      mustHold(match <= target.length - written, 'BloscLZ: a match beyond the output');
      for (const end = written + match; written < end; written += 1) target[written] = target[written - distance]!;
    }
    if (at === source.length) break;
    control = next();
  }
  mustHold(written === target.length, `BloscLZ: ${written} bytes instead of ${target.length}`);
}

/** Greedy, from the latest place with the same three bytes. The last bytes stay literals: decoders look ahead of a match. */
export function encodeBloscLz(source: Uint8Array): Uint8Array {
  const out: number[] = [];
  const places = new Map<number, number>();
  let literalsFrom = 0;
  let at = 0;
  const end = source.length - MATCH_MIN;
  while (at < end) {
    const key = source[at]! | (source[at + 1]! << 8) | (source[at + 2]! << 16);
    const candidate = at === 0 ? undefined : places.get(key);
    places.set(key, at);
    const match = candidate === undefined ? 0 : matchLength(source, candidate, at, end);
    const distance = candidate === undefined ? 0 : at - candidate;
    if (match < (distance < FAR ? MATCH_MIN : FAR_MATCH_MIN) || distance > DISTANCE_MAX) {
      at += 1;
      continue;
    }
    writeLiterals(out, source.subarray(literalsFrom, at));
    writeMatch(out, distance, match);
    at += match;
    literalsFrom = at;
  }
  writeLiterals(out, source.subarray(literalsFrom));
  return Uint8Array.from(out);
}

function matchLength(source: Uint8Array, candidate: number, at: number, end: number): number {
  let match = 0;
  while (at + match < end && source[candidate + match] === source[at + match]) match += 1;
  return match;
}

function writeLiterals(out: number[], literals: Uint8Array): void {
  for (let from = 0; from < literals.length; from += LITERALS_MAX) {
    const run = literals.subarray(from, from + LITERALS_MAX);
    out.push(run.length - 1, ...run);
  }
}

function writeMatch(out: number[], distance: number, match: number): void {
  const far = distance >= FAR;
  const high = far ? 31 : (distance - 1) >> 8;
  const short = match - 2;
  if (short < 7) out.push((short << 5) | high);
  else {
    out.push((7 << 5) | high);
    let rest = match - 9;
    for (; rest >= 255; rest -= 255) out.push(255);
    out.push(rest);
  }
  if (far) out.push(255, (distance - FAR) >> 8, (distance - FAR) & 255);
  else out.push((distance - 1) & 255);
}
