/**
 * The blocks of a chunk, decompressed (encode.ts has the picture). The host has checked the header; everything else that the chunk says,
 * block starts and lengths of streams, is checked here against its end.
 */
import { decodeStream } from '../codecs/codec';
import { copyExact } from '../copy';
import { DAMAGED } from '../status';
import { Job } from './job';
import { backward, movingFilters } from './pipeline';

/** Decompresses the blocks job.firstBlock to job.endBlock to job.raw. Returns 0 or a negative status. */
export function decodeBlocks(job: Job): i32 {
  const end = job.chunk + job.chunkBytes;
  const starts = job.chunk + job.headerBytes;
  const startMin = job.headerBytes + (((job.rawBytes + job.blockBytes - 1) / job.blockBytes) << 2);
  const moving = movingFilters(job);
  for (let block = job.firstBlock; block < job.endBlock; block++) {
    const offset = <usize>block * job.blockBytes;
    const rest = job.rawBytes - offset;
    const bytes = rest < job.blockBytes ? rest : job.blockBytes;
    const start = <usize>load<u32>(starts + (<usize>block << 2));
    if (start < startMin || start >= job.chunkBytes) return DAMAGED;
    const dst = job.raw + <usize>(block - job.firstBlock) * job.blockBytes;
    const status = decodeStreams(job, job.chunk + start, end, moving ? job.buffers : dst, bytes);
    if (status != 0) return status;
    backward(job, block, moving, dst, bytes);
  }
  return 0;
}

/** All streams of a block of `bytes` raw bytes. */
function decodeStreams(job: Job, src: usize, end: usize, dst: usize, bytes: usize): i32 {
  const streams = job.split && bytes == job.blockBytes ? job.typesize : 1;
  const streamBytes = bytes / streams;
  for (let stream: usize = 0; stream < streams; stream++) {
    if (end - src < 4) return DAMAGED;
    const length = load<i32>(src);
    src += 4;
    if (length == 0) {
      memory.fill(dst, 0, streamBytes);
    } else if (length < 0) {
      if (length < -255 || src >= end || (load<u8>(src) & 1) == 0) return DAMAGED;
      src++;
      memory.fill(dst, <u8>-length, streamBytes);
    } else {
      if (<usize>length > end - src) return DAMAGED;
      if (<usize>length == streamBytes) {
        copyExact(dst, src, streamBytes);
      } else {
        const written = decodeStream(job.codec, src, <usize>length, dst, streamBytes, job.tables);
        if (written < 0) return written;
        if (<usize>written != streamBytes) return DAMAGED;
      }
      src += <usize>length;
    }
    dst += streamBytes;
  }
  return 0;
}
