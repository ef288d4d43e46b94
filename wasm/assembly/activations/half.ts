/**
 * float32 to 16 bits and back, rounding to nearest, ties to even.
 *
 *     float32   s eeeeeeee mmmmmmmmmmmmmmmmmmmmmmm
 *     float16   s    eeeee mmmmmmmmmm               IEEE 754 binary16: subnormals below 2^-14, largest 65504
 *     bfloat16  s eeeeeeee mmmmmmm                  the upper half of a float32
 *
 * Both work on the bits as integers: adding the half of what is dropped, less one, plus the lowest bit that stays, carries where rounding
 * to nearest even rounds up. float16 subnormals are rounded by a float addition of 0.5, whose last place is 2^-24.
 * Processors disagree about how slow subnormal float32 are; none is computed with here, except as such an addend.
 */

/** 2^-14 as float32: the smallest normal float16. */
const HALF_NORMAL_MIN: i32 = 113 << 23;
const ABSOLUTE: i32 = 0x7fffffff;

/**
 * Constants that SIMD loops keep in registers: V8 makes a vector constant anew wherever it is used, which costs more than what is done
 * with it (twice the time of toHalf); what is loaded before the loop it keeps.
 */
const constants: usize = memory.data<i32>([
  ABSOLUTE,
  0xfff - (112 << 23),
  HALF_NORMAL_MIN,
  126 << 23,
  0x8000,
  0x7fff,
  112 << 23,
  (31 << 23) - 1,
  1 << 23,
  1,
  0x3f000000,
]);

// @ts-ignore: decorator
@inline
function keep4(place: usize): v128 {
  return v128.load32_splat(constants + 4 * place);
}

/** The largest magnitude of n floats, as its bits: 0x7f800000 and above when there is an infinity or a NaN. */
export function largestBits(src: usize, n: usize): u32 {
  let largest: u32 = 0;
  let i: usize = 0;
  if (ASC_FEATURE_SIMD) {
    let a = i32x4.splat(0);
    let b = i32x4.splat(0);
    const absolute = i32x4.splat(ABSOLUTE);
    for (; i + 8 <= n; i += 8) {
      a = i32x4.max_u(a, v128.and(v128.load(src + i * 4), absolute));
      b = i32x4.max_u(b, v128.and(v128.load(src + i * 4, 16), absolute));
    }
    a = i32x4.max_u(a, b);
    largest = max(
      max<u32>(i32x4.extract_lane(a, 0), i32x4.extract_lane(a, 1)),
      max<u32>(i32x4.extract_lane(a, 2), i32x4.extract_lane(a, 3)),
    );
  }
  for (; i < n; i++) largest = max(largest, load<u32>(src + i * 4) & ABSOLUTE);
  return largest;
}

/** n floats to float16. The caller has made sure that none is larger than 65504. */
export function toHalf(src: usize, n: usize, dst: usize): void {
  let i: usize = 0;
  if (ASC_FEATURE_SIMD) {
    const absolute = keep4(0);
    const rebias = keep4(1);
    const least = keep4(2);
    const magic = keep4(3);
    const minus = keep4(4);
    const one = keep4(9);
    const half = keep4(10);
    for (; i + 8 <= n; i += 8) {
      const a = toHalf4(v128.load(src + i * 4), absolute, rebias, least, magic, minus, one, half);
      const b = toHalf4(v128.load(src + i * 4, 16), absolute, rebias, least, magic, minus, one, half);
      v128.store(dst + i * 2, i16x8.narrow_i32x4_u(a, b));
    }
  }
  for (; i < n; i++) {
    const bits = load<i32>(src + i * 4);
    const magnitude = bits & ABSOLUTE;
    const normal = (magnitude - (112 << 23) + 0xfff + ((magnitude >> 13) & 1)) >> 13;
    const subnormal = reinterpret<i32>(reinterpret<f32>(magnitude) + 0.5) - (126 << 23);
    store<u16>(dst + i * 2, u16((magnitude < HALF_NORMAL_MIN ? subnormal : normal) | ((bits >>> 16) & 0x8000)));
  }
}

// @ts-ignore: decorator
@inline
function toHalf4(bits: v128, absolute: v128, rebias: v128, least: v128, magic: v128, minus: v128, one: v128, half: v128): v128 {
  const magnitude = v128.and(bits, absolute);
  const even = v128.and(i32x4.shr_u(magnitude, 13), one);
  const normal = i32x4.shr_u(i32x4.add(i32x4.add(magnitude, rebias), even), 13);
  const subnormal = i32x4.sub(f32x4.add(magnitude, half), magic);
  const rounded = v128.bitselect(subnormal, normal, i32x4.gt_s(least, magnitude));
  return v128.or(rounded, v128.and(i32x4.shr_u(bits, 16), minus));
}

