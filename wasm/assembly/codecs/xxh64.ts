/**
 * XXH64 (Y. Collet, xxHash's algorithm description): four lanes of eight bytes each, merged, then what is left. Seed 0.
 */
const PRIME1: u64 = 0x9e3779b185ebca87;
const PRIME2: u64 = 0xc2b2ae3d27d4eb4f;
const PRIME3: u64 = 0x165667b19e3779f9;
const PRIME4: u64 = 0x85ebca77c2b2ae63;
const PRIME5: u64 = 0x27d4eb2f165667c5;

// @ts-ignore: decorator
@inline
function round(lane: u64, input: u64): u64 {
  return rotl(lane + input * PRIME2, 31) * PRIME1;
}

// @ts-ignore: decorator
@inline
function merge(hash: u64, lane: u64): u64 {
  return (hash ^ round(0, lane)) * PRIME1 + PRIME4;
}

export function xxh64(src: usize, length: usize): u64 {
  const end = src + length;
  let hash: u64 = PRIME5;
  if (length >= 32) {
    let one: u64 = PRIME1 + PRIME2;
    let two: u64 = PRIME2;
    let three: u64 = 0;
    let four: u64 = 0 - PRIME1;
    for (; end - src >= 32; src += 32) {
      one = round(one, load<u64>(src));
      two = round(two, load<u64>(src, 8));
      three = round(three, load<u64>(src, 16));
      four = round(four, load<u64>(src, 24));
    }
    hash = rotl(one, 1) + rotl(two, 7) + rotl(three, 12) + rotl(four, 18);
    hash = merge(merge(merge(merge(hash, one), two), three), four);
  }
  hash += length;
  for (; end - src >= 8; src += 8) hash = rotl(hash ^ round(0, load<u64>(src)), 27) * PRIME1 + PRIME4;
  if (end - src >= 4) {
    hash = rotl(hash ^ (<u64>load<u32>(src) * PRIME1), 23) * PRIME2 + PRIME3;
    src += 4;
  }
  for (; src < end; src++) hash = rotl(hash ^ (<u64>load<u8>(src) * PRIME5), 11) * PRIME1;
  hash = (hash ^ (hash >>> 33)) * PRIME2;
  hash = (hash ^ (hash >>> 29)) * PRIME3;
  return hash ^ (hash >>> 32);
}
