/**
 * Blosc's trunc_prec: the last bits of each number's significand become zero (float32 or float64; towards zero, so that the relative error
 * is below 2^-kept). Decoding leaves them as they are.
 */

/** `zeroed` is how many bits become zero: less than 23 for typesize 4, than 52 for 8. Bytes behind the last number are copied. */
export function truncPrec(typesize: usize, length: usize, zeroed: u32, src: usize, dst: usize): void {
  const whole = length - (length % typesize);
  if (typesize == 4) {
    const mask: u32 = -1 << zeroed;
    for (let i: usize = 0; i < whole; i += 4) store<u32>(dst + i, load<u32>(src + i) & mask);
  } else {
    const mask: u64 = <u64>-1 << zeroed;
    for (let i: usize = 0; i < whole; i += 8) store<u64>(dst + i, load<u64>(src + i) & mask);
  }
  memory.copy(dst + whole, src + whole, length - whole);
}
