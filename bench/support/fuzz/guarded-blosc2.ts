/**
 * The decoders of a build of blosc2.wasm, called like the package calls them, but with every buffer exactly as large as promised and guard
 * bytes around it.
 */
import { Blosc2Error } from '../../../wasm/error.ts';
import { hasBlocks, readHeader } from '../../../wasm/header.ts';
import { type Blosc2Exports, JOB_BYTES, writeJob } from '../../../wasm/job.ts';
import { TABLE_BYTES } from '../../../wasm/memory.ts';
import { fillPlain } from '../../../wasm/special.ts';
import { GuardedMemory, type Region } from './guarded-memory.ts';
import { Finding, type Outcome } from './outcome.ts';

interface Exports extends Blosc2Exports {
  readonly zstdScratchBytes: WebAssembly.Global;
  blosclzDecompress(src: number, length: number, dst: number, capacity: number): number;
  lz4Decompress(src: number, length: number, dst: number, capacity: number): number;
  zstdDecompress(src: number, length: number, dst: number, capacity: number, scratch: number): number;
}

/** Results of the module (wasm/assembly/status.ts). */
const statuses = new Map([
  [-1, 'damaged'],
  [-2, 'too-large'],
  [-3, 'unsupported'],
]);
/** What a block's buffer is larger than a block: copies may write so far behind it. */
const BUFFER_SLACK_BYTES = 64;
const FILTER_BYTES = 12;

export type StreamCodec = 'blosclz' | 'lz4' | 'zstd';

export class GuardedBlosc2 {
  readonly #wasm: Exports;
  readonly #memory: GuardedMemory;
  #guard: number;

  /** Guard bytes start at `guard`: two builds get different ones, so that what is read outside makes a difference. */
  constructor(module: WebAssembly.Module, guard: number) {
    this.#wasm = new WebAssembly.Instance(module, { host: { zstdCompress: () => -3 } }).exports as unknown as Exports;
    this.#memory = new GuardedMemory(this.#wasm.memory, Number(this.#wasm.heapBase.value));
    this.#guard = guard;
  }

  /** A stream that decodes to at most `capacity` bytes. */
  decodeStream(codec: StreamCodec, stream: Uint8Array, capacity: number): Outcome {
    const scratchBytes = codec === 'zstd' ? Number(this.#wasm.zstdScratchBytes.value) : 0;
    const [src, dst, scratch] = this.#layOut([stream.length, capacity, scratchBytes]);
    this.#memory.bytes(src!.at, src!.length).set(stream);
    const call = [src!.at, stream.length, dst!.at, capacity] as const;
    const wasm = this.#wasm;
    const result =
      codec === 'zstd'
        ? wasm.zstdDecompress(...call, scratch!.at)
        : codec === 'lz4'
          ? wasm.lz4Decompress(...call)
          : wasm.blosclzDecompress(...call);
    this.#check(`${codec} into ${dst!.at} (${capacity} bytes)`);
    if (result > capacity) throw new Finding(`${codec}: ${result} bytes where there is room for ${capacity}`);
    return result < 0 ? status(result) : this.#memory.bytes(dst!.at, result).slice();
  }

  decodeChunk(chunk: Uint8Array, maxBytes: number): Outcome {
    try {
      const header = readHeader(chunk);
      if (header.nbytes > maxBytes) return 'too-large';
      if (hasBlocks(header)) return this.#decodeBlocks(chunk, header);
      const raw = new Uint8Array(header.nbytes);
      fillPlain(chunk, header, 0, raw);
      return raw;
    } catch (thrown) {
      if (thrown instanceof Blosc2Error) return thrown.code;
      throw thrown;
    }
  }

  #decodeBlocks(bytes: Uint8Array, header: ReturnType<typeof readHeader>): Outcome {
    const { cbytes, nbytes, blocksize, filters, parameters, headerBytes, version, typesize, blocks } = header;
    const bufferBytes = (blocksize + BUFFER_SLACK_BYTES + 15) & ~15;
    const lengths = [JOB_BYTES, FILTER_BYTES, TABLE_BYTES, 3 * bufferBytes, cbytes, nbytes];
    const [job, pipeline, tables, buffers, chunk, raw] = this.#layOut(lengths) as [Region, Region, Region, Region, Region, Region];
    this.#memory.bytes(chunk.at, cbytes).set(bytes.subarray(0, cbytes));
    this.#memory.bytes(pipeline.at, 6).set(filters);
    this.#memory.bytes(pipeline.at + 6, 6).set(parameters);
    writeJob(this.#wasm.memory.buffer, job.at, {
      ...{ chunk: chunk.at, chunkBytes: cbytes, headerBytes, version, raw: raw.at, rawBytes: nbytes, firstBlock: 0, endBlock: blocks },
      ...{ reference: raw.at, typesize, blockBytes: blocksize, split: Number(header.split), codec: header.format, level: 0 },
      ...{ filters: pipeline.at, buffers: buffers.at, bufferBytes, tables: tables.at },
    });
    const result = this.#wasm.decodeBlocks(job.at);
    this.#check(
      `chunk at ${chunk.at} (${cbytes} bytes) into ${raw.at} (${nbytes} bytes), buffers at ${buffers.at} (${3 * bufferBytes} bytes)`,
    );
    // A stream may not announce more than its block: too large for the block is damaged for the chunk.
    if (result < 0) return result === -2 ? 'damaged' : status(result);
    return this.#memory.bytes(raw.at, nbytes).slice();
  }

  #layOut(lengths: readonly number[]): Region[] {
    this.#guard = (this.#guard + 37) & 255;
    return this.#memory.layOut(lengths, this.#guard);
  }

  #check(what: string): void {
    const damage = this.#memory.damage();
    if (damage !== undefined) throw new Finding(`${what}: wrote to ${damage}`);
  }
}

function status(result: number): string {
  const known = statuses.get(result);
  if (known === undefined) throw new Finding(`unknown status ${result}`);
  return known;
}