/** n float16 to floats: exact. */
export function fromHalf(src: usize, n: usize, dst: usize): void {
  let i: usize = 0;
  if (ASC_FEATURE_SIMD) {
    const least = keep4(2);
    const minus = keep4(4);
    const absolute = keep4(5);
    const bias = keep4(6);
    const top = keep4(7);
    const normal = keep4(8);
    for (; i + 4 <= n; i += 4) {
      const half = v128.load_ext<u16>(src + i * 2);
      const magnitude = i32x4.shl(v128.and(half, absolute), 13);
      const special = v128.and(i32x4.gt_s(magnitude, top), bias);
      const rebiased = i32x4.add(i32x4.add(magnitude, bias), special);
      const subnormal = f32x4.sub(i32x4.add(magnitude, least), least);
      const bits = v128.bitselect(subnormal, rebiased, i32x4.gt_s(normal, magnitude));
      v128.store(dst + i * 4, v128.or(bits, i32x4.shl(v128.and(half, minus), 16)));
    }
  }
  for (; i < n; i++) {
    const half: i32 = load<u16>(src + i * 2);
    const magnitude = (half & 0x7fff) << 13;
    let bits = magnitude + (112 << 23);
    if (magnitude < 1 << 23) bits = reinterpret<i32>(reinterpret<f32>(bits + (1 << 23)) - reinterpret<f32>(HALF_NORMAL_MIN));
    else if (magnitude >= 31 << 23) bits += 112 << 23;
    store<i32>(dst + i * 4, bits | ((half & 0x8000) << 16));
  }
}

/** n floats to bfloat16. The caller has made sure that none is larger than the largest bfloat16. */
export function toBrain(src: usize, n: usize, dst: usize): void {
  let i: usize = 0;
  if (ASC_FEATURE_SIMD) {
    for (; i + 8 <= n; i += 8) {
      const a = toBrain4(v128.load(src + i * 4));
      const b = toBrain4(v128.load(src + i * 4, 16));
      v128.store(dst + i * 2, i16x8.narrow_i32x4_u(a, b));
    }
  }
  for (; i < n; i++) {
    const bits = load<u32>(src + i * 4);
    store<u16>(dst + i * 2, u16((bits + 0x7fff + ((bits >> 16) & 1)) >> 16));
  }
}

// @ts-ignore: decorator
@inline
function toBrain4(bits: v128): v128 {
  const upper = i32x4.shr_u(bits, 16);
  return i32x4.shr_u(i32x4.add(i32x4.add(bits, i32x4.splat(0x7fff)), v128.and(upper, i32x4.splat(1))), 16);
}

/** n bfloat16 to floats: exact. */
export function fromBrain(src: usize, n: usize, dst: usize): void {
  let i: usize = 0;
  if (ASC_FEATURE_SIMD) {
    for (; i + 8 <= n; i += 8) {
      const pair = v128.load(src + i * 2);
      v128.store(dst + i * 4, i16x8.shuffle(i16x8.splat(0), pair, 0, 8, 0, 9, 0, 10, 0, 11));
      v128.store(dst + i * 4, i16x8.shuffle(i16x8.splat(0), pair, 0, 12, 0, 13, 0, 14, 0, 15), 16);
    }
  }
  for (; i < n; i++) store<u32>(dst + i * 4, u32(load<u16>(src + i * 2)) << 16);
}

/** Keeps `kept` (1 to 22) of the 23 mantissa bits, in place: towards zero, as the filter TRUNC_PREC of Blosc2. Returns the largest error. */
export function truncate(at: usize, n: usize, kept: i32): f32 {
  const keep: i32 = -1 << (23 - kept);
  let largest: f32 = 0;
  let i: usize = 0;
  if (ASC_FEATURE_SIMD) {
    const mask = i32x4.splat(keep);
    let worst = f32x4.splat(0);
    for (; i + 4 <= n; i += 4) {
      const value = v128.load(at + i * 4);
      const cut = v128.and(value, mask);
      worst = f32x4.pmax(worst, f32x4.abs(f32x4.sub(value, cut)));
      v128.store(at + i * 4, cut);
    }
    for (let lane = 0; lane < 4; lane++) {
      const error = f32x4.extract_lane(worst, 0);
      if (error > largest) largest = error;
      worst = i32x4.shuffle(worst, worst, 1, 2, 3, 0);
    }
  }
  for (; i < n; i++) {
    const bits = load<i32>(at + i * 4);
    const error = abs(reinterpret<f32>(bits) - reinterpret<f32>(bits & keep));
    if (error > largest) largest = error;
    store<i32>(at + i * 4, bits & keep);
  }
  return largest;
}
