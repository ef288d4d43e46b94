/**
 * Up to six filters, first to last to compress, last to first to decompress; a block moves between two buffers:
 *
 *     raw ─▶ A ─▶ B ─▶ A ─▶ streams          streams ─▶ A ─▶ B ─▶ raw
 */
import { bitshuffle, unbitshuffle } from '../filters/bitshuffle';
import { deltaFirst, deltaOther, undeltaFirst } from '../filters/delta';
import { shuffle, unshuffle } from '../filters/shuffle';
import { truncPrec } from '../filters/trunc-prec';
import { BITSHUFFLE, DELTA, FILTERS, Job, SHUFFLE, TRUNC_PREC } from './job';

/** Filters the block at src, and returns where the result is. */
export function forward(job: Job, block: u32, src: usize, length: usize): usize {
  let at = src;
  let free = job.buffers;
  for (let i: usize = 0; i < FILTERS; i++) {
    const filter = load<u8>(job.filters + i);
    if (filter == 0) continue;
    const meta = <usize>load<u8>(job.filters + FILTERS + i);
    if (filter == SHUFFLE) shuffle(meta ? meta : job.typesize, length, at, free);
    else if (filter == BITSHUFFLE) bitshuffle(job.typesize, length, at, free);
    else if (filter == TRUNC_PREC) truncPrec(job.typesize, length, <u32>meta, at, free);
    else if (block == 0) deltaFirst(job.typesize, length, at, free);
    else deltaOther(job.typesize, length, at, job.reference, free);
    at = free;
    free = at == job.buffers ? job.buffers + job.bufferBytes : job.buffers;
  }
  return at;
}

/** How many filters move the bytes of a block when they are undone. */
export function movingFilters(job: Job): u32 {
  let count: u32 = 0;
  for (let i: usize = 0; i < FILTERS; i++) {
    const filter = load<u8>(job.filters + i);
    if (filter == SHUFFLE || filter == BITSHUFFLE) count++;
  }
  return count;
}

/** Undoes the filters: the block is in the first buffer when any filter moves it, else already at dst, and finally it is at dst. */
export function backward(job: Job, block: u32, moving: u32, dst: usize, length: usize): void {
  let at = moving ? job.buffers : dst;
  for (let i = FILTERS; i-- > 0; ) {
    const filter = load<u8>(job.filters + i);
    if (filter == SHUFFLE || filter == BITSHUFFLE) {
      const free = --moving == 0 ? dst : at == job.buffers ? job.buffers + job.bufferBytes : job.buffers;
      const meta = <usize>load<u8>(job.filters + FILTERS + i);
      if (filter == SHUFFLE) unshuffle(meta ? meta : job.typesize, length, at, free);
      else if (job.version == 2 && (length / job.typesize) % 8 != 0) memory.copy(free, at, length);
      else unbitshuffle(job.typesize, length, at, free);
      at = free;
    } else if (filter == DELTA) {
      if (block == 0) undeltaFirst(job.typesize, length, at);
      else deltaOther(job.typesize, length, at, job.reference, at);
    }
  }
}
