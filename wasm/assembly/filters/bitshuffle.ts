/**
 * Blosc's bitshuffle: the bits of n elements are regrouped by their place in the element.
 *
 *     element i, byte j, bit k   ──bitshuffle──▶   row 8 j + k (of n / 8 bytes), bit i
 *
 * n is the number of whole elements, rounded down to a multiple of 8; all bytes behind those elements stay where they are. With SIMD, 128
 * elements a step: they are 16 rows of 8 * typesize bytes; transposed as bytes, vector 8 e + j (as it were) holds byte j of the elements e,
 * e + 8, e + 16, …; for each j, the eight vectors of the eight e are then transposed as bits (Warren, Hacker's Delight, 7-3), and are
 * 16 bytes of the eight bit rows of byte j.
 */
import { gather, scatter } from './eight-bytes';
import { transpose16 } from './transpose';

/** Bitshuffles `length` bytes at src to dst, which may not overlap. `typesize` is 1 to 255. */
export function bitshuffle(typesize: usize, length: usize, src: usize, dst: usize): void {
  const n = (length / typesize) & ~7;
  const row = n >> 3;
  let done: usize = 0;
  if (ASC_FEATURE_SIMD) {
    done = row & ~15;
    for (let q: usize = 0; q < done; q += 64) {
      forward128(done - q < 64 ? (done - q) >> 4 : 4, typesize, row, src + q * 8 * typesize, dst + q);
    }
  }
  for (let q = done; q < row; q++) {
    for (let j: usize = 0; j < typesize; j++) {
      scatter(transpose8(gather(src + q * 8 * typesize + j, typesize)), dst + j * 8 * row + q, row);
    }
  }
  memory.copy(dst + n * typesize, src + n * typesize, length - n * typesize);
}

/** Undoes bitshuffle(). */
export function unbitshuffle(typesize: usize, length: usize, src: usize, dst: usize): void {
  const n = (length / typesize) & ~7;
  const row = n >> 3;
  let done: usize = 0;
  if (ASC_FEATURE_SIMD) {
    done = row & ~15;
    for (let q: usize = 0; q < done; q += 64) {
      backward128(done - q < 64 ? (done - q) >> 4 : 4, typesize, row, src + q, dst + q * 8 * typesize);
    }
  }
  for (let q = done; q < row; q++) {
    for (let j: usize = 0; j < typesize; j++) {
      scatter(transpose8(gather(src + j * 8 * row + q, row)), dst + q * 8 * typesize + j, typesize);
    }
  }
  memory.copy(dst + n * typesize, src + n * typesize, length - n * typesize);
}

/** The 8 x 8 bit matrix whose rows are the bytes of `x`, transposed. */
// @ts-ignore: decorator
@inline
function transpose8(x: u64): u64 {
  let t = (x ^ (x >> 7)) & 0x00aa00aa00aa00aa;
  x ^= t ^ (t << 7);
  t = (x ^ (x >> 14)) & 0x0000cccc0000cccc;
  x ^= t ^ (t << 14);
  t = (x ^ (x >> 28)) & 0x00000000f0f0f0f0;
  return x ^ t ^ (t << 28);
}

/** Vectors between the two transpositions, of each of four groups: at most 8 elements x 16 bytes of them. */
const GROUP: usize = 8 * 16 * 16;
const vectors: usize = memory.data(4 * 8 * 16 * 16, 16);
/** Rows of a matrix of which only eight columns are used. */
const half: usize = memory.data(256, 16);

/**
 * `groups` times 128 elements. Each byte's eight bit rows are written for all groups before those of the next byte: rows are often a power
 * of two apart, and would push each other out of the cache if more of them were begun at a time.
 */
function forward128(groups: usize, typesize: usize, row: usize, src: usize, dst: usize): void {
  const width = typesize * 8;
  if (typesize < 16) {
    for (let g: usize = 0; g < groups; g++) {
      const from = src + g * 16 * width;
      const to = vectors + g * GROUP;
      if (typesize == 1) {
        for (let q: usize = 0; q < 16; q++) store<u64>(half + 16 * q, load<u64>(from + 8 * q));
        transpose16(half, 16, to, 16);
      } else {
        for (let c: usize = 0; c < width; c += 16) {
          const column = c + 16 <= width ? c : width - 16;
          transpose16(from + column, width, to + 16 * column, 16);
        }
      }
    }
    for (let j: usize = 0; j < typesize; j++) {
      for (let g: usize = 0; g < groups; g++) {
        transposeBits(vectors + g * GROUP + 16 * j, 16 * typesize, dst + j * 8 * row + 16 * g, row);
      }
    }
    return;
  }
  for (let j: usize = 0; j < typesize; j += 16) {
    const column = j + 16 <= typesize ? j : typesize - 16;
    for (let g: usize = 0; g < groups; g++) {
      for (let e: usize = 0; e < 8; e++) {
        transpose16(src + g * 16 * width + e * typesize + column, width, vectors + g * GROUP + 256 * e, 16);
      }
    }
    for (let b: usize = 0; b < 16; b++) {
      for (let g: usize = 0; g < groups; g++) {
        transposeBits(vectors + g * GROUP + 16 * b, 256, dst + (column + b) * 8 * row + 16 * g, row);
      }
    }
  }
}

