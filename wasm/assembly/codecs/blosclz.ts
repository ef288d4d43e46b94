/**
 * The BloscLZ decoder (a descendant of FastLZ). A block is a sequence of
 *
 *     000LLLLL literals                        1 to 32 of them
 *     LLLDDDDD [more length] DDDDDDDD          a match of L + 2 bytes, 1 to 8191 back
 *     LLL11111 [more length] 255 DDDDDDDD DDDDDDDD   a match from farther away
 *
 * L = 7 goes on in bytes that are added up until one is not 255. Of the first byte only the lower five bits count: it begins with literals.
 */
import { copyExact, copy16 } from '../copy';
import { DAMAGED, TOO_LARGE } from '../status';
import { copyMatch } from './lz4';

/** The largest distance of the short form, less 1; distances of the long form are counted from there. */
export const NEAR_MAX: usize = 8191;

/**
 * Decompresses the block of `length` bytes at src to at most `capacity` bytes at dst. Returns how many bytes it wrote, DAMAGED, or TOO_LARGE.
 * Reads nothing outside [src, src + length), writes nothing outside [dst, dst + capacity).
 */
export function blosclzDecompress(src: usize, length: usize, dst: usize, capacity: usize): i32 {
  if (length == 0) return DAMAGED;
  const srcEnd = src + length;
  const dstEnd = dst + capacity;
  let ip = src;
  let out = dst;
  let control = <usize>(load<u8>(ip++) & 31);
  while (true) {
    if (control >= 32) {
      let bytes = (control >> 5) + 2;
      let distance = ((control & 31) << 8) + 1;
      if (bytes == 9) {
        let byte: usize;
        do {
          if (ip >= srcEnd) return DAMAGED;
          byte = <usize>load<u8>(ip++);
          bytes += byte;
        } while (byte == 255);
      }
      if (ip >= srcEnd) return DAMAGED;
      const low = <usize>load<u8>(ip++);
      distance += low;
      if (low == 255 && (control & 31) == 31) {
        if (srcEnd - ip < 2) return DAMAGED;
        distance = (<usize>load<u8>(ip) << 8) + <usize>load<u8>(ip, 1) + NEAR_MAX + 1;
        ip += 2;
      }
      if (distance > out - dst) return DAMAGED;
      if (bytes > dstEnd - out) return TOO_LARGE;
      copyMatch(out, distance, bytes, dstEnd);
      out += bytes;
    } else {
      const bytes = control + 1;
      if (bytes > srcEnd - ip) return DAMAGED;
      if (bytes > dstEnd - out) return TOO_LARGE;
      if (srcEnd - ip >= 32 && dstEnd - out >= 32) {
        copy16(out, ip);
        copy16(out + 16, ip + 16);
      } else {
        copyExact(out, ip, bytes);
      }
      ip += bytes;
      out += bytes;
    }
    if (ip >= srcEnd) return <i32>(out - dst);
    control = <usize>load<u8>(ip++);
  }
}
