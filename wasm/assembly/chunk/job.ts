/**
 * What the host says about a chunk, in memory: it has read or chosen the header, and has checked that the numbers make sense together.
 * All fields are 32 bits, in this order (wasm/job.ts writes them).
 */
// @ts-ignore: decorator
@unmanaged
export class Job {
  /** The chunk, and its bytes (to compress: at most). */
  chunk: usize;
  chunkBytes: usize;
  /** Bytes of its header; the block starts follow. */
  headerBytes: usize;
  /** Version of the format: bitshuffle was different before 3. */
  version: u32;
  /** The raw bytes of the block `firstBlock` and those behind it, and how many the whole chunk has. */
  raw: usize;
  rawBytes: usize;
  firstBlock: u32;
  /** One block more than the last. */
  endBlock: u32;
  /** What delta refers to: the raw bytes of the first block. */
  reference: usize;
  typesize: usize;
  /** Of all blocks but the last. A multiple of typesize when blocks are split. */
  blockBytes: usize;
  /** 1 when whole blocks are typesize streams. */
  split: u32;
  /** To compress: codec and level; to decompress: the format's number of the codec. */
  codec: i32;
  level: i32;
  /** Six filters, one byte each, and behind them what they are told, one byte each. */
  filters: usize;
  /** Three buffers of blockBytes + 64 each, one behind the other, `bufferBytes` apart. */
  buffers: usize;
  bufferBytes: usize;
  /** Memory for the codec's own use. */
  tables: usize;
}

export const SHUFFLE: u8 = 1;
export const BITSHUFFLE: u8 = 2;
export const DELTA: u8 = 3;
export const TRUNC_PREC: u8 = 4;
export const FILTERS: usize = 6;
