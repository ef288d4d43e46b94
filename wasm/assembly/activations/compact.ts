/**
 * Zeros are left out: a bitmap says where the others are, and they follow each other.
 *
 *     a 0 0 b 0 0 0 c   ─▶   bitmap 10001001 (bit j of byte i: element 8i + j)   values a b c
 *
 * Zero means: all bits are zero, so that -0 survives, and NaNs with their payload. Elements have 1, 2 or 4 bytes.
 *
 * Both directions move whole vectors: `values` needs SLACK bytes behind its end that may be overwritten (compact) or read (expand).
 */
import { pack1, pack2, pack4, spread1, spread2, spread4 } from './lookup';

/** Writes (n + 7) / 8 bytes of bitmap and the values that are not zero. Returns how many. */
export function compact<T>(src: usize, n: usize, bitmap: usize, values: usize): usize {
  let to = values;
  const whole = n & ~7;
  for (let i: usize = 0; i < whole; i += 8) {
    const from = src + i * sizeof<T>();
    let mask: i32 = 0;
    if (ASC_FEATURE_SIMD) {
      if (sizeof<T>() === 4) {
        const a = v128.load(from);
        const b = v128.load(from, 16);
        const left = i32x4.bitmask(i32x4.ne(a, i32x4.splat(0)));
        const right = i32x4.bitmask(i32x4.ne(b, i32x4.splat(0)));
        v128.store(to, i8x16.swizzle(a, v128.load(pack4 + (left << 4))));
        to += popcnt(left) << 2;
        v128.store(to, i8x16.swizzle(b, v128.load(pack4 + (right << 4))));
        to += popcnt(right) << 2;
        mask = left | (right << 4);
      } else if (sizeof<T>() === 2) {
        const a = v128.load(from);
        mask = i16x8.bitmask(i16x8.ne(a, i16x8.splat(0)));
        v128.store(to, i8x16.swizzle(a, v128.load(pack2 + (mask << 4))));
        to += popcnt(mask) << 1;
      } else {
        const a = v128.load64_zero(from);
        mask = i8x16.bitmask(i8x16.ne(a, i8x16.splat(0)));
        v128.store64_lane(to, i8x16.swizzle(a, v128.load64_zero(pack1 + (mask << 3))), 0);
        to += popcnt(mask);
      }
    } else {
      for (let j: usize = 0; j < 8; j++) {
        const value = load<T>(from + j * sizeof<T>());
        store<T>(to, value);
        const is = i32(value !== 0);
        to += is * sizeof<T>();
        mask |= is << i32(j);
      }
    }
    store<u8>(bitmap + (i >> 3), u8(mask));
  }
  if (whole < n) {
    let mask: i32 = 0;
    for (let i = whole; i < n; i++) {
      const value = load<T>(src + i * sizeof<T>());
      if (value === 0) continue;
      store<T>(to, value);
      to += sizeof<T>();
      mask |= 1 << i32(i & 7);
    }
    store<u8>(bitmap + (whole >> 3), u8(mask));
  }
  return (to - values) / sizeof<T>();
}

/** How many bits of a bitmap for n elements are set; -1 when bits behind the last element are. */
export function countBits(bitmap: usize, n: usize): i32 {
  const bytes = (n + 7) >> 3;
  let count: i64 = 0;
  let i: usize = 0;
  for (; i + 8 <= bytes; i += 8) count += popcnt(load<i64>(bitmap + i));
  for (; i < bytes; i++) count += popcnt<i32>(load<u8>(bitmap + i));
  const used = n & 7;
  if (used !== 0 && (load<u8>(bitmap + bytes - 1) >> u8(used)) !== 0) return -1;
  return i32(count);
}

/** The way back: writes n elements. The bitmap must have as many bits set as there are values (see countBits). */
export function expand<T>(bitmap: usize, n: usize, values: usize, dst: usize): void {
  let from = values;
  const whole = n & ~7;
  for (let i: usize = 0; i < whole; i += 8) {
    const mask: i32 = load<u8>(bitmap + (i >> 3));
    const to = dst + i * sizeof<T>();
    if (ASC_FEATURE_SIMD) {
      if (sizeof<T>() === 4) {
        const left = mask & 15;
        const right = mask >> 4;
        v128.store(to, i8x16.swizzle(v128.load(from), v128.load(spread4 + (left << 4))));
        from += popcnt(left) << 2;
        v128.store(to, i8x16.swizzle(v128.load(from), v128.load(spread4 + (right << 4))), 16);
        from += popcnt(right) << 2;
      } else if (sizeof<T>() === 2) {
        v128.store(to, i8x16.swizzle(v128.load(from), v128.load(spread2 + (mask << 4))));
        from += popcnt(mask) << 1;
      } else {
        v128.store64_lane(to, i8x16.swizzle(v128.load64_zero(from), v128.load64_zero(spread1 + (mask << 3))), 0);
        from += popcnt(mask);
      }
    } else {
      for (let j: usize = 0; j < 8; j++) {
        const is = (mask >> i32(j)) & 1;
        store<T>(to + j * sizeof<T>(), is !== 0 ? load<T>(from) : 0);
        from += is * sizeof<T>();
      }
    }
  }
  for (let i = whole; i < n; i++) {
    const is = (load<u8>(bitmap + (i >> 3)) >> u8(i & 7)) & 1;
    store<T>(dst + i * sizeof<T>(), is !== 0 ? load<T>(from) : 0);
    from += is * sizeof<T>();
  }
}

/** How many of n elements of 1 or 2 bytes are zero. */
export function countZeros<T>(src: usize, n: usize): i32 {
  let count: i32 = 0;
  let i: usize = 0;
  if (ASC_FEATURE_SIMD) {
    const lanes = 16 / sizeof<T>();
    for (; i + lanes <= n; i += lanes) {
      const x = v128.load(src + i * sizeof<T>());
      count += popcnt(v128.bitmask<T>(v128.eq<T>(x, v128.splat<T>(0))));
    }
  }
  for (; i < n; i++) count += i32(load<T>(src + i * sizeof<T>()) === 0);
  return count;
}
