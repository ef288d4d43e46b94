/**
 * What a group of floats looks like: the smallest, the largest, the mean magnitude; and what a grid would make of it.
 *
 * Sums run in four lanes (element i in lane i mod 4) and what is left over behind the last four in a fifth, with SIMD or without, because
 * the order of additions decides about the last bits, and both builds must write the same bytes.
 */
import { MAGIC } from './quantise';

export let low: f32 = 0;
export let high: f32 = 0;
/** Bits of the largest magnitude; 0x7f800000 and above when there is an infinity or a NaN. */
export let largest: u32 = 0;

/** Sets low, high and largest; n > 0. */
export function range(src: usize, n: usize): void {
  let lo = load<f32>(src);
  let hi = lo;
  let bits: u32 = reinterpret<u32>(lo) & 0x7fffffff;
  let i: usize = 0;
  if (ASC_FEATURE_SIMD) {
    if (n >= 4) {
      let a = v128.load(src);
      let b = a;
      const absolute = i32x4.splat(0x7fffffff);
      let c = v128.and(a, absolute);
      // The last four overlap with those before: a smallest stays the smallest.
      for (i = 4; i < n; i += 4) {
        const x = v128.load(src + min(i, n - 4) * 4);
        a = f32x4.pmin(a, x);
        b = f32x4.pmax(b, x);
        c = i32x4.max_u(c, v128.and(x, absolute));
      }
      lo = f32x4.extract_lane(a, 0);
      hi = f32x4.extract_lane(b, 0);
      for (let lane = 0; lane < 4; lane++) {
        const x = f32x4.extract_lane(a, 0);
        const y = f32x4.extract_lane(b, 0);
        if (x < lo) lo = x;
        if (y > hi) hi = y;
        bits = max<u32>(bits, i32x4.extract_lane(c, 0));
        a = i32x4.shuffle(a, a, 1, 2, 3, 0);
        b = i32x4.shuffle(b, b, 1, 2, 3, 0);
        c = i32x4.shuffle(c, c, 1, 2, 3, 0);
      }
      i = n;
    }
  }
  for (; i < n; i++) {
    const x = load<f32>(src + i * 4);
    if (x < lo) lo = x;
    if (x > hi) hi = x;
    bits = max(bits, reinterpret<u32>(x) & 0x7fffffff);
  }
  low = lo;
  high = hi;
  largest = bits;
}

/** Mean of the magnitudes. */
export function meanMagnitude(src: usize, n: usize): f64 {
  const whole = n & ~3;
  let rest: f32 = 0;
  let sum: f32 = 0;
  if (ASC_FEATURE_SIMD) {
    let lanes = f32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 4) lanes = f32x4.add(lanes, f32x4.abs(v128.load(src + i * 4)));
    sum = sumOfLanes(lanes);
  } else {
    let a: f32 = 0;
    let b: f32 = 0;
    let c: f32 = 0;
    let d: f32 = 0;
    for (let i: usize = 0; i < whole; i += 4) {
      a += abs(load<f32>(src + i * 4));
      b += abs(load<f32>(src + i * 4, 4));
      c += abs(load<f32>(src + i * 4, 8));
      d += abs(load<f32>(src + i * 4, 12));
    }
    sum = a + b + (c + d);
  }
  for (let i = whole; i < n; i++) rest += abs(load<f32>(src + i * 4));
  return f64(sum + rest) / f64(n);
}

/** Sum of (x - r × scale)², r the nearest integer to x × inverse that is in [floor, floor + steps]; in units of scale². */
export function squaredError(src: usize, n: usize, inverse: f32, floor: f32, ceiling: f32): f32 {
  const whole = n & ~3;
  let rest: f32 = 0;
  let sum: f32 = 0;
  if (ASC_FEATURE_SIMD) {
    const inverses = f32x4.splat(inverse);
    const floors = f32x4.splat(floor);
    const ceilings = f32x4.splat(ceiling);
    const magic = f32x4.splat(MAGIC);
    let lanes = f32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 4) {
      const x = f32x4.mul(v128.load(src + i * 4), inverses);
      const r = f32x4.sub(f32x4.add(f32x4.pmax(floors, f32x4.pmin(ceilings, x)), magic), magic);
      const error = f32x4.sub(x, r);
      lanes = f32x4.add(lanes, f32x4.mul(error, error));
    }
    sum = sumOfLanes(lanes);
  } else {
    let a: f32 = 0;
    let b: f32 = 0;
    let c: f32 = 0;
    let d: f32 = 0;
    for (let i: usize = 0; i < whole; i += 4) {
      a += squared(load<f32>(src + i * 4), inverse, floor, ceiling);
      b += squared(load<f32>(src + i * 4, 4), inverse, floor, ceiling);
      c += squared(load<f32>(src + i * 4, 8), inverse, floor, ceiling);
      d += squared(load<f32>(src + i * 4, 12), inverse, floor, ceiling);
    }
    sum = a + b + (c + d);
  }
  for (let i = whole; i < n; i++) rest += squared(load<f32>(src + i * 4), inverse, floor, ceiling);
  return sum + rest;
}

// @ts-ignore: decorator
@inline
function squared(value: f32, inverse: f32, floor: f32, ceiling: f32): f32 {
  const x = value * inverse;
  const kept = x < ceiling ? x : ceiling;
  const error = x - ((kept > floor ? kept : floor) + MAGIC - MAGIC);
  return error * error;
}

// @ts-ignore: decorator
@inline
function sumOfLanes(lanes: v128): f32 {
  const ab = f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1);
  return ab + (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3));
}

/** Sum of the squared ranges of the columns of a matrix; scratch has 8 bytes for each column. Elements of a last, shorter row are left out. */
export function columnSpread(src: usize, rows: usize, columns: usize, scratch: usize): f64 {
  const lows = scratch;
  const highs = scratch + columns * 4;
  memory.copy(lows, src, columns * 4);
  memory.copy(highs, src, columns * 4);
  for (let row: usize = 1; row < rows; row++) {
    const at = src + row * columns * 4;
    let column: usize = 0;
    if (ASC_FEATURE_SIMD) {
      for (; column + 4 <= columns; column += 4) {
        const x = v128.load(at + column * 4);
        v128.store(lows + column * 4, f32x4.pmin(v128.load(lows + column * 4), x));
        v128.store(highs + column * 4, f32x4.pmax(v128.load(highs + column * 4), x));
      }
    }
    for (; column < columns; column++) {
      const x = load<f32>(at + column * 4);
      if (x < load<f32>(lows + column * 4)) store<f32>(lows + column * 4, x);
      if (x > load<f32>(highs + column * 4)) store<f32>(highs + column * 4, x);
    }
  }
  let sum: f64 = 0;
  for (let column: usize = 0; column < columns; column++) {
    const spread = f64(load<f32>(highs + column * 4)) - f64(load<f32>(lows + column * 4));
    sum += spread * spread;
  }
  return sum;
}

/** Sum of the squared ranges of the rows, or of runs of that many elements. */
export function rowSpread(src: usize, rows: usize, columns: usize): f64 {
  let sum: f64 = 0;
  for (let row: usize = 0; row < rows; row++) {
    range(src + row * columns * 4, columns);
    const spread = f64(high) - f64(low);
    sum += spread * spread;
  }
  return sum;
}
