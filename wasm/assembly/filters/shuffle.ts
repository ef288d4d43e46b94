/**
 * Blosc's shuffle: the bytes of n elements are regrouped by their place in the element.
 *
 *     a0 a1 a2 a3  b0 b1 b2 b3  …  ──shuffle──▶  a0 b0 …  a1 b1 …  a2 b2 …  a3 b3 …        4 planes of n bytes
 *
 * n is length / typesize rounded down; the length % typesize bytes behind the last element stay where they are. Sources and destinations
 * may not overlap.
 */
import { gather, scatter } from './eight-bytes';
import { high16, high32, high8, low16, low32, low8 } from './interleave';
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
      store<u64>(dst + j * n + i, gather(src + i * t + j, t));
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
      scatter(load<u64>(src + j * n + i), dst + i * t + j, t);
    }
  }
  for (; i < n; i++) {
    for (let j: usize = 0; j < t; j++) store<u8>(dst + i * t + j, load<u8>(src + j * n + i));
  }
}

function shuffle2(n: usize, src: usize, dst: usize): usize {
  const whole = n & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    const a = v128.load(src + 2 * i);
    const b = v128.load(src + 2 * i, 16);
    v128.store(dst + i, v128.shuffle<u8>(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30));
    v128.store(dst + n + i, v128.shuffle<u8>(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31));
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

/**
 * Sixteen elements are four vectors. Interleaving the first half of the vectors with the second moves the upper bit of a byte's vector number to
 * the lower end of its place: four times that, and the number of the element has changed places with the number of the byte in it. (Vectors
 * regrouped with a mask would need fewer steps, but engines build the mask anew each time.)
 */
function shuffle4(n: usize, src: usize, dst: usize): usize {
  const whole = n & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    let a = v128.load(src + 4 * i);
    let b = v128.load(src + 4 * i, 16);
    let c = v128.load(src + 4 * i, 32);
    let d = v128.load(src + 4 * i, 48);
    let e = low8(a, c);
    let f = high8(a, c);
    let g = low8(b, d);
    let h = high8(b, d);
    a = low8(e, g);
    b = high8(e, g);
    c = low8(f, h);
    d = high8(f, h);
    e = low8(a, c);
    f = high8(a, c);
    g = low8(b, d);
    h = high8(b, d);
    v128.store(dst + i, low8(e, g));
    v128.store(dst + n + i, high8(e, g));
    v128.store(dst + 2 * n + i, low8(f, h));
    v128.store(dst + 3 * n + i, high8(f, h));
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

/** As shuffle4, with eight vectors. */
function shuffle8(n: usize, src: usize, dst: usize): usize {
  const whole = n & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    const p = src + 8 * i;
    let a = v128.load(p);
    let b = v128.load(p, 16);
    let c = v128.load(p, 32);
    let d = v128.load(p, 48);
    let e = v128.load(p, 64);
    let f = v128.load(p, 80);
    let g = v128.load(p, 96);
    let h = v128.load(p, 112);
    for (let round = 0; round < 3; round++) {
      const ae = low8(a, e);
      const AE = high8(a, e);
      const bf = low8(b, f);
      const BF = high8(b, f);
      const cg = low8(c, g);
      const CG = high8(c, g);
      const dh = low8(d, h);
      const DH = high8(d, h);
      a = ae;
      b = AE;
      c = bf;
      d = BF;
      e = cg;
      f = CG;
      g = dh;
      h = DH;
    }
    let q = dst + i;
    v128.store(q, low8(a, e));
    v128.store((q += n), high8(a, e));
    v128.store((q += n), low8(b, f));
    v128.store((q += n), high8(b, f));
    v128.store((q += n), low8(c, g));
    v128.store((q += n), high8(c, g));
    v128.store((q += n), low8(d, h));
    v128.store(q + n, high8(d, h));
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
    storeElements(q, low8(a, b), low8(c, d), low8(e, f), low8(g, h));
    storeElements(q + 64, high8(a, b), high8(c, d), high8(e, f), high8(g, h));
  }
  return whole;
}

/** Eight elements of eight bytes, of vectors with two bytes of each: the first two, the next two and so on. */
// @ts-ignore: decorator
@inline
function storeElements(q: usize, ab: v128, cd: v128, ef: v128, gh: v128): void {
  v128.store(q, low32(low16(ab, cd), low16(ef, gh)));
  v128.store(q, high32(low16(ab, cd), low16(ef, gh)), 16);
  v128.store(q, low32(high16(ab, cd), high16(ef, gh)), 32);
  v128.store(q, high32(high16(ab, cd), high16(ef, gh)), 48);
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
