/**
 * Eight bytes that lie `stride` apart, as one word, the first in its lowest byte: what filters without SIMD move at a time.
 */

// @ts-ignore: decorator
@inline
export function gather(p: usize, stride: usize): u64 {
  let word = <u64>load<u8>(p);
  word |= (<u64>load<u8>((p += stride))) << 8;
  word |= (<u64>load<u8>((p += stride))) << 16;
  word |= (<u64>load<u8>((p += stride))) << 24;
  word |= (<u64>load<u8>((p += stride))) << 32;
  word |= (<u64>load<u8>((p += stride))) << 40;
  word |= (<u64>load<u8>((p += stride))) << 48;
  word |= (<u64>load<u8>(p + stride)) << 56;
  return word;
}

// @ts-ignore: decorator
@inline
export function scatter(word: u64, p: usize, stride: usize): void {
  store<u8>(p, <u8>word);
  store<u8>((p += stride), <u8>(word >> 8));
  store<u8>((p += stride), <u8>(word >> 16));
  store<u8>((p += stride), <u8>(word >> 24));
  store<u8>((p += stride), <u8>(word >> 32));
  store<u8>((p += stride), <u8>(word >> 40));
  store<u8>((p += stride), <u8>(word >> 48));
  store<u8>(p + stride, <u8>(word >> 56));
}
