/** Chunks whose elements are all the same: found when they are written, filled in when they are read. */
import type { Special } from './header.ts';

/** The NaN that chunks of NaNs stand for, as little-endian bytes. */
const nanBytes: Readonly<Record<number, readonly number[]>> = { 4: [0, 0, 0xc0, 0x7f], 8: [0, 0, 0, 0, 0, 0, 0xf8, 0x7f] };

/** What all elements are, and `none` when they differ or the last one is incomplete. Looks no farther than the first difference. */
export function findSpecial(raw: Uint8Array, typesize: number): Special {
  if (raw.byteLength === 0 || raw.byteLength % typesize !== 0) return 'none';
  for (let i = typesize; i < raw.byteLength; i++) if (raw[i] !== raw[i - typesize]) return 'none';
  const value = raw.subarray(0, typesize);
  if (value.every((byte) => byte === 0)) return 'zeros';
  const nan = nanBytes[typesize];
  return nan?.every((byte, i) => value[i] === byte) ? 'nans' : 'value';
}

/** Fills `into` with what the chunk stands for; `value` is what follows its header, and into begins with a whole value. */
export function fillSpecial(special: Special, typesize: number, value: Uint8Array, into: Uint8Array): void {
  if (special === 'nans') repeat(Uint8Array.from(nanBytes[typesize]!), into);
  else if (special === 'value') repeat(value, into);
  else into.fill(0);
}

/** Each step copies all that is there already. */
function repeat(value: Uint8Array, into: Uint8Array): void {
  into.set(value.subarray(0, into.byteLength));
  for (let done = value.byteLength; done < into.byteLength; done *= 2) {
    into.copyWithin(done, 0, Math.min(done, into.byteLength - done));
  }
}
