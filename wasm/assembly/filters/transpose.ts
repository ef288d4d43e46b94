/**
 * The 16 x 16 byte matrix transposed in registers. All filters that move bytes or bits are made of it:
 *
 *     a0 a1 … af        a0 b0 … p0        four rounds of interleaving row i with row i + 8:
 *     b0 b1 … bf   ──▶  a1 b1 … p1        each round moves one bit of a byte's row number into its column number,
 *     …  …               …                so after four of them rows and columns have changed places
 *     p0 p1 … pf        af bf … pf
 *
 * Only called when the module is compiled with SIMD.
 */
import { high8 as high, low8 as low } from './interleave';

/** Row i of the source is at `src + i * srcStride`, row i of the result at `dst + i * dstStride`. The two may not overlap. */
export function transpose16(src: usize, srcStride: usize, dst: usize, dstStride: usize): void {
  let a0 = v128.load(src);
  let a1 = v128.load((src += srcStride));
  let a2 = v128.load((src += srcStride));
  let a3 = v128.load((src += srcStride));
  let a4 = v128.load((src += srcStride));
  let a5 = v128.load((src += srcStride));
  let a6 = v128.load((src += srcStride));
  let a7 = v128.load((src += srcStride));
  let a8 = v128.load((src += srcStride));
  let a9 = v128.load((src += srcStride));
  let aa = v128.load((src += srcStride));
  let ab = v128.load((src += srcStride));
  let ac = v128.load((src += srcStride));
  let ad = v128.load((src += srcStride));
  let ae = v128.load((src += srcStride));
  let af = v128.load(src + srcStride);

  let b0 = low(a0, a8);
  let b1 = high(a0, a8);
  let b2 = low(a1, a9);
  let b3 = high(a1, a9);
  let b4 = low(a2, aa);
  let b5 = high(a2, aa);
  let b6 = low(a3, ab);
  let b7 = high(a3, ab);
  let b8 = low(a4, ac);
  let b9 = high(a4, ac);
  let ba = low(a5, ad);
  let bb = high(a5, ad);
  let bc = low(a6, ae);
  let bd = high(a6, ae);
  let be = low(a7, af);
  let bf = high(a7, af);

  a0 = low(b0, b8);
  a1 = high(b0, b8);
  a2 = low(b1, b9);
  a3 = high(b1, b9);
  a4 = low(b2, ba);
  a5 = high(b2, ba);
  a6 = low(b3, bb);
  a7 = high(b3, bb);
  a8 = low(b4, bc);
  a9 = high(b4, bc);
  aa = low(b5, bd);
  ab = high(b5, bd);
  ac = low(b6, be);
  ad = high(b6, be);
  ae = low(b7, bf);
  af = high(b7, bf);

  b0 = low(a0, a8);
  b1 = high(a0, a8);
  b2 = low(a1, a9);
  b3 = high(a1, a9);
  b4 = low(a2, aa);
  b5 = high(a2, aa);
  b6 = low(a3, ab);
  b7 = high(a3, ab);
  b8 = low(a4, ac);
  b9 = high(a4, ac);
  ba = low(a5, ad);
  bb = high(a5, ad);
  bc = low(a6, ae);
  bd = high(a6, ae);
  be = low(a7, af);
  bf = high(a7, af);

  v128.store(dst, low(b0, b8));
  v128.store((dst += dstStride), high(b0, b8));
  v128.store((dst += dstStride), low(b1, b9));
  v128.store((dst += dstStride), high(b1, b9));
  v128.store((dst += dstStride), low(b2, ba));
  v128.store((dst += dstStride), high(b2, ba));
  v128.store((dst += dstStride), low(b3, bb));
  v128.store((dst += dstStride), high(b3, bb));
  v128.store((dst += dstStride), low(b4, bc));
  v128.store((dst += dstStride), high(b4, bc));
  v128.store((dst += dstStride), low(b5, bd));
  v128.store((dst += dstStride), high(b5, bd));
  v128.store((dst += dstStride), low(b6, be));
  v128.store((dst += dstStride), high(b6, be));
  v128.store((dst += dstStride), low(b7, bf));
  v128.store(dst + dstStride, high(b7, bf));
}
