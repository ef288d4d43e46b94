/**
 * What a Zstandard decoder keeps besides its output: tables that later blocks may use again, and the literals of the current block.
 *
 *     state │ 4 short streams │ FSE tables: literal lengths, offsets, match lengths, Huffman weights │ Huffman table │ weights │ literals
 *
 * All of it lies in scratch memory that the caller passes in; nothing of it needs to be cleared before.
 */

/** Largest block, and so largest number of literals (RFC 8878, 3.1.1.2.4). */
export const BLOCK_MAX: i32 = 131072;
/** Copies of literals read up to this far past their end. */
export const SLACK: i32 = 32;

/** The last three offsets, i32 each. */
export const REPEATED: usize = 0;
/** Which tables this frame has: bits 0 to 2 sequences, bit 3 Huffman; u32. */
export const HAS_TABLES: usize = 12;
/** Accuracy logs of the three tables of sequences, i32 each. */
export const LOGS: usize = 16;
/** Longest Huffman code of the current table, i32. */
export const HUFFMAN_LOG: usize = 28;
/** Where the literals of the current block are, and how many: usize, i32. */
export const LITERALS_AT: usize = 32;
export const LITERALS_LENGTH: usize = 40;
/** Streams of less than eight bytes are copied here: four of eight bytes. */
export const SHORT_STREAMS: usize = 64;
/** Accuracy log of the weights' table, i32. */
export const WEIGHTS_LOG: usize = 96;
/** Normalized counts of a table that is being built: i16 each, up to 64. */
export const COUNTS: usize = 128;
/** Next state of each symbol while a table is being built: u16 each, up to 64; then the symbols of the table's cells: u8 each, up to 512. */
export const NEXT: usize = 256;
export const CELLS: usize = 384;

/** Three tables of up to 512 entries of 8 bytes: literal lengths, offsets, match lengths. */
export const TABLES: usize = 1024;
export const TABLE_BYTES: usize = 4096;
/** The same for the weights of Huffman codes, up to 64 entries. */
export const WEIGHTS_TABLE: usize = TABLES + 3 * TABLE_BYTES;
/** Entries of the Huffman table, 2 bytes for each of 2^11 prefixes. */
export const HUFFMAN_TABLE: usize = WEIGHTS_TABLE + 512;
/** A weight for each of 256 symbols, u8. */
export const WEIGHTS: usize = HUFFMAN_TABLE + 4096;
export const LITERALS: usize = WEIGHTS + 256;

/** Bytes of scratch memory that zstdDecompress asks for, 16-byte aligned. */
export const ZSTD_SCRATCH_BYTES: usize = LITERALS + usize(BLOCK_MAX) + usize(SLACK);
