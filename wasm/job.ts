/**
 * The exports of blosc2.wasm, and the record that its two loops over blocks are given (wasm/assembly/chunk/job.ts says what each field is).
 */
export interface Blosc2Exports {
  readonly memory: WebAssembly.Memory;
  readonly heapBase: WebAssembly.Global;
  encodeBlocks(job: number): number;
  decodeBlocks(job: number): number;
}

export interface Job {
  readonly chunk: number;
  readonly chunkBytes: number;
  readonly headerBytes: number;
  readonly version: number;
  readonly raw: number;
  readonly rawBytes: number;
  readonly firstBlock: number;
  readonly endBlock: number;
  readonly reference: number;
  readonly typesize: number;
  readonly blockBytes: number;
  readonly split: number;
  readonly codec: number;
  readonly level: number;
  readonly filters: number;
  readonly buffers: number;
  readonly bufferBytes: number;
  readonly tables: number;
}

export const JOB_BYTES = 18 * 4;

export function writeJob(memory: ArrayBuffer, at: number, job: Job): void {
  const words = new Uint32Array(memory, at, JOB_BYTES / 4);
  words[0] = job.chunk;
  words[1] = job.chunkBytes;
  words[2] = job.headerBytes;
  words[3] = job.version;
  words[4] = job.raw;
  words[5] = job.rawBytes;
  words[6] = job.firstBlock;
  words[7] = job.endBlock;
  words[8] = job.reference;
  words[9] = job.typesize;
  words[10] = job.blockBytes;
  words[11] = job.split;
  words[12] = job.codec;
  words[13] = job.level;
  words[14] = job.filters;
  words[15] = job.buffers;
  words[16] = job.bufferBytes;
  words[17] = job.tables;
}