function backward128(groups: usize, typesize: usize, row: usize, src: usize, dst: usize): void {
  const width = typesize * 8;
  if (typesize < 16) {
    for (let j: usize = 0; j < typesize; j++) {
      for (let g: usize = 0; g < groups; g++) {
        transposeBits(src + j * 8 * row + 16 * g, row, vectors + g * GROUP + 16 * j, 16 * typesize);
      }
    }
    for (let g: usize = 0; g < groups; g++) {
      const from = vectors + g * GROUP;
      const to = dst + g * 16 * width;
      if (typesize == 1) {
        transpose16(from, 16, half, 16);
        for (let q: usize = 0; q < 16; q++) store<u64>(to + 8 * q, load<u64>(half + 16 * q));
      } else {
        for (let c: usize = 0; c < width; c += 16) {
          const column = c + 16 <= width ? c : width - 16;
          transpose16(from + 16 * column, 16, to + column, width);
        }
      }
    }
    return;
  }
  for (let j: usize = 0; j < typesize; j += 16) {
    const column = j + 16 <= typesize ? j : typesize - 16;
    for (let b: usize = 0; b < 16; b++) {
      for (let g: usize = 0; g < groups; g++) {
        transposeBits(src + (column + b) * 8 * row + 16 * g, row, vectors + g * GROUP + 16 * b, 256);
      }
    }
    for (let g: usize = 0; g < groups; g++) {
      for (let e: usize = 0; e < 8; e++) {
        transpose16(vectors + g * GROUP + 256 * e, 16, dst + g * 16 * width + e * typesize + column, width);
      }
    }
  }
}

/** Bits that change places at a distance of 4, 2 and 1. In memory, because engines load a vector faster than they build a constant one. */
const masks: usize = memory.data<u64>([
  0x0f0f0f0f0f0f0f0f, 0x0f0f0f0f0f0f0f0f, 0x3333333333333333, 0x3333333333333333, 0x5555555555555555, 0x5555555555555555,
]);

/** Exchanges the bits of `a` that the mask names, shifted left, with those of `b`: returns what has to be flipped. */
// @ts-ignore: decorator
@inline
function differing(a: v128, b: v128, shift: i32, mask: v128): v128 {
  return v128.and(v128.xor(v128.shr<u64>(a, shift), b), mask);
}

/** Eight vectors, `srcStride` bytes apart; bit k of byte i of vector e becomes bit e of byte i of vector k. Its own inverse. */
function transposeBits(src: usize, srcStride: usize, dst: usize, dstStride: usize): void {
  let a = v128.load(src);
  let b = v128.load((src += srcStride));
  let c = v128.load((src += srcStride));
  let d = v128.load((src += srcStride));
  let e = v128.load((src += srcStride));
  let f = v128.load((src += srcStride));
  let g = v128.load((src += srcStride));
  let h = v128.load(src + srcStride);

  let mask = v128.load(masks);
  let t = differing(a, e, 4, mask);
  e = v128.xor(e, t);
  a = v128.xor(a, v128.shl<u64>(t, 4));
  t = differing(b, f, 4, mask);
  f = v128.xor(f, t);
  b = v128.xor(b, v128.shl<u64>(t, 4));
  t = differing(c, g, 4, mask);
  g = v128.xor(g, t);
  c = v128.xor(c, v128.shl<u64>(t, 4));
  t = differing(d, h, 4, mask);
  h = v128.xor(h, t);
  d = v128.xor(d, v128.shl<u64>(t, 4));

  mask = v128.load(masks, 16);
  t = differing(a, c, 2, mask);
  c = v128.xor(c, t);
  a = v128.xor(a, v128.shl<u64>(t, 2));
  t = differing(b, d, 2, mask);
  d = v128.xor(d, t);
  b = v128.xor(b, v128.shl<u64>(t, 2));
  t = differing(e, g, 2, mask);
  g = v128.xor(g, t);
  e = v128.xor(e, v128.shl<u64>(t, 2));
  t = differing(f, h, 2, mask);
  h = v128.xor(h, t);
  f = v128.xor(f, v128.shl<u64>(t, 2));

  mask = v128.load(masks, 32);
  t = differing(a, b, 1, mask);
  v128.store(dst, v128.xor(a, v128.shl<u64>(t, 1)));
  v128.store((dst += dstStride), v128.xor(b, t));
  t = differing(c, d, 1, mask);
  v128.store((dst += dstStride), v128.xor(c, v128.shl<u64>(t, 1)));
  v128.store((dst += dstStride), v128.xor(d, t));
  t = differing(e, f, 1, mask);
  v128.store((dst += dstStride), v128.xor(e, v128.shl<u64>(t, 1)));
  v128.store((dst += dstStride), v128.xor(f, t));
  t = differing(g, h, 1, mask);
  v128.store((dst += dstStride), v128.xor(g, v128.shl<u64>(t, 1)));
  v128.store(dst + dstStride, v128.xor(h, t));
}
