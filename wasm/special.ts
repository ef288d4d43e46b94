/** Chunks without blocks. Elements that are all the same are found when a chunk is written, and filled in when it is read. */
import type { Header, Special } from './header.ts';

/** The NaN that chunks of NaNs stand for, as little-endian bytes. */
const nanBytes: Readonly<Record<number, readonly number[]>> = { 4: [0, 0, 0xc0, 0x7f], 8: [0, 0, 0, 0, 0, 0, 0xf8, 0x7f] };

/**
 * What all elements are; `none` when they differ, or the last one is incomplete and not zero, or they will be rounded and are not zero. Looks
 * no farther than the first difference.
 */
export function findSpecial(raw: Uint8Array, typesize: number, rounded: boolean): Special {
  if (isZero(raw)) return 'zeros';
  if (rounded || raw.byteLength % typesize !== 0) return 'none';
  for (let i = typesize; i < raw.byteLength; i++) if (raw[i] !== raw[i - typesize]) return 'none';
  const nan = nanBytes[typesize];
  return nan?.every((byte, i) => raw[i] === byte) ? 'nans' : 'value';
}

function isZero(raw: Uint8Array): boolean {
  for (let i = 0; i < raw.byteLength; i++) if (raw[i] !== 0) return false;
  return true;
}

/** Fills `into` with the raw bytes from number `first` on. */
export function fillPlain(chunk: Uint8Array, header: Header, first: number, into: Uint8Array): void {
  const { headerBytes, cbytes, typesize, special } = header;
  if (special === 'none') into.set(chunk.subarray(headerBytes + first, headerBytes + first + into.byteLength));
  else if (special === 'nans') repeat(Uint8Array.from(nanBytes[typesize]!), into);
  else if (special === 'value') repeat(rotated(chunk.subarray(headerBytes, cbytes), first), into);
  else into.fill(0);
}

/** The value as it goes on at byte `first`: its size need not be the typesize. */
function rotated(value: Uint8Array, first: number): Uint8Array {
  const at = first % value.byteLength;
  const result = new Uint8Array(value.byteLength);
  result.set(value.subarray(at));
  result.set(value.subarray(0, at), value.byteLength - at);
  return result;
}

/** Each step copies all that is there already. */
function repeat(value: Uint8Array, into: Uint8Array): void {
  into.set(value.subarray(0, into.byteLength));
  for (let done = value.byteLength; done < into.byteLength; done *= 2) {
    into.copyWithin(done, 0, Math.min(done, into.byteLength - done));
  }
}
