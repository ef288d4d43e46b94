/**
 * Blosc2 chunks: a context compresses and decompresses, one call at a time, in a memory of its own that it reuses.
 *
 *     const blosc = new Blosc2();                                    // in Node; elsewhere: await Blosc2.create()
 *     const chunk = blosc.compress(new Float32Array(…), { codec: 'lz4', filters: ['bitshuffle'] });
 *     const raw = blosc.decompress(chunk, { maxBytes: 1 << 20 });
 *
 * All methods throw Blosc2Error, and nothing else unless the host's own Zstd does. Bytes are copied into the memory and out of it, no
 * further.
 */
import { divide, type SplitMode } from './blocksize.ts';
import { type CodecName, codecNumbers } from './codec.ts';
import { Blosc2Error } from './error.ts';
import { DELTA, type Filter, filterName, type Pipeline, pipelineOf, significandBits, TRUNC_PREC } from './filters.ts';
import { BLOCK_BYTES_MAX, CHUNK_RAW_BYTES_MAX, HEADER_BYTES, type Header, readHeader, type Special, writeHeader } from './header.ts';
import { type Blosc2Exports, type Job, writeJob } from './job.ts';
import { ensure, type Layout, layOut } from './memory.ts';
import { loadModule, loadModuleSync } from './module.ts';
import { fillSpecial, findSpecial } from './special.ts';
import { nodeZstd, type ZstdCompress } from './zstd-host.ts';

export interface ContextOptions {
  /** From loadModule(), perhaps in another thread; by default the one that suits this engine, which only Node can load synchronously. */
  readonly module?: WebAssembly.Module;
  /** How large the memory may become, in bytes; default 2 GiB. A call needs raw and compressed bytes, three blocks, and 300 KiB. */
  readonly memoryBytesMax?: number;
  /** To compress with Zstd; default: Node's. */
  readonly zstdCompress?: ZstdCompress;
}

export interface CompressOptions {
  /** Bytes of an element, 1 to 255. Default: that of the typed array that is compressed. */
  readonly typesize?: number;
  /** Default `lz4`. */
  readonly codec?: CodecName;
  /** 0 (stored) to 9 (small); default 5. */
  readonly level?: number;
  /** Default `['shuffle']`. */
  readonly filters?: readonly Filter[];
  /** Bytes of a block, which is decompressed as a whole; default 0: chosen from codec, level and typesize. */
  readonly blocksize?: number;
  /** Whether each byte of an element gets a stream of its own; default `auto`. */
  readonly splitMode?: SplitMode;
}

export interface DecompressOptions {
  /** A chunk of more raw bytes is refused before anything is allocated. Default: what the format allows, 2 GiB. */
  readonly maxBytes?: number;
}

export interface ChunkInfo {
  readonly version: number;
  readonly typesize: number;
  /** Raw bytes. */
  readonly nbytes: number;
  /** Bytes of the chunk. */
  readonly cbytes: number;
  readonly blocksize: number;
  readonly blocks: number;
  readonly codec: string;
  /** In the order in which they were applied. */
  readonly filters: readonly string[];
  readonly split: boolean;
  readonly memcpyed: boolean;
  readonly special: Special;
}

const MEMORY_BYTES_MAX = 2 ** 31;
const RAW_BYTES_STORED = 32;
const DAMAGED = -1;
const UNSUPPORTED = -3;

export class Blosc2 {
  readonly #wasm: Blosc2Exports;
  readonly #memoryBytesMax: number;
  readonly #zstdCompress: ZstdCompress | undefined;
  #zstdFailure: unknown;

