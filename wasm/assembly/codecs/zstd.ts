/**
 * Zstandard (RFC 8878), decoding only: frames of blocks, each block literals and sequences.
 *
 *     magic │ descriptor │ [window] │ [dictionary] │ [content size] │ block, block, … │ [checksum]      skippable frames in between
 *
 * The output is one piece of memory, which is also the window; so the window's size does not matter, and no history is copied. Dictionaries
 * are not supported.
 */
import { DAMAGED, TOO_LARGE, UNSUPPORTED } from '../status';
import { xxh64 } from './xxh64';
import { execute } from './zstd-execute';
import { readLiterals } from './zstd-literals';
import { BLOCK_MAX, HAS_TABLES, REPEATED, ZSTD_SCRATCH_BYTES } from './zstd-scratch';
import { countSequences, readTables, sequenceCountBytes } from './zstd-sequences';

/** Bytes of scratch memory for zstdDecompress. */
export const zstdScratchBytes: usize = ZSTD_SCRATCH_BYTES;

const MAGIC: u32 = 0xfd2fb528;
const SKIPPABLE: u32 = 0x184d2a50;

const STORED: i32 = 0;
const REPEATED_BYTE: i32 = 1;
const COMPRESSED: i32 = 2;

/**
 * Decodes all frames of [src, src + srcLength) to dst, where at most dstCapacity bytes are written. The regions must not overlap; scratch has
 * zstdScratchBytes, 16-byte aligned. Returns how many bytes came out, or a status: DAMAGED, TOO_LARGE (for dstCapacity), UNSUPPORTED.
 */
export function zstdDecompress(src: usize, srcLength: i32, dst: usize, dstCapacity: i32, scratch: usize): i32 {
  if (srcLength <= 0) return DAMAGED;
  const end = src + srcLength;
  const dstEnd = dst + dstCapacity;
  let to = dst;
  while (src < end) {
    if (end - src < 5) return DAMAGED;
    const magic = load<u32>(src);
    if ((magic & 0xfffffff0) == SKIPPABLE) {
      if (end - src < 8 || <usize>load<u32>(src, 4) > end - src - 8) return DAMAGED;
      src += 8 + load<u32>(src, 4);
      continue;
    }
    if (magic != MAGIC) return DAMAGED;
    const taken = decodeFrame(src + 4, end, to, dstEnd, scratch);
    if (taken < 0) return taken;
    src += 4 + taken;
    to = load<u32>(scratch + FRAME_END);
  }
  return <i32>(to - dst);
}

/** Where decodeFrame leaves the end of its output: in the place of the short streams, which are of no use between frames. */
const FRAME_END: usize = 64;

/** Decodes one frame behind its magic number. Returns how many bytes of src it took, or a status. */
function decodeFrame(src: usize, end: usize, dst: usize, dstEnd: usize, scratch: usize): i32 {
  const descriptor: u32 = load<u8>(src);
  const oneSegment = (descriptor & 0x20) != 0;
  const sizeCode = descriptor >> 6;
  const dictionaryBytes: usize = (1 << (descriptor & 3)) >> 1;
  const windowBytes: usize = oneSegment ? 0 : 1;
  const sizeBytes: usize = sizeCode > 0 ? 1 << sizeCode : oneSegment ? 1 : 0;
  if ((descriptor & 8) != 0) return UNSUPPORTED;
  if (end - src < 1 + windowBytes + dictionaryBytes + sizeBytes) return DAMAGED;
  let at = src + 1;
  let window: u64 = 0;
  if (!oneSegment) {
    const byte: u32 = load<u8>(at);
    window = (<u64>1024) << (byte >> 3);
    window += (window >> 3) * <u64>(byte & 7);
    at += 1;
  }
  for (let i: usize = 0; i < dictionaryBytes; i++) if (load<u8>(at + i) != 0) return UNSUPPORTED;
  at += dictionaryBytes;
  let size: u64 = 0;
  if (sizeBytes == 1) size = load<u8>(at);
  else if (sizeBytes == 2) size = 256 + <u64>load<u16>(at);
  else if (sizeBytes == 4) size = load<u32>(at);
  else if (sizeBytes == 8) size = load<u64>(at);
  at += sizeBytes;
  if (sizeBytes > 0 && size > <u64>(dstEnd - dst)) return TOO_LARGE;
  if (oneSegment) window = size;

  const blocks = decodeBlocks(at, end, dst, dstEnd, <i32>min(window, <u64>BLOCK_MAX), scratch);
  if (blocks < 0) return blocks;
  at += blocks;
  const written = load<u32>(scratch + FRAME_END) - <u32>dst;
  if (sizeBytes > 0 && size != <u64>written) return DAMAGED;
  if ((descriptor & 4) != 0) {
    if (end - at < 4 || load<u32>(at) != <u32>xxh64(dst, written)) return DAMAGED;
    at += 4;
  }
  return <i32>(at - src);
}

/** Decodes blocks up to the last one. Returns how many bytes they took, or a status. */
function decodeBlocks(src: usize, end: usize, dst: usize, dstEnd: usize, blockMax: i32, scratch: usize): i32 {
  store<i32>(scratch + REPEATED, 1);
  store<i32>(scratch + REPEATED, 4, 4);
  store<i32>(scratch + REPEATED, 8, 8);
  store<u32>(scratch + HAS_TABLES, 0);
  let at = src;
  let to = dst;
  let last = false;
  while (!last) {
    if (end - at < 3) return DAMAGED;
    const head: i32 = load<u16>(at) | (<i32>load<u8>(at, 2) << 16);
    at += 3;
    last = (head & 1) != 0;
    const type = (head >> 1) & 3;
    const size = head >> 3;
    if (size > blockMax) return DAMAGED;
    const taken = type == REPEATED_BYTE ? 1 : size;
    if (<usize>taken > end - at) return DAMAGED;
    if (type == COMPRESSED) {
      const written = decodeBlock(at, at + size, to, dst, dstEnd, blockMax, scratch);
      if (written < 0) return written;
      to += written;
    } else {
      if (type > COMPRESSED) return DAMAGED;
      if (<usize>size > dstEnd - to) return TOO_LARGE;
      if (type == STORED) memory.copy(to, at, size);
      else memory.fill(to, load<u8>(at), size);
      to += size;
    }
    at += taken;
  }
  store<u32>(scratch + FRAME_END, <u32>to);
  return <i32>(at - src);
}

/** Decodes one compressed block. Returns how many bytes came out, or a status. */
function decodeBlock(src: usize, end: usize, dst: usize, base: usize, dstEnd: usize, blockMax: i32, scratch: usize): i32 {
  const literals = readLiterals(src, end, blockMax, scratch);
  if (literals < 0) return literals;
  let at = src + literals;
  const count = countSequences(at, end);
  if (count < 0) return count;
  at += sequenceCountBytes(load<u8>(at));
  if (count > 0) {
    const tables = readTables(at, end, scratch);
    if (tables < 0) return tables;
    at += tables;
  } else if (at != end) return DAMAGED;
  const written = execute(at, end, count, dst, base, dstEnd, scratch);
  return written > blockMax ? DAMAGED : written;
}
