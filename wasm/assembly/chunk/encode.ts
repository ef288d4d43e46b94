/**
 * The blocks of a chunk, compressed: where each starts, then for each its streams, each with its length in front.
 *
 *     header │ start 0 │ start 1 │ … │ length │ stream │ length │ stream │ …
 *                                      0: all zero;  -v and a byte 1: all bytes are v;  the raw length: not compressed
 */
import { encodeStream } from '../codecs/codec';
import { Job } from './job';
import { forward } from './pipeline';

/**
 * Compresses job.raw into job.chunk, behind the header. Returns the length of the whole chunk, 0 when it does not fit into job.chunkBytes, or a
 * negative status.
 */
export function encodeBlocks(job: Job): i32 {
  const starts = job.chunk + job.headerBytes;
  const limit = job.chunk + job.chunkBytes;
  let out = starts + (<usize>job.endBlock << 2);
  if (out > limit) return 0;
  for (let block: u32 = 0; block < job.endBlock; block++) {
    const offset = <usize>block * job.blockBytes;
    const rest = job.rawBytes - offset;
    const bytes = rest < job.blockBytes ? rest : job.blockBytes;
    const streams = job.split && bytes == job.blockBytes ? job.typesize : 1;
    store<u32>(starts + (<usize>block << 2), <u32>(out - job.chunk));
    const filtered = forward(job, block, job.raw + offset, bytes);
    const streamBytes = bytes / streams;
    for (let stream: usize = 0; stream < streams; stream++) {
      const written = encodeOne(job, filtered + stream * streamBytes, streamBytes, out, limit);
      if (written <= 0) return written;
      out += written;
    }
  }
  return <i32>(out - job.chunk);
}

/** One stream and its length: bytes written, 0 when they do not fit. */
function encodeOne(job: Job, src: usize, length: usize, out: usize, limit: usize): i32 {
  if (out + 4 > limit) return 0;
  if (allEqual(src, length)) {
    const value = load<u8>(src);
    store<i32>(out, -(<i32>value));
    if (value == 0) return 4;
    if (out + 5 > limit) return 0;
    store<u8>(out, 1, 4);
    return 5;
  }
  const room = limit - out - 4;
  if (room == 0) return 0;
  let bytes = encodeStream(job.codec, job.level, src, length, out + 4, room < length ? room : length, job.tables);
  if (bytes < 0) return bytes;
  if (bytes == 0 || <usize>bytes >= length) {
    if (length > room) return 0;
    memory.copy(out + 4, src, length);
    bytes = <i32>length;
  }
  store<i32>(out, bytes);
  return bytes + 4;
}

function allEqual(src: usize, length: usize): bool {
  const value = load<u8>(src);
  const word = <u64>value * 0x0101010101010101;
  let i: usize = 0;
  for (; i + 8 <= length; i += 8) if (load<u64>(src + i) != word) return false;
  for (; i < length; i++) if (load<u8>(src + i) != value) return false;
  return true;
}
