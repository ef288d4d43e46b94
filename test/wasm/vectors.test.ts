import { readFileSync } from 'node:fs';
import test from 'ava';
import { Blosc2 } from '../../wasm/blosc2.ts';
import { Blosc2Error } from '../../wasm/error.ts';
import { loadModuleSync } from '../../wasm/module.ts';
import { decodeChunk } from '../../wasm/reference/decode.ts';
import { ChunkFailure } from '../../wasm/reference/failure.ts';
import { refusedVectors } from '../vectors/blosc2/refused.ts';
import { digest, line, MAX_BYTES, validVectors } from '../vectors/blosc2/vectors.ts';
import { zstdOf } from './support/zstd.ts';

const lines = readFileSync(new URL('../vectors/blosc2/chunks.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

/** Node's zstd gives no class of failure; ours does. */
const statuses = new Map([
  [-1, 'damaged'],
  [-2, 'damaged'],
  [-3, 'unsupported'],
] as const);
const zstdFrame = zstdOf('blosc2');

function zstd(frame: Uint8Array, bytes: number): Uint8Array {
  const result = zstdFrame(frame, bytes);
  if (typeof result === 'number') throw new ChunkFailure(statuses.get(result as -1)!, `Zstandard: status ${result}`);
  return result;
}

const plain = new Blosc2({ module: loadModuleSync(false) });
const simd = new Blosc2({ module: loadModuleSync(true) });
const decoders = {
  reference: (chunk: Uint8Array) => decodeChunk(chunk, { maxBytes: MAX_BYTES, zstd }),
  'wasm without SIMD': (chunk: Uint8Array) => plain.decompress(chunk, { maxBytes: MAX_BYTES }),
  'wasm with SIMD': (chunk: Uint8Array) => simd.decompress(chunk, { maxBytes: MAX_BYTES }),
};

function outcome(decode: (chunk: Uint8Array) => Uint8Array, chunk: Uint8Array): string {
  try {
    const raw = decode(chunk);
    return `ok ${raw.length} ${digest(raw)}`;
  } catch (thrown) {
    if (thrown instanceof ChunkFailure) return `${thrown.kind} - -`;
    if (thrown instanceof Blosc2Error) return `${thrown.code} - -`;
    throw thrown;
  }
}

for (const [name, decode] of Object.entries(decoders)) {
  test(`${name} makes of each vector what it should`, (t) => {
    for (const line of lines) {
      const [vector, expected, bytes, content, hex] = line.split(' ');
      t.is(outcome(decode, Buffer.from(hex!, 'hex')), `${expected} ${bytes} ${content}`, vector);
    }
  });
}

test('the file of vectors is what its program writes', (t) => {
  t.deepEqual(lines, [...validVectors(), ...refusedVectors()].map(line), 'run node test/vectors/blosc2/make.ts');
});

test('names of vectors are unique', (t) => {
  t.is(new Set(lines.map((line) => line.split(' ')[0])).size, lines.length);
});
