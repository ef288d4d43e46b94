/**
 * Which codec a stream is for. Encoders are numbered as parameters of the compression are (LZ4 and LZ4HC differ), decoders as chunks
 * say it (both are LZ4).
 */
import { UNSUPPORTED } from '../status';
import { blosclzDecompress } from './blosclz';
import { blosclzCompress } from './blosclz-compress';
import { lz4Decompress } from './lz4';
import { lz4Compress } from './lz4-compress';
import { lz4hcCompress } from './lz4hc';
import { zstdDecompress } from './zstd';

const BLOSCLZ: i32 = 0;
const LZ4: i32 = 1;
const LZ4HC: i32 = 2;
const ZSTD: i32 = 5;
const ZSTD_FORMAT: i32 = 4;

/** The host's Zstd, where it has one: bytes written, 0 when they do not suffice, or a negative status. */
// @ts-ignore: decorator
@external('host', 'zstdCompress')
declare function zstdCompress(src: usize, length: usize, dst: usize, capacity: usize, level: i32): i32;

/** Bytes written to dst, at most `capacity`; 0 when the stream does not become shorter; or a negative status. `level` is 1 to 9. */
export function encodeStream(codec: i32, level: i32, src: usize, length: usize, dst: usize, capacity: usize, tables: usize): i32 {
  switch (codec) {
    case BLOSCLZ:
      return blosclzCompress(level, src, length, dst, capacity, tables);
    case LZ4:
      return lz4Compress(src, length, dst, capacity, 10 - level, tables);
    case LZ4HC:
      return lz4hcCompress(src, length, dst, capacity, level, tables);
    case ZSTD:
      return zstdCompress(src, length, dst, capacity, level < 9 ? 2 * level - 1 : 22);
    default:
      return UNSUPPORTED;
  }
}

/** Bytes written to dst, at most `capacity`, or a negative status. */
export function decodeStream(format: i32, src: usize, length: usize, dst: usize, capacity: usize, tables: usize): i32 {
  switch (format) {
    case BLOSCLZ:
      return blosclzDecompress(src, length, dst, capacity);
    case LZ4:
      return lz4Decompress(src, length, dst, capacity);
    case ZSTD_FORMAT:
      return zstdDecompress(src, <i32>length, dst, <i32>capacity, tables);
    default:
      return UNSUPPORTED;
  }
}
