/**
 * What happens to a block before its codec, and is undone after it. A block of n elements of t bytes, here n = 4, t = 2:
 *
 *     shuffle      a0 a1 b0 b1 c0 c1 d0 d1  →  a0 b0 c0 d0 a1 b1 c1 d1       byte i of all elements together
 *     bitshuffle   the same with bits; elements in multiples of 8, the others stay as they are
 *     delta        XOR with the element before (first block), XOR with the first block (all others)
 *     truncate     zeros the low bits of the mantissa; nothing to undo
 *
 * Each returns a new block. Bytes behind the last whole element stay as they are.
 */
import { ChunkFailure } from './failure.ts';

export function shuffle(block: Uint8Array, typesize: number): Uint8Array {
  return transpose(block, typesize, (element, byte, elements) => [element * typesize + byte, byte * elements + element]);
}

export function unshuffle(block: Uint8Array, typesize: number): Uint8Array {
  return transpose(block, typesize, (element, byte, elements) => [byte * elements + element, element * typesize + byte]);
}

function transpose(block: Uint8Array, typesize: number, move: (element: number, byte: number, elements: number) => [number, number]) {
  const elements = Math.floor(block.length / typesize);
  const result = block.slice();
  for (let element = 0; element < elements; element += 1) {
    for (let byte = 0; byte < typesize; byte += 1) {
      const [from, to] = move(element, byte, elements);
      result[to] = block[from]!;
    }
  }
  return result;
}

export function bitshuffle(block: Uint8Array, typesize: number): Uint8Array {
  return transposeBits(block, typesize, (inElement, inPlane) => [inElement, inPlane]);
}

export function bitunshuffle(block: Uint8Array, typesize: number): Uint8Array {
  return transposeBits(block, typesize, (inElement, inPlane) => [inPlane, inElement]);
}

/** Format 2 (Blosc1) leaves a block alone whose number of elements is no multiple of 8. */
export function isBitshuffled(block: Uint8Array, typesize: number, version: number): boolean {
  return version !== 2 || Math.floor(block.length / typesize) % 8 === 0;
}

/** Bits are numbered from the lowest of a byte on. Plane p holds bit p of all elements. */
function transposeBits(block: Uint8Array, typesize: number, move: (inElement: number, inPlane: number) => [number, number]): Uint8Array {
  const all = Math.floor(block.length / typesize);
  const elements = all - (all % 8);
  const bits = typesize * 8;
  const result = block.slice();
  result.fill(0, 0, elements * typesize);
  for (let element = 0; element < elements; element += 1) {
    for (let bit = 0; bit < bits; bit += 1) {
      const [from, to] = move(element * bits + bit, bit * elements + element);
      if ((block[from >> 3]! >> (from & 7)) & 1) result[to >> 3]! |= 1 << (to & 7);
    }
  }
  return result;
}

/** Elements of delta: 2, 4 or 8 bytes, 8 for multiples of 8, single bytes for everything else. */
function deltaWidth(typesize: number): number {
  if (typesize === 2 || typesize === 4) return typesize;
  return typesize % 8 === 0 ? 8 : 1;
}

function deltaBytes(length: number, typesize: number): { width: number; end: number } {
  const width = deltaWidth(typesize);
  return { width, end: length - (length % width) };
}

/** The first block of a chunk: each element against the one before. */
export function deltaWithin(block: Uint8Array, typesize: number): Uint8Array {
  const { width, end } = deltaBytes(block.length, typesize);
  const result = block.slice();
  for (let at = width; at < end; at += 1) result[at] = block[at]! ^ block[at - width]!;
  return result;
}

export function undeltaWithin(block: Uint8Array, typesize: number): Uint8Array {
  const { width, end } = deltaBytes(block.length, typesize);
  const result = block.slice();
  for (let at = width; at < end; at += 1) result[at] = block[at]! ^ result[at - width]!;
  return result;
}

/** The other blocks, against the decoded first block; undoes itself. */
export function deltaAgainst(first: Uint8Array, block: Uint8Array, typesize: number): Uint8Array {
  const { end } = deltaBytes(block.length, typesize);
  return block.map((byte, at) => (at < end ? byte ^ first[at]! : byte));
}

/** Keeps `precision` bits of the mantissa, or drops -precision bits. For float32 and float64. */
export function truncate(block: Uint8Array, typesize: number, precision: number): Uint8Array {
  if (typesize !== 4 && typesize !== 8) throw new ChunkFailure('unsupported', `truncation of elements of ${typesize} bytes`);
  const mantissa = typesize === 4 ? 23 : 52;
  const zeroed = precision >= 0 ? mantissa - precision : -precision;
  if (zeroed < 0 || zeroed >= mantissa) throw new ChunkFailure('unsupported', `truncation to ${precision} bits`);
  const mask = ~((1n << BigInt(zeroed)) - 1n);
  return block.map((byte, at) => {
    const inElement = at % typesize;
    if (at - inElement + typesize > block.length) return byte;
    return byte & Number((mask >> BigInt(8 * inElement)) & 0xffn);
  });
}
