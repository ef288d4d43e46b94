/**
 * The one memory of a context. Its parts are laid out anew for each call, and it grows when they need more than there is; it is never
 * given back before the context is.
 *
 *     module's own │ job, filters │ tables │ buffer │ buffer │ buffer │ chunk │ raw
 */
import { Blosc2Error } from './error.ts';
import { JOB_BYTES } from './job.ts';

const PAGE_BYTES = 65536;
/** The codecs' tables: the largest is that of LZ4HC; Zstd's decoder needs less. */
export const TABLE_BYTES = 262_144;
/** Copies in steps of 16 bytes may read, never write, so far behind a part. */
const SLACK_BYTES = 64;

export interface Layout {
  readonly job: number;
  readonly filters: number;
  readonly tables: number;
  readonly buffers: number;
  readonly bufferBytes: number;
  readonly chunk: number;
  readonly raw: number;
}

export function layOut(base: number, blockBytes: number, chunkBytes: number, rawBytes: number): Layout & { readonly end: number } {
  const job = align(base);
  const filters = job + JOB_BYTES;
  const tables = align(filters + 16);
  const buffers = tables + TABLE_BYTES;
  const bufferBytes = align(blockBytes + SLACK_BYTES);
  const chunk = buffers + 3 * bufferBytes;
  const raw = align(chunk + chunkBytes + SLACK_BYTES);
  return { job, filters, tables, buffers, bufferBytes, chunk, raw, end: raw + rawBytes + SLACK_BYTES };
}

export function ensure(memory: WebAssembly.Memory, end: number, bytesMax: number): void {
  const missing = end - memory.buffer.byteLength;
  if (missing <= 0) return;
  if (end > bytesMax) throw new Blosc2Error('too-large', `${end} bytes of memory are needed; this context may use ${bytesMax}`);
  try {
    memory.grow(Math.ceil(missing / PAGE_BYTES));
  } catch {
    throw new Blosc2Error('too-large', `${end} bytes of memory are needed, and the engine has not so many`);
  }
}

function align(at: number): number {
  return (at + 15) & ~15;
}
