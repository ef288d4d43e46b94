/**
 * What a caller asks for, checked and completed: the numbers that a header says and that the compressor is told.
 */
import { type Division, divide, type SplitMode } from './blocksize.ts';
import { type CodecName, type CodecNumbers, codecNumbers } from './codec.ts';
import { Blosc2Error } from './error.ts';
import { type Filter, type Pipeline, pipelineOf } from './filters.ts';
import { BLOCK_BYTES_MAX, CHUNK_RAW_BYTES_MAX } from './header.ts';

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

export interface Plan {
  readonly bytes: number;
  readonly typesize: number;
  readonly level: number;
  readonly codec: CodecNumbers;
  readonly pipeline: Pipeline;
  readonly division: Division;
}

export function planOf(src: ArrayBufferView, options: CompressOptions): Plan {
  const bytes = src.byteLength;
  if (bytes > CHUNK_RAW_BYTES_MAX) {
    throw new Blosc2Error('too-large', `${bytes} bytes; a chunk holds at most ${CHUNK_RAW_BYTES_MAX}`);
  }
  const { codec: name = 'lz4', filters = ['shuffle'], splitMode = 'auto' } = options;
  const typesize = wholeNumber('typesize', options.typesize ?? (src as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1, 1, 255);
  const level = wholeNumber('level', options.level ?? 5, 0, 9);
  const blocksize = wholeNumber('blocksize', options.blocksize ?? 0, 0, BLOCK_BYTES_MAX);
  const codec = codecNumbers[name];
  if (codec === undefined) {
    throw new Blosc2Error('usage', `codec "${name}"; expected ${Object.keys(codecNumbers).join(', ')}`);
  }
  if (!['always', 'never', 'auto'].includes(splitMode)) {
    throw new Blosc2Error('usage', `splitMode "${splitMode}"; expected always, never or auto`);
  }
  const pipeline = pipelineOf(filters, typesize);
  const division = divide({ bytes, typesize, codec: name, level, filters: pipeline.numbers, blocksize, splitMode });
  return { bytes, typesize, level, codec, pipeline, division };
}

export function wholeNumber(what: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Blosc2Error('usage', `${what} ${value}; expected a whole number from ${min} to ${max}`);
}
