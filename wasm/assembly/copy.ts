/**
 * Copies in steps of 16 bytes. `wild` ones may write up to 15 bytes after the end, and read as many: whoever calls them has checked that
 * both buffers reach that far.
 */

// @ts-ignore: decorator
@inline
export function copy16(dst: usize, src: usize): void {
  if (ASC_FEATURE_SIMD) {
    v128.store(dst, v128.load(src));
  } else {
    const low = load<u64>(src);
    const high = load<u64>(src, 8);
    store<u64>(dst, low);
    store<u64>(dst, high, 8);
  }
}

/** Copies [src, src + (end - dst)) to [dst, end); what is copied must start at least 16 bytes before or after dst. */
// @ts-ignore: decorator
@inline
export function wildCopy(dst: usize, src: usize, end: usize): void {
  do {
    copy16(dst, src);
    dst += 16;
    src += 16;
  } while (dst < end);
}

/** Copies exactly; short ones without the price of a call that memory.copy has. */
// @ts-ignore: decorator
@inline
export function copyExact(dst: usize, src: usize, length: usize): void {
  if (length > 64) {
    memory.copy(dst, src, length);
  } else {
    const end = dst + length;
    while (dst + 8 <= end) {
      store<u64>(dst, load<u64>(src));
      dst += 8;
      src += 8;
    }
    while (dst < end) store<u8>(dst++, load<u8>(src++));
  }
}