  constructor(options: ContextOptions = {}) {
    this.#memoryBytesMax = options.memoryBytesMax ?? MEMORY_BYTES_MAX;
    this.#zstdCompress = options.zstdCompress ?? nodeZstd();
    const host = { zstdCompress: (...where: ZstdCall) => this.#compressZstd(...where) };
    const instance = new WebAssembly.Instance(options.module ?? loadModuleSync(), { host });
    this.#wasm = instance.exports as unknown as Blosc2Exports;
  }

  /** As the constructor, in any engine. */
  static async create(options: ContextOptions = {}): Promise<Blosc2> {
    return new Blosc2({ ...options, module: options.module ?? (await loadModule()) });
  }

  /** A chunk of at most 32 bytes more than `src`. */
  compress(src: ArrayBufferView, options: CompressOptions = {}): Uint8Array<ArrayBuffer> {
    const raw = new Uint8Array(src.buffer, src.byteOffset, src.byteLength);
    const typesize = whole('typesize', options.typesize ?? (src as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1, 1, 255);
    const level = whole('level', options.level ?? 5, 0, 9);
    const blocksize = whole('blocksize', options.blocksize ?? 0, 0, BLOCK_BYTES_MAX);
    const name = options.codec ?? 'lz4';
    const codec = codecNumbers[name];
    if (codec === undefined) {
      throw new Blosc2Error('usage', `codec "${name}"; expected ${Object.keys(codecNumbers).join(', ')}`);
    }
    if (raw.byteLength > CHUNK_RAW_BYTES_MAX) {
      throw new Blosc2Error('too-large', `${raw.byteLength} bytes; a chunk holds at most ${CHUNK_RAW_BYTES_MAX}`);
    }
    const pipeline = pipelineOf(options.filters ?? ['shuffle'], typesize);
    const bytes = raw.byteLength;
    const division = divide({
      ...{ bytes, typesize, codec: name, level, blocksize, filters: pipeline.numbers, splitMode: options.splitMode ?? 'auto' },
    });
    const header = { typesize, nbytes: bytes, ...division, codec, filters: pipeline.numbers, parameters: pipeline.parameters };
    const finish = (chunk: Uint8Array<ArrayBuffer>, special: Special, memcpyed: boolean): Uint8Array<ArrayBuffer> => {
      writeHeader(chunk, { ...header, cbytes: chunk.byteLength, special, memcpyed });
      return chunk;
    };

    const lossy = pipeline.numbers.includes(TRUNC_PREC);
    if (level > 0 && bytes >= RAW_BYTES_STORED) {
      const special = lossy ? 'none' : findSpecial(raw, typesize);
      if (special !== 'none') {
        const chunk = new Uint8Array(HEADER_BYTES + (special === 'value' ? typesize : 0));
        if (special === 'value') chunk.set(raw.subarray(0, typesize), HEADER_BYTES);
        return finish(chunk, special, false);
      }
      const { layout, cbytes } = this.#encode(raw, header, level, division, pipeline);
      const streams = division.split ? Math.floor(bytes / division.blocksize) * typesize + Number(bytes % division.blocksize > 0) : 0;
      const allZero = HEADER_BYTES + 4 * Math.ceil(bytes / division.blocksize) + 4 * (streams || Math.ceil(bytes / division.blocksize));
      if (cbytes === allZero) return finish(new Uint8Array(HEADER_BYTES), 'zeros', false);
      if (cbytes > 0) return finish(this.#bytes(layout.chunk, cbytes).slice(), 'none', false);
    }
    const chunk = new Uint8Array(HEADER_BYTES + bytes);
    chunk.set(raw, HEADER_BYTES);
    return finish(chunk, 'none', true);
  }

  /** The raw bytes of a Blosc2 or Blosc1 chunk; what follows the chunk is ignored. */
  decompress(chunk: Uint8Array, options: DecompressOptions = {}): Uint8Array<ArrayBuffer> {
    const header = readHeader(chunk);
    const maxBytes = options.maxBytes ?? CHUNK_RAW_BYTES_MAX;
    if (header.nbytes > maxBytes) throw new Blosc2Error('too-large', `${header.nbytes} raw bytes; at most ${maxBytes} are allowed`);
    if (hasBlocks(header)) return this.#decode(chunk, header, 0, header.blocks).slice();
    const raw = new Uint8Array(header.nbytes);
    fillPlain(chunk, header, 0, raw);
    return raw;
  }

  /** The same, to the beginning of `dst`, which must be large enough. Returns how many bytes it wrote. */
  decompressInto(chunk: Uint8Array, dst: Uint8Array): number {
    const header = readHeader(chunk);
    if (header.nbytes > dst.byteLength) {
      throw new Blosc2Error('too-large', `${header.nbytes} raw bytes; there is room for ${dst.byteLength}`);
    }
    if (hasBlocks(header)) dst.set(this.#decode(chunk, header, 0, header.blocks));
    else fillPlain(chunk, header, 0, dst.subarray(0, header.nbytes));
    return header.nbytes;
  }

  /** The bytes of `count` elements from number `start` on; decompresses no more blocks than those they are in. */
  getItems(chunk: Uint8Array, start: number, count: number): Uint8Array<ArrayBuffer> {
    const header = readHeader(chunk);
    const { typesize, nbytes, blocksize } = header;
    const elements = Math.floor(nbytes / typesize);
    whole('start', start, 0, elements);
    whole('count', count, 0, elements - start);
    const first = start * typesize;
    const bytes = count * typesize;
    if (bytes === 0) return new Uint8Array(0);
    if (hasBlocks(header)) {
      const firstBlock = Math.floor(first / blocksize);
      const endBlock = Math.ceil((first + bytes) / blocksize);
      const offset = first - firstBlock * blocksize;
      return this.#decode(chunk, header, firstBlock, endBlock).slice(offset, offset + bytes);
    }
    const raw = new Uint8Array(bytes);
    fillPlain(chunk, header, first, raw);
    return raw;
  }

  /** What the header says. */
  info(chunk: Uint8Array): ChunkInfo {
    const { version, typesize, nbytes, cbytes, blocksize, blocks, codec, filters, split, memcpyed, special } = readHeader(chunk);
    const applied = [...filters].filter((filter) => filter !== 0).map(filterName);
    return { version, typesize, nbytes, cbytes, blocksize, blocks, codec, filters: applied, split, memcpyed, special };
  }

  /** Chunk bytes at layout.chunk, of which the header is still missing; 0 when stored as they are they are not longer. */
  #encode(
    raw: Uint8Array,
    header: { readonly typesize: number; readonly codec: { readonly codec: number } },
    level: number,
    division: { readonly blocksize: number; readonly split: boolean },
    pipeline: Pipeline,
  ): { readonly layout: Layout; readonly cbytes: number } {
    const bytes = raw.byteLength;
    const layout = this.#layOut(division.blocksize, bytes + HEADER_BYTES, bytes);
    this.#bytes(layout.raw, bytes).set(raw);
    const { typesize } = header;
    const parameters = pipeline.parameters.map((parameter, i) =>
      pipeline.numbers[i] === TRUNC_PREC ? significandBits(typesize) - parameter : parameter,
    );
    const cbytes = this.#run('encodeBlocks', layout, pipeline.numbers, parameters, {
      ...{ chunkBytes: bytes + HEADER_BYTES, headerBytes: HEADER_BYTES, version: 5, raw: layout.raw, rawBytes: bytes, firstBlock: 0 },
      ...{ endBlock: Math.ceil(bytes / division.blocksize), reference: layout.raw, typesize, blockBytes: division.blocksize },
      ...{ split: Number(division.split), codec: header.codec.codec, level },
    });
    return { layout, cbytes };
  }

  /** The raw bytes of the blocks, valid until the next call. */
  #decode(chunk: Uint8Array, header: Header, firstBlock: number, endBlock: number): Uint8Array<ArrayBuffer> {
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

  #run(
    what: 'encodeBlocks' | 'decodeBlocks',
    layout: Layout,
    filters: Uint8Array,
    parameters: Uint8Array,
    job: Omit<Job, 'chunk' | 'filters' | 'buffers' | 'bufferBytes' | 'tables'>,
  ): number {
    const { chunk, buffers, bufferBytes, tables } = layout;
    this.#bytes(layout.filters, filters.byteLength).set(filters);
    this.#bytes(layout.filters + filters.byteLength, parameters.byteLength).set(parameters);
    writeJob(this.#wasm.memory.buffer, layout.job, { ...job, chunk, filters: layout.filters, buffers, bufferBytes, tables });
    this.#zstdFailure = undefined;
    const result = this.#wasm[what](layout.job);
    if (result >= 0) return result;
    if (this.#zstdFailure !== undefined) throw this.#zstdFailure;
    if (result === UNSUPPORTED) throw new Blosc2Error('unsupported', 'the chunk needs something that this build has not');
    throw new Blosc2Error('damaged', result === DAMAGED ? 'the chunk is damaged' : 'a block of the chunk is larger than the chunk says');
  }

  #bytes(at: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#wasm.memory.buffer as ArrayBuffer, at, length);
  }

  #compressZstd(src: number, length: number, dst: number, capacity: number, level: number): number {
    try {
      if (this.#zstdCompress === undefined) {
        throw new Blosc2Error(
          'unsupported',
          'compressing with zstd; this engine has no zlib.zstdCompressSync, and no zstdCompress was given',
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

type ZstdCall = [src: number, length: number, dst: number, capacity: number, level: number];

function hasBlocks(header: Header): boolean {
  return header.special === 'none' && !header.memcpyed && header.nbytes > 0;
}

/** Raw bytes from `first` on of a chunk that has no blocks; special values begin with a whole element. */
function fillPlain(chunk: Uint8Array, header: Header, first: number, into: Uint8Array): void {
  const { headerBytes, cbytes, special, typesize } = header;
  if (special === 'none') {
    into.set(chunk.subarray(headerBytes + first, headerBytes + first + into.byteLength));
    return;
  }
  const value = chunk.subarray(headerBytes, cbytes);
  const phase = special === 'value' ? first % value.byteLength : 0;
  fillSpecial(special, typesize, phase === 0 ? value : rotated(value, phase), into);
}

function rotated(value: Uint8Array, phase: number): Uint8Array {
  return Uint8Array.of(...value.subarray(phase), ...value.subarray(0, phase));
}

function whole(what: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Blosc2Error('usage', `${what} ${value}; expected a whole number from ${min} to ${max}`);
}
