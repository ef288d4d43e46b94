/**
 * Blosc's shuffle: the bytes of n elements are regrouped by their place in the element.
 *
 *     a0 a1 a2 a3  b0 b1 b2 b3  …  ──shuffle──▶  a0 b0 …  a1 b1 …  a2 b2 …  a3 b3 …        4 planes of n bytes
 *
 * n is length / typesize rounded down; the length % typesize bytes behind the last element stay where they are. Sources and destinations
 * may not overlap.
 */
import { high16, high32, high64, high8, low16, low32, low64, low8 } from './interleave';
import { transpose16 } from './transpose';

/** Shuffles `length` bytes at src to dst. `typesize` is 1 to 255. */
export function shuffle(typesize: usize, length: usize, src: usize, dst: usize): void {
  const n = length / typesize;
  let done: usize = 0;
  if (ASC_FEATURE_SIMD) {
    if (typesize == 4) done = shuffle4(n, src, dst);
    else if (typesize == 2) done = shuffle2(n, src, dst);
    else if (typesize == 8) done = shuffle8(n, src, dst);
    else if (typesize >= 16) done = shuffleWide(typesize, n, src, dst);
    else if (typesize > 2) done = shuffleNarrow(typesize, n, length, src, dst);
  }
  shuffleFrom(done, typesize, n, src, dst);
  memory.copy(dst + n * typesize, src + n * typesize, length - n * typesize);
}

/** Undoes shuffle(). */
export function unshuffle(typesize: usize, length: usize, src: usize, dst: usize): void {
  const n = length / typesize;
  let done: usize = 0;
  if (ASC_FEATURE_SIMD) {
    if (typesize == 4) done = unshuffle4(n, src, dst);
    else if (typesize == 2) done = unshuffle2(n, src, dst);
    else if (typesize == 8) done = unshuffle8(n, src, dst);
    else if (typesize >= 16) done = unshuffleWide(typesize, n, src, dst);
    else if (typesize > 2) done = unshuffleNarrow(typesize, n, length, src, dst);
  }
  unshuffleFrom(done, typesize, n, src, dst);
  memory.copy(dst + n * typesize, src + n * typesize, length - n * typesize);
}

/** Elements `first` to n without SIMD: eight elements a step, so that a plane is written in words. */
function shuffleFrom(first: usize, typesize: usize, n: usize, src: usize, dst: usize): void {
  if (typesize == 1) {
    memory.copy(dst + first, src + first, n - first);
    return;
  }
  const t = typesize;
  let i = first;
  for (; i + 8 <= n; i += 8) {
    for (let j: usize = 0; j < t; j++) {
      let p = src + i * t + j;
      let word = <u64>load<u8>(p);
      word |= (<u64>load<u8>((p += t))) << 8;
      word |= (<u64>load<u8>((p += t))) << 16;
      word |= (<u64>load<u8>((p += t))) << 24;
      word |= (<u64>load<u8>((p += t))) << 32;
      word |= (<u64>load<u8>((p += t))) << 40;
      word |= (<u64>load<u8>((p += t))) << 48;
      word |= (<u64>load<u8>(p + t)) << 56;
      store<u64>(dst + j * n + i, word);
    }
  }
  for (; i < n; i++) {
    for (let j: usize = 0; j < t; j++) store<u8>(dst + j * n + i, load<u8>(src + i * t + j));
  }
}

function unshuffleFrom(first: usize, typesize: usize, n: usize, src: usize, dst: usize): void {
  if (typesize == 1) {
    memory.copy(dst + first, src + first, n - first);
    return;
  }
  const t = typesize;
  let i = first;
  for (; i + 8 <= n; i += 8) {
    for (let j: usize = 0; j < t; j++) {
      const word = load<u64>(src + j * n + i);
      let p = dst + i * t + j;
      store<u8>(p, <u8>word);
      store<u8>((p += t), <u8>(word >> 8));
      store<u8>((p += t), <u8>(word >> 16));
      store<u8>((p += t), <u8>(word >> 24));
      store<u8>((p += t), <u8>(word >> 32));
      store<u8>((p += t), <u8>(word >> 40));
      store<u8>((p += t), <u8>(word >> 48));
      store<u8>(p + t, <u8>(word >> 56));
    }
  }
  for (; i < n; i++) {
    for (let j: usize = 0; j < t; j++) store<u8>(dst + i * t + j, load<u8>(src + j * n + i));
  }
}

