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
import { Engine } from './engine.ts';
import { Blosc2Error } from './error.ts';
import { filterName, TRUNC_PREC } from './filters.ts';
import { CHUNK_RAW_BYTES_MAX, HEADER_BYTES, hasBlocks, readHeader, type Special, writeHeader } from './header.ts';
import { loadModule, loadModuleSync } from './module.ts';
import { type CompressOptions, type Plan, planOf, wholeNumber } from './plan.ts';
import { fillPlain, findSpecial } from './special.ts';
import { nodeZstd, type ZstdCompress } from './zstd-host.ts';

export interface ContextOptions {
  /** From loadModule(), perhaps in another thread; by default the one that suits this engine, which only Node can load synchronously. */
  readonly module?: WebAssembly.Module;
  /** How large the memory may become, in bytes; default 2 GiB. A call needs raw and compressed bytes, three blocks, and 300 KiB. */
  readonly memoryBytesMax?: number;
  /** To compress with Zstd; default: Node's. */
  readonly zstdCompress?: ZstdCompress;
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
/** Shorter ones are stored as they are. */
const RAW_BYTES_MIN = 32;

/** Where a chunk of so many bytes goes. */
type Place = (bytes: number) => Uint8Array<ArrayBufferLike>;

export class Blosc2 {
  readonly #engine: Engine;

  constructor(options: ContextOptions = {}) {
    const { module = loadModuleSync(), memoryBytesMax = MEMORY_BYTES_MAX, zstdCompress = nodeZstd() } = options;
    this.#engine = new Engine(module, memoryBytesMax, zstdCompress);
  }

  /** As the constructor, in any engine. */
  static async create(options: ContextOptions = {}): Promise<Blosc2> {
    return new Blosc2({ ...options, module: options.module ?? (await loadModule()) });
  }

  /** A chunk of at most 32 bytes more than `src`. */
  compress(src: ArrayBufferView, options: CompressOptions = {}): Uint8Array<ArrayBuffer> {
    let chunk = new Uint8Array(0);
    this.#compress(src, planOf(src, options), (bytes) => {
      chunk = new Uint8Array(bytes);
      return chunk;
    });
    return chunk;
  }

  /** The same, to the beginning of `dst`; 32 bytes more than `src` always suffice. Returns how many bytes it wrote. */
  compressInto(src: ArrayBufferView, dst: Uint8Array, options: CompressOptions = {}): number {
    return this.#compress(src, planOf(src, options), (bytes) => {
      if (bytes > dst.byteLength) throw new Blosc2Error('too-large', `a chunk of ${bytes} bytes; there is room for ${dst.byteLength}`);
      return dst.subarray(0, bytes);
    });
  }

  /** The raw bytes of a Blosc2 or Blosc1 chunk; what follows the chunk is ignored. */
  decompress(chunk: Uint8Array, options: DecompressOptions = {}): Uint8Array<ArrayBuffer> {
    const header = readHeader(chunk);
    const { maxBytes = CHUNK_RAW_BYTES_MAX } = options;
    if (header.nbytes > maxBytes) throw new Blosc2Error('too-large', `${header.nbytes} raw bytes; at most ${maxBytes} are allowed`);
    if (hasBlocks(header)) return this.#engine.decode(chunk, header, 0, header.blocks).slice();
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
    if (hasBlocks(header)) dst.set(this.#engine.decode(chunk, header, 0, header.blocks));
    else fillPlain(chunk, header, 0, dst.subarray(0, header.nbytes));
    return header.nbytes;
  }

  /** The bytes of `count` elements from number `start` on; decompresses no more blocks than those they are in. */
  getItems(chunk: Uint8Array, start: number, count: number): Uint8Array<ArrayBuffer> {
    const header = readHeader(chunk);
    const { typesize, nbytes, blocksize } = header;
    const elements = Math.floor(nbytes / typesize);
    wholeNumber('start', start, 0, elements);
    wholeNumber('count', count, 0, elements - start);
    const first = start * typesize;
    const bytes = count * typesize;
    if (bytes > 0 && hasBlocks(header)) {
      const firstBlock = Math.floor(first / blocksize);
      const endBlock = Math.ceil((first + bytes) / blocksize);
      const offset = first - firstBlock * blocksize;
      return this.#engine.decode(chunk, header, firstBlock, endBlock).slice(offset, offset + bytes);
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

  #compress(src: ArrayBufferView, plan: Plan, place: Place): number {
    const raw = new Uint8Array(src.buffer, src.byteOffset, src.byteLength);
    if (plan.level > 0 && plan.bytes >= RAW_BYTES_MIN) {
      const special = findSpecial(raw, plan.typesize, plan.pipeline.numbers.includes(TRUNC_PREC));
      if (special !== 'none') return finish(plan, place, special === 'value' ? raw.subarray(0, plan.typesize) : new Uint8Array(0), special);
      const encoded = this.#engine.encode(raw, plan);
      if (encoded !== undefined) return finish(plan, place, encoded.subarray(HEADER_BYTES));
    }
    return finish(plan, place, raw, 'none', true);
  }
}

/** Puts the header before the content. Returns the bytes of the chunk. */
function finish(plan: Plan, place: Place, content: Uint8Array, special: Special = 'none', memcpyed = false): number {
  const cbytes = HEADER_BYTES + content.byteLength;
  const chunk = place(cbytes);
  chunk.set(content, HEADER_BYTES);
  const { bytes: nbytes, typesize, codec, division, pipeline } = plan;
  const { numbers: filters, parameters } = pipeline;
  writeHeader(chunk, { typesize, nbytes, cbytes, ...division, memcpyed, special, codec, filters, parameters });
  return cbytes;
}
