/**
 * Hostile bytes: valid ones with a few changes where formats have their lengths and offsets, or nothing but noise behind a plausible start.
 */
import type { Random } from '../../../mesh/random.ts';

const interesting = [0, 1, -1, 2, 4, 15, 16, 31, 32, 33, 64, 127, 128, 255, 256, 65_535, 65_536, 0x7fff_ffff, -0x8000_0000];

/** A changed copy of one of the seeds. Most changes are in the first `headBytes`. */
export function mutated(seeds: readonly Uint8Array[], headBytes: number, random: Random): Uint8Array {
  let bytes = Uint8Array.from(seeds[random.below(seeds.length)]!);
  for (let changes = 1 + random.below(4); changes > 0; changes -= 1) bytes = changed(bytes, seeds, headBytes, random);
  return bytes;
}

function changed(bytes: Uint8Array<ArrayBuffer>, seeds: readonly Uint8Array[], headBytes: number, random: Random): Uint8Array<ArrayBuffer> {
  if (bytes.length === 0) return noise(random.below(40), random);
  const at = random.below(random.below(2) === 0 ? Math.min(headBytes, bytes.length) : bytes.length);
  const kind = random.below(16);
  if (kind < 4) bytes[at] = random.below(256);
  else if (kind < 7) bytes[at]! ^= 1 << random.below(8);
  else if (kind < 9) bytes[at]! += random.below(2) === 0 ? 1 : -1;
  else if (kind < 12 && at + 4 <= bytes.length) changeNumber(new DataView(bytes.buffer), at & ~3, random);
  else if (kind === 12) return bytes.slice(0, at);
  else if (kind === 13) return joined(bytes.subarray(0, at), noise(1 + random.below(8), random), bytes.subarray(at));
  else if (kind === 14) return joined(bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + random.below(8))));
  else {
    const other = seeds[random.below(seeds.length)]!;
    return joined(bytes.subarray(0, at), other.subarray(Math.min(at, other.length)));
  }
  return bytes;
}

/** A little-endian int32: another interesting one, or the same a bit larger or smaller. */
function changeNumber(view: DataView, at: number, random: Random): void {
  const now = view.getInt32(at, true);
  view.setInt32(at, random.below(2) === 0 ? interesting[random.below(interesting.length)]! : now + random.below(9) - 4, true);
}

export function noise(length: number, random: Random): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = random.bits();
  return bytes;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts));
}