/** Even bytes to the lower half, odd ones to the upper. */
// @ts-ignore: decorator
@inline
function part2(a: v128): v128 {
  return v128.shuffle<u8>(a, a, 0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
}
/** The 4 x 4 byte matrix transposed: byte j of each of four elements to quarter j; its own inverse. */
// @ts-ignore: decorator
@inline
function part4(a: v128): v128 {
  return v128.shuffle<u8>(a, a, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
}
/** Two elements of eight bytes, interleaved. */
// @ts-ignore: decorator
@inline
function part8(a: v128): v128 {
  return v128.shuffle<u8>(a, a, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
}

function shuffle2(n: usize, src: usize, dst: usize): usize {
  const whole = n & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    const a = part2(v128.load(src + 2 * i));
    const b = part2(v128.load(src + 2 * i, 16));
    v128.store(dst + i, low64(a, b));
    v128.store(dst + n + i, high64(a, b));
  }
  return whole;
}

function unshuffle2(n: usize, src: usize, dst: usize): usize {
  const whole = n & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    const a = v128.load(src + i);
    const b = v128.load(src + n + i);
    v128.store(dst + 2 * i, low8(a, b));
    v128.store(dst + 2 * i, high8(a, b), 16);
  }
  return whole;
}

function shuffle4(n: usize, src: usize, dst: usize): usize {
  const whole = n & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    const a = part4(v128.load(src + 4 * i));
    const b = part4(v128.load(src + 4 * i, 16));
    const c = part4(v128.load(src + 4 * i, 32));
    const d = part4(v128.load(src + 4 * i, 48));
    const ab = low32(a, b);
    const cd = low32(c, d);
    const AB = high32(a, b);
    const CD = high32(c, d);
    v128.store(dst + i, low64(ab, cd));
    v128.store(dst + n + i, high64(ab, cd));
    v128.store(dst + 2 * n + i, low64(AB, CD));
    v128.store(dst + 3 * n + i, high64(AB, CD));
  }
  return whole;
}

function unshuffle4(n: usize, src: usize, dst: usize): usize {
  const whole = n & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    const a = v128.load(src + i);
    const b = v128.load(src + n + i);
    const c = v128.load(src + 2 * n + i);
    const d = v128.load(src + 3 * n + i);
    const ab = low8(a, b);
    const cd = low8(c, d);
    const AB = high8(a, b);
    const CD = high8(c, d);
    v128.store(dst + 4 * i, low16(ab, cd));
    v128.store(dst + 4 * i, high16(ab, cd), 16);
    v128.store(dst + 4 * i, low16(AB, CD), 32);
    v128.store(dst + 4 * i, high16(AB, CD), 48);
  }
  return whole;
}

function shuffle8(n: usize, src: usize, dst: usize): usize {
  const whole = n & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    const p = src + 8 * i;
    const a = part8(v128.load(p));
    const b = part8(v128.load(p, 16));
    const c = part8(v128.load(p, 32));
    const d = part8(v128.load(p, 48));
    const e = part8(v128.load(p, 64));
    const f = part8(v128.load(p, 80));
    const g = part8(v128.load(p, 96));
    const h = part8(v128.load(p, 112));
    let q = dst + i;
    let ab = low16(a, b);
    let cd = low16(c, d);
    let ef = low16(e, f);
    let gh = low16(g, h);
    v128.store(q, low64(low32(ab, cd), low32(ef, gh)));
    v128.store((q += n), high64(low32(ab, cd), low32(ef, gh)));
    v128.store((q += n), low64(high32(ab, cd), high32(ef, gh)));
    v128.store((q += n), high64(high32(ab, cd), high32(ef, gh)));
    ab = high16(a, b);
    cd = high16(c, d);
    ef = high16(e, f);
    gh = high16(g, h);
    v128.store((q += n), low64(low32(ab, cd), low32(ef, gh)));
    v128.store((q += n), high64(low32(ab, cd), low32(ef, gh)));
    v128.store((q += n), low64(high32(ab, cd), high32(ef, gh)));
    v128.store((q += n), high64(high32(ab, cd), high32(ef, gh)));
  }
  return whole;
}

