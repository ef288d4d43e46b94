/**
 * One instance of blosc2.wasm and its memory: blocks go in, blocks come out, as views that are valid until the next call.
 */
import { Blosc2Error } from './error.ts';
import { DELTA, significandBits, TRUNC_PREC } from './filters.ts';
import { HEADER_BYTES, type Header } from './header.ts';
import { type Blosc2Exports, type Job, writeJob } from './job.ts';
import { ensure, type Layout, layOut } from './memory.ts';
import type { Plan } from './plan.ts';
import type { ZstdCompress } from './zstd-host.ts';

/** Results of the module (wasm/assembly/status.ts). */
const DAMAGED = -1;
const UNSUPPORTED = -3;

type What = 'encodeBlocks' | 'decodeBlocks';
type JobOfCall = Omit<Job, 'chunk' | 'filters' | 'buffers' | 'bufferBytes' | 'tables'>;
type ZstdCall = [src: number, length: number, dst: number, capacity: number, level: number];

export class Engine {
  readonly #wasm: Blosc2Exports;
  readonly #memoryBytesMax: number;
  readonly #zstdCompress: ZstdCompress | undefined;
  /** What the host's Zstd threw: the module can only be told that it failed. */
  #zstdFailure: unknown;

  constructor(module: WebAssembly.Module, memoryBytesMax: number, zstdCompress: ZstdCompress | undefined) {
    this.#memoryBytesMax = memoryBytesMax;
    this.#zstdCompress = zstdCompress;
    const host = { zstdCompress: (...call: ZstdCall) => this.#callZstd(...call) };
    this.#wasm = new WebAssembly.Instance(module, { host }).exports as unknown as Blosc2Exports;
  }

  /** A chunk whose header is still missing, or nothing when it would be larger than a stored one. */
  encode(raw: Uint8Array, plan: Plan): Uint8Array<ArrayBuffer> | undefined {
    const { bytes, typesize, pipeline, division } = plan;
    const { blocksize } = division;
    const layout = this.#layOut(blocksize, bytes + HEADER_BYTES, bytes);
    this.#bytes(layout.raw, bytes).set(raw);
    // The module is told how many bits become zero.
    const parameters = pipeline.parameters.map((parameter, place) =>
      pipeline.numbers[place] === TRUNC_PREC ? significandBits(typesize) - parameter : parameter,
    );
    const job = { headerBytes: HEADER_BYTES, version: 5, firstBlock: 0, endBlock: Math.ceil(bytes / blocksize), reference: layout.raw };
    const cbytes = this.#run('encodeBlocks', layout, pipeline.numbers, parameters, {
      ...job,
      ...{ chunkBytes: bytes + HEADER_BYTES, raw: layout.raw, rawBytes: bytes, typesize, blockBytes: blocksize },
      ...{ split: Number(division.split), codec: plan.codec.codec, level: plan.level },
    });
    return cbytes === 0 ? undefined : this.#bytes(layout.chunk, cbytes);
  }

  /** The raw bytes of the blocks from `firstBlock` up to `endBlock`. */
  decode(chunk: Uint8Array, header: Header, firstBlock: number, endBlock: number): Uint8Array<ArrayBuffer> {
    const { blocksize, cbytes, nbytes, typesize, filters, parameters } = header;
    const bytes = Math.min(endBlock * blocksize, nbytes) - firstBlock * blocksize;
    // Delta needs the first block, wherever the others begin.
    const apart = firstBlock > 0 && filters.includes(DELTA);
    const layout = this.#layOut(blocksize, cbytes, bytes + (apart ? blocksize : 0));
    this.#bytes(layout.chunk, cbytes).set(chunk.subarray(0, cbytes));
    const job = {
      ...{ chunkBytes: cbytes, headerBytes: header.headerBytes, version: header.version, rawBytes: nbytes, typesize },
      ...{ blockBytes: blocksize, split: Number(header.split), codec: header.format, level: 0, reference: layout.raw },
    };
    const raw = layout.raw + (apart ? blocksize : 0);
    if (apart) this.#run('decodeBlocks', layout, filters, parameters, { ...job, raw: layout.raw, firstBlock: 0, endBlock: 1 });
    this.#run('decodeBlocks', layout, filters, parameters, { ...job, raw, firstBlock, endBlock });
    return this.#bytes(raw, bytes);
  }

  #layOut(blockBytes: number, chunkBytes: number, rawBytes: number): Layout {
    const { memory, heapBase } = this.#wasm;
    const layout = layOut(heapBase.value as number, blockBytes, chunkBytes, rawBytes);
    ensure(memory, layout.end, this.#memoryBytesMax);
    return layout;
  }

  #run(what: What, layout: Layout, filters: Uint8Array, parameters: Uint8Array, job: JobOfCall): number {
    const { chunk, buffers, bufferBytes, tables } = layout;
    this.#bytes(layout.filters, filters.byteLength).set(filters);
    this.#bytes(layout.filters + filters.byteLength, parameters.byteLength).set(parameters);
    writeJob(this.#wasm.memory.buffer, layout.job, { ...job, chunk, filters: layout.filters, buffers, bufferBytes, tables });
    this.#zstdFailure = undefined;
    const result = this.#wasm[what](layout.job);
    if (result >= 0) return result;
    if (this.#zstdFailure !== undefined) throw this.#zstdFailure;
    if (result === UNSUPPORTED) throw new Blosc2Error('unsupported', 'the chunk needs something of its codec that is not here');
    throw new Blosc2Error('damaged', result === DAMAGED ? 'the chunk is damaged' : 'a block of the chunk is larger than the chunk says');
  }

  #bytes(at: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#wasm.memory.buffer, at, length);
  }

  #callZstd(src: number, length: number, dst: number, capacity: number, level: number): number {
    try {
      if (this.#zstdCompress === undefined) {
        throw new Blosc2Error(
          'unsupported',
          'compressing with zstd: this engine has no zlib.zstdCompressSync, and no zstdCompress was given',
        );
      }
      const written = this.#zstdCompress(this.#bytes(src, length), level);
      if (written.byteLength > capacity) return 0;
      this.#bytes(dst, written.byteLength).set(written);
      return written.byteLength;
    } catch (error) {
      this.#zstdFailure = error;
      return UNSUPPORTED;
    }
  }
}
