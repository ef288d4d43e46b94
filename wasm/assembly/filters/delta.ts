/**
 * Blosc's delta: exclusive or. In the first block of a chunk with the element before, in all others with the same place of the decoded
 * first block, the reference. Elements are words of 1, 2, 4 or 8 bytes: a typesize that is a multiple of 8 counts as 8, any other as 1.
 * Bytes behind the last whole word stay as they are.
 */

// @ts-ignore: decorator
@inline
function wordBytes(typesize: usize): usize {
  return typesize == 2 || typesize == 4 ? typesize : (typesize & 7) == 0 ? 8 : 1;
}

/** The first block: dst becomes src, each word but the first combined with the one before. */
export function deltaFirst(typesize: usize, length: usize, src: usize, dst: usize): void {
  const word = wordBytes(typesize);
  const whole = length - (length % word);
  const head = whole < word ? whole : word;
  memory.copy(dst, src, head);
  xor(src + head, src, dst + head, whole - head);
  memory.copy(dst + whole, src + whole, length - whole);
}

/** Undoes deltaFirst() in place. */
export function undeltaFirst(typesize: usize, length: usize, at: usize): void {
  const word = wordBytes(typesize);
  if (word == 4) undo<u32>(at, length);
  else if (word == 8) undo<u64>(at, length);
  else if (word == 2) undo<u16>(at, length);
  else undo<u8>(at, length);
}

function undo<T>(at: usize, length: usize): void {
  const whole = length - (length % sizeof<T>());
  let word: T = 0;
  for (let i: usize = 0; i < whole; i += sizeof<T>()) {
    word ^= load<T>(at + i);
    store<T>(at + i, word);
  }
}

/** Other blocks: dst becomes src combined with the reference. Its own inverse; dst may be src. */
export function deltaOther(typesize: usize, length: usize, src: usize, reference: usize, dst: usize): void {
  const whole = length - (length % wordBytes(typesize));
  xor(src, reference, dst, whole);
  if (dst != src) memory.copy(dst + whole, src + whole, length - whole);
}

function xor(a: usize, b: usize, dst: usize, length: usize): void {
  let i: usize = 0;
  if (ASC_FEATURE_SIMD) {
    for (; i + 16 <= length; i += 16) v128.store(dst + i, v128.xor(v128.load(a + i), v128.load(b + i)));
  }
  for (; i + 8 <= length; i += 8) store<u64>(dst + i, load<u64>(a + i) ^ load<u64>(b + i));
  for (; i < length; i++) store<u8>(dst + i, load<u8>(a + i) ^ load<u8>(b + i));
}