function unshuffle8(n: usize, src: usize, dst: usize): usize {
  const whole = n & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    let p = src + i;
    const a = v128.load(p);
    const b = v128.load((p += n));
    const c = v128.load((p += n));
    const d = v128.load((p += n));
    const e = v128.load((p += n));
    const f = v128.load((p += n));
    const g = v128.load((p += n));
    const h = v128.load(p + n);
    const q = dst + 8 * i;
    let ab = low8(a, b);
    let cd = low8(c, d);
    let ef = low8(e, f);
    let gh = low8(g, h);
    v128.store(q, low32(low16(ab, cd), low16(ef, gh)));
    v128.store(q, high32(low16(ab, cd), low16(ef, gh)), 16);
    v128.store(q, low32(high16(ab, cd), high16(ef, gh)), 32);
    v128.store(q, high32(high16(ab, cd), high16(ef, gh)), 48);
    ab = high8(a, b);
    cd = high8(c, d);
    ef = high8(e, f);
    gh = high8(g, h);
    v128.store(q, low32(low16(ab, cd), low16(ef, gh)), 64);
    v128.store(q, high32(low16(ab, cd), low16(ef, gh)), 80);
    v128.store(q, low32(high16(ab, cd), high16(ef, gh)), 96);
    v128.store(q, high32(high16(ab, cd), high16(ef, gh)), 112);
  }
  return whole;
}

/** Sixteen bytes of sixteen elements a step; where the last sixteen bytes of an element overlap others, they are done twice. */
function shuffleWide(typesize: usize, n: usize, src: usize, dst: usize): usize {
  const whole = n & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    for (let j: usize = 0; j < typesize; j += 16) {
      const column = j + 16 <= typesize ? j : typesize - 16;
      transpose16(src + i * typesize + column, typesize, dst + column * n + i, n);
    }
  }
  return whole;
}

function unshuffleWide(typesize: usize, n: usize, src: usize, dst: usize): usize {
  const whole = n & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    for (let j: usize = 0; j < typesize; j += 16) {
      const column = j + 16 <= typesize ? j : typesize - 16;
      transpose16(src + column * n + i, n, dst + i * typesize + column, typesize);
    }
  }
  return whole;
}

/** Two matrices on their way in and out. */
const tile: usize = memory.data(256, 16);
const turned: usize = memory.data(256, 16);

/** Elements shorter than a row of the matrix: the rows run into the next element, and only the planes that exist are kept. */
function shuffleNarrow(typesize: usize, n: usize, length: usize, src: usize, dst: usize): usize {
  let i: usize = 0;
  for (; i + 16 <= n && (i + 15) * typesize + 16 <= length; i += 16) {
    transpose16(src + i * typesize, typesize, tile, 16);
    for (let j: usize = 0; j < typesize; j++) v128.store(dst + j * n + i, v128.load(tile + 16 * j));
  }
  return i;
}

function unshuffleNarrow(typesize: usize, n: usize, length: usize, src: usize, dst: usize): usize {
  let i: usize = 0;
  for (; i + 16 <= n && (i + 15) * typesize + 16 <= length; i += 16) {
    for (let j: usize = 0; j < typesize; j++) v128.store(tile + 16 * j, v128.load(src + j * n + i));
    transpose16(tile, 16, turned, 16);
    // In order: what a row leaves behind its element is overwritten by the next one, or by the bytes after the last.
    for (let e: usize = 0; e < 16; e++) v128.store(dst + (i + e) * typesize, v128.load(turned + 16 * e));
  }
  return i;
}
