/**
 * Zstandard frames (RFC 8878) without compressed blocks, written by hand, so that vectors don't depend on a version of zstd. One segment, content
 * size in one byte.
 */

/** Blocks of one repeated byte where the bytes end in at least four equal ones, stored otherwise. */
export function rawFrame(bytes: Uint8Array): Uint8Array {
  const last = bytes.at(-1);
  let stored = bytes.length;
  while (stored > 0 && bytes[stored - 1] === last) stored -= 1;
  if (bytes.length - stored < 4) return frame(bytes.length, [block(0, bytes.length, bytes, true)]);
  const run = block(1, bytes.length - stored, Uint8Array.of(last!), true);
  return frame(bytes.length, stored === 0 ? [run] : [block(0, stored, bytes.subarray(0, stored), false), run]);
}

export function frame(
  contentSize: number,
  blocks: readonly Uint8Array[],
  descriptor = 0x20,
  dictionary: readonly number[] = [],
): Uint8Array {
  return Uint8Array.from(Buffer.concat([Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, descriptor, ...dictionary, contentSize), ...blocks]));
}

/** Types: 0 stored, 1 one byte repeated. */
export function block(type: number, size: number, content: Uint8Array, last: boolean): Uint8Array {
  const head = Number(last) | (type << 1) | (size << 3);
  return Uint8Array.of(head & 255, (head >> 8) & 255, head >> 16, ...content);
}
