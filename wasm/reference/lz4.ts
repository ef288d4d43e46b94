/**
 * LZ4's block format (lz4, doc/lz4_Block_format): a chain of sequences.
 *
 *     token   more literal length   literals   offset (2 bytes)   more match length
 *     LLLLMMMM   255 255 … n        …          1 to 65535         255 255 … n            match length = M + 4
 *
 * The last sequence ends after its literals. Byte by byte, so that overlapping matches need no thought.
 */
import { mustHold } from './failure.ts';

const MATCH_MIN = 4;
/** The last match starts at least this far from the end, … */
const MATCH_START_LIMIT = 12;
/** … and the last bytes are literals. */
const LAST_LITERALS = 5;
const OFFSET_MAX = 65_535;

/** Decodes `source` to exactly `target.length` bytes. */
export function decodeLz4(source: Uint8Array, target: Uint8Array): void {
  let at = 0;
  let written = 0;
  const next = (): number => {
    mustHold(at < source.length, 'LZ4: ends within a sequence');
    const byte = source[at]!;
    at += 1;
    return byte;
  };
  const length = (nibble: number): number => {
    let sum = nibble;
    if (nibble === 15) {
      for (let more = 255; more === 255; ) {
        more = next();
        sum += more;
        mustHold(sum <= target.length, 'LZ4: a length beyond the output');
      }
    }
    return sum;
  };
  for (;;) {
    const token = next();
    const literals = length(token >> 4);
    mustHold(literals <= target.length - written && literals <= source.length - at, 'LZ4: literals beyond a buffer');
    target.set(source.subarray(at, at + literals), written);
    at += literals;
    written += literals;
    if (at === source.length) break;
    const offset = next() | (next() << 8);
    const match = length(token & 15) + MATCH_MIN;
    mustHold(offset > 0 && offset <= written, `LZ4: offset ${offset} after ${written} bytes`);
    mustHold(match <= target.length - written, 'LZ4: a match beyond the output');
    for (const end = written + match; written < end; written += 1) target[written] = target[written - offset]!;
  }
  mustHold(written === target.length, `LZ4: ${written} bytes instead of ${target.length}`);
}

/** The first earlier place with the same four bytes wins: simple, deterministic, and it finds the far offsets too. */
export function encodeLz4(source: Uint8Array): Uint8Array {
  const out: number[] = [];
  const places = new Map<number, number>();
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  let literalsFrom = 0;
  let at = 0;
  while (at <= source.length - MATCH_START_LIMIT) {
    const key = view.getUint32(at, true);
    const candidate = places.get(key);
    places.set(key, at);
    if (candidate === undefined || at - candidate > OFFSET_MAX) {
      at += 1;
      continue;
    }
    let match = MATCH_MIN;
    while (at + match < source.length - LAST_LITERALS && source[candidate + match] === source[at + match]) match += 1;
    sequence(out, source.subarray(literalsFrom, at), at - candidate, match);
    at += match;
    literalsFrom = at;
  }
  sequence(out, source.subarray(literalsFrom), 0, MATCH_MIN);
  return Uint8Array.from(out);
}

/** Offset 0: the last one, without a match. */
function sequence(out: number[], literals: Uint8Array, offset: number, match: number): void {
  const matchCode = match - MATCH_MIN;
  out.push((Math.min(literals.length, 15) << 4) | Math.min(matchCode, 15));
  moreLength(out, literals.length);
  for (const byte of literals) out.push(byte);
  if (offset === 0) return;
  out.push(offset & 255, offset >> 8);
  moreLength(out, matchCode);
}

function moreLength(out: number[], length: number): void {
  if (length < 15) return;
  let rest = length - 15;
  for (; rest >= 255; rest -= 255) out.push(255);
  out.push(rest);
}
