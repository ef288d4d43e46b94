/**
 * Copies in steps of 16 or 8 bytes that may write up to 31 bytes past the end, where later sequences overwrite them. The caller has checked
 * that there is room.
 */

/** Sixteen bytes at once. */
// @ts-ignore: decorator
@inline
function copy16(to: usize, from: usize): void {
  if (ASC_FEATURE_SIMD) v128.store(to, v128.load(from));
  else {
    const low = load<u64>(from);
    const high = load<u64>(from, 8);
    store<u64>(to, low);
    store<u64>(to, high, 8);
  }
}

/** Bytes from elsewhere. */
// @ts-ignore: decorator
@inline
export function copyLiterals(to: usize, from: usize, end: usize): void {
  copy16(to, from);
  for (to += 16; to < end; to += 16) {
    from += 16;
    copy16(to, from);
  }
}

/** Bytes from `offset` before `to`; they may overlap, and then repeat. */
// @ts-ignore: decorator
@inline
export function copyMatch(to: usize, offset: usize, end: usize): void {
  if (offset >= 16) {
    copyLiterals(to, to - offset, end);
    return;
  }
  copyNear(to, offset, end);
}

function copyNear(to: usize, offset: usize, end: usize): void {
  if (offset < 8) {
    for (let i: usize = 0; i < 8; i++) store<u8>(to + i, load<u8>(to + i - offset));
    to += 8;
    // What repeats after `offset` bytes repeats after a multiple of them; 8 or more can be copied 8 at a time.
    offset *= 7 / offset + 1;
  }
  for (; to < end; to += 8) store<u64>(to, load<u64>(to - offset));
}
