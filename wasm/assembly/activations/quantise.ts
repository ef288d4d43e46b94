/**
 * A group of floats on a grid of 2^bits points, and back.
 *
 *     x ──× 1/scale──▶ nearest integer r in [floor, floor + 2^bits - 1] ──mod 2^bits──▶ two's complement ──fold──▶ code
 *     code ──unfold──▶ r ──× scale──▶ x'            zero is r = 0, code 0, and decodes to exactly 0
 *
 * Folding complements the lower bits of codes in the upper half: small negative and small positive values then have the same upper bits,
 * zeros, and bit planes of them compress. Codes say r mod 2^bits; the group's floor says which r that is.
 *
 * Rounding: adding 1.5 × 2^23 leaves no bits for a fraction, so the addition itself rounds to nearest, ties to even, and the lower bits of the
 * sum are the integer in two's complement. Right for magnitudes below 2^22; floors stay within 2^15.
 *
 * The error is measured by decoding what was encoded: compared as integers, its bits put NaN above infinity above numbers.
 */

export const MAGIC: f32 = 12582912;

/** Codes of n floats. Returns the bits of the largest |x - x'|; 0x7f800000 and above when x' overflows. */
export function quantise(src: usize, n: usize, bits: i32, scale: f32, inverse: f32, floor: i32, codes: usize): u32 {
  const mask = (1 << bits) - 1;
  const lowest = f32(floor);
  const highest = f32(floor + mask);
  let worst: u32 = 0;
  let i: usize = 0;
  if (ASC_FEATURE_SIMD) {
    if (n >= 16) {
      const inverses = f32x4.splat(inverse);
      const scales = f32x4.splat(scale);
      const floors = f32x4.splat(lowest);
      const ceilings = f32x4.splat(highest);
      const masks = i32x4.splat(mask);
      const half = i8x16.splat(i8(1 << u8(bits - 1)));
      const lower = i8x16.splat(i8(mask >> 1));
      let errors = i32x4.splat(0);
      for (; i < n; i += 16) {
        // The last sixteen overlap with those before: the same codes are written again.
        const at = min(i, n - 16);
        const from = src + at * 4;
        const xa = v128.load(from);
        const xb = v128.load(from, 16);
        const xc = v128.load(from, 32);
        const xd = v128.load(from, 48);
        const a = onGrid(xa, inverses, floors, ceilings);
        const b = onGrid(xb, inverses, floors, ceilings);
        const c = onGrid(xc, inverses, floors, ceilings);
        const d = onGrid(xd, inverses, floors, ceilings);
        const ab = i32x4.max_u(missed(xa, a, scales), missed(xb, b, scales));
        const cd = i32x4.max_u(missed(xc, c, scales), missed(xd, d, scales));
        errors = i32x4.max_u(errors, i32x4.max_u(ab, cd));
        const left = i16x8.narrow_i32x4_s(v128.and(a, masks), v128.and(b, masks));
        const right = i16x8.narrow_i32x4_s(v128.and(c, masks), v128.and(d, masks));
        const code = i8x16.narrow_i16x8_u(left, right);
        v128.store(codes + at, v128.xor(code, v128.and(i8x16.ge_u(code, half), lower)));
      }
      worst = max(
        max<u32>(i32x4.extract_lane(errors, 0), i32x4.extract_lane(errors, 1)),
        max<u32>(i32x4.extract_lane(errors, 2), i32x4.extract_lane(errors, 3)),
      );
    }
  }
  for (; i < n; i++) {
    const x = load<f32>(src + i * 4);
    const scaled = x * inverse;
    const kept = scaled < highest ? scaled : highest;
    const shifted = (kept > lowest ? kept : lowest) + MAGIC;
    worst = max(worst, reinterpret<u32>(x - (shifted - MAGIC) * scale) & 0x7fffffff);
    const code = reinterpret<i32>(shifted) & mask;
    store<u8>(codes + i, u8(fold(code, mask)));
  }
  return worst;
}

// @ts-ignore: decorator
@inline
function fold(code: i32, mask: i32): i32 {
  return code > mask >> 1 ? code ^ (mask >> 1) : code;
}

/** The integer plus MAGIC, as a float: its lower bits are the integer. */
// @ts-ignore: decorator
@inline
function onGrid(x: v128, inverses: v128, floors: v128, ceilings: v128): v128 {
  return f32x4.add(f32x4.pmax(floors, f32x4.pmin(ceilings, f32x4.mul(x, inverses))), f32x4.splat(MAGIC));
}

// @ts-ignore: decorator
@inline
function missed(x: v128, shifted: v128, scales: v128): v128 {
  return f32x4.abs(f32x4.sub(x, f32x4.mul(f32x4.sub(shifted, f32x4.splat(MAGIC)), scales)));
}

/** n codes, each below 2^bits, back to floats. */
export function dequantise(codes: usize, n: usize, bits: i32, scale: f32, floor: i32, dst: usize): void {
  const mask = (1 << bits) - 1;
  let i: usize = 0;
  if (ASC_FEATURE_SIMD) {
    if (n >= 16) {
      const scales = f32x4.splat(scale);
      const floors = i16x8.splat(i16(floor));
      const lift = i8x16.splat(i8(-floor));
      const masks = i8x16.splat(i8(mask));
      const half = i8x16.splat(i8(1 << u8(bits - 1)));
      const lower = i8x16.splat(i8(mask >> 1));
      for (; i < n; i += 16) {
        const at = min(i, n - 16);
        const folded = v128.load(codes + at);
        const code = v128.xor(folded, v128.and(i8x16.ge_u(folded, half), lower));
        const steps = v128.and(i8x16.add(code, lift), masks);
        const left = i16x8.add(i16x8.extend_low_i8x16_u(steps), floors);
        const right = i16x8.add(i16x8.extend_high_i8x16_u(steps), floors);
        const to = dst + at * 4;
        v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(left)), scales));
        v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(left)), scales), 16);
        v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(right)), scales), 32);
        v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(right)), scales), 48);
      }
    }
  }
  for (; i < n; i++) {
    const code = fold(load<u8>(codes + i) & mask, mask);
    store<f32>(dst + i * 4, f32(((code - floor) & mask) + floor) * scale);
  }
}
