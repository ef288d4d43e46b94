/**
 * Writes blosc2-chunks.json, chunks that must be read the same for ever, and bytes that must be refused for ever: made by our own compressor of
 * our own data. Only run to add some: `node test/vectors/make-blosc2-chunks.ts`; chunks that are there already stay as they are.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Blosc2 } from '../../wasm/blosc2.ts';
import type { CompressOptions } from '../../wasm/plan.ts';
import { encodeChunk } from '../../wasm/reference/encode.ts';
import { raw } from '../wasm/support/compress-settings.ts';
import type { ChunkVector } from './blosc2-chunks.ts';

const file = new URL('./blosc2-chunks.json', import.meta.url);
const vectors: ChunkVector[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
const blosc = new Blosc2();

function add(name: string, chunk: Uint8Array, expected: Omit<ChunkVector, 'name' | 'chunk'>): void {
  if (vectors.some((vector) => vector.name === name)) return;
  vectors.push({ name, chunk: Buffer.from(chunk).toString('base64'), ...expected });
}

function good(name: string, bytes: Uint8Array, chunk: Uint8Array): void {
  add(name, chunk, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
}

const bytes = raw(1500, 4, 1, 3);
for (const codec of ['blosclz', 'lz4', 'lz4hc', 'zstd'] as const) {
  for (const filters of [[], ['shuffle'], ['bitshuffle'], ['delta', 'shuffle']] as const) {
    const options: CompressOptions = { codec, filters, typesize: 4, blocksize: 640 };
    good(`${codec} ${filters.join(' ') || 'unfiltered'}`, bytes, blosc.compress(bytes, options));
  }
}
good('split in 3 streams', raw(999, 3, 1, 5), blosc.compress(raw(999, 3, 1, 5), { typesize: 3, splitMode: 'always', blocksize: 333 }));
good('a last block that is no whole element', raw(1001, 8, 1, 5), blosc.compress(raw(1001, 8, 1, 5), { typesize: 8, blocksize: 256 }));
good('runs of a byte', raw(400, 4, 4, 5).fill(9, 100), blosc.compress(raw(400, 4, 4, 5).fill(9, 100), { typesize: 4, blocksize: 100 }));
good('zeros', new Uint8Array(777), blosc.compress(new Uint8Array(777)));
good('NaNs', new Uint8Array(new Float64Array(50).fill(Number.NaN).buffer), blosc.compress(new Float64Array(50).fill(Number.NaN)));
good('a value', new Uint8Array(new Float32Array(50).fill(2.5).buffer), blosc.compress(new Float32Array(50).fill(2.5)));
good('stored', raw(60, 1, 3, 5), blosc.compress(raw(60, 1, 3, 5)));
good('nothing', new Uint8Array(0), blosc.compress(new Uint8Array(0)));
const blosc1 = {
  typesize: 4,
  blocksize: 640,
  codec: 'lz4',
  filters: [{ id: 1, meta: 0 }],
  split: true,
  runs: false,
  extended: false,
} as const;
good('Blosc1', bytes, encodeChunk(bytes, blosc1));

const lz4 = blosc.compress(bytes, { typesize: 4, blocksize: 640, filters: [] });
const bad = (name: string, error: string, ...changes: [offset: number, ...values: number[]][]): void => {
  const chunk = lz4.slice();
  for (const [offset, ...values] of changes) chunk.set(values, offset);
  add(name, chunk, { error });
};
bad('version 0', 'damaged', [0, 0]);
bad('a later version', 'unsupported', [0, 9]);
bad('a dictionary', 'unsupported', [31, 1]);
bad('a lazy chunk', 'unsupported', [31, 8]);
bad('a plugin filter', 'unsupported', [21, 35]);
bad('zlib', 'unsupported', [2, 0x65]);
bad('two gigabytes', 'too-large', [4, 0, 0, 0, 120], [8, 0, 0, 0, 16]);
bad('a block behind the end', 'damaged', [32, 0, 0, 1, 0]);
bad('a stream behind the end', 'damaged', [44, 255, 255, 0, 0]);
bad('a match before the beginning', 'damaged', [48, 0x10, 0, 255, 255]);
add('cut', lz4.subarray(0, lz4.length - 1), { error: 'damaged' });

writeFileSync(file, `[\n${vectors.map((vector) => `  ${JSON.stringify(vector)}`).join(',\n')}\n]\n`);
