/**
 * blosc2.wasm against the real c-blosc2, in both directions, when SPLITMESH_C_BLOSC2 names its source folder.
 */
import test from 'ava';
import fc from 'fast-check';
import { builds, simd } from './support/builds.ts';
import { CODEC, type Order, realBlosc2, SPLIT } from './support/c-blosc2.ts';
import { KINDS, raw, type Settings, settings, sizeNear } from './support/compress-settings.ts';
import { sameBytes } from './support/same-bytes.ts';

const CASES = 1500;
const ids = { shuffle: 1, bitshuffle: 2, delta: 3 } as const;

interface Case {
  readonly options: Settings;
  readonly bytes: Uint8Array;
}

/**
 * Whole elements, and blocks of whole elements no larger than the chunk: c-blosc2 writes block sizes to the header that it did not use
 * otherwise, leaves the bytes behind the last whole element undefined with delta, and with more than two filters writes into its input.
 */
function cases(seed: number): Case[] {
  const arbitrary = settings
    .filter(({ filters }) => filters.length <= 2)
    .chain((options) => fc.tuple(fc.constant(options), sizeNear(options), fc.nat(KINDS - 1), fc.integer({ min: 1, max: 2 ** 31 - 1 })));
  return fc.sample(arbitrary, { numRuns: CASES, seed }).map(([options, size, kind, seed]) => {
    const { typesize } = options;
    const bytes = raw(size - (size % typesize), typesize, kind, seed);
    const blocksize = Math.max(typesize, options.blocksize - (options.blocksize % typesize));
    return { bytes, options: { ...options, blocksize: options.blocksize === 0 || blocksize > bytes.length ? 0 : blocksize } };
  });
}

function orderOf({ options, bytes }: Case): Order {
  const { typesize, codec, level, blocksize, splitMode, filters } = options;
  return {
    ...{ op: 'compress', bytes, capacity: bytes.length + 32, typesize, codec: CODEC[codec], level, blocksize },
    split: splitMode === 'auto' ? SPLIT.forwardCompatible : SPLIT[splitMode],
    filters: filters.map((filter) => (typeof filter === 'object' ? { id: 4, meta: filter.truncPrec } : { id: ids[filter], meta: 0 })),
  };
}

const seed = (): number => fc.readConfigureGlobal()?.seed ?? 1;

test('c-blosc2 reads what we write', async (t) => {
  const run = await realBlosc2(t);
  if (!run) return t.pass();
  const all = cases(seed()).filter(({ bytes }) => bytes.length > 0);
  const orders = all.map(
    ({ options, bytes }): Order => ({ op: 'decompress', bytes: simd.compress(bytes, options), capacity: bytes.length }),
  );
  for (const [i, result] of run(orders).entries()) {
    const { options, bytes } = all[i]!;
    if (result instanceof Uint8Array) sameBytes(t, result, bytes, JSON.stringify(options));
    else t.fail(`c-blosc2 failed with ${result}: ${JSON.stringify(options)}, ${bytes.length} bytes`);
  }
});

test('we read what c-blosc2 writes, and are within 2 % of its sizes', async (t) => {
  const run = await realBlosc2(t);
  if (!run) return t.pass();
  const all = cases(seed() + 1).filter(({ bytes }) => bytes.length > 0);
  const sums = new Map<string, { ours: number; theirs: number }>();
  for (const [i, chunk] of run(all.map(orderOf)).entries()) {
    const { options, bytes } = all[i]!;
    if (!(chunk instanceof Uint8Array)) {
      t.fail(`c-blosc2 failed with ${chunk}: ${JSON.stringify(options)}, ${bytes.length} bytes`);
      continue;
    }
    for (const [build, blosc] of builds) sameBytes(t, blosc.decompress(chunk), bytes, `${build} ${JSON.stringify(options)}`);
    const elements = Math.floor(bytes.length / options.typesize);
    const start = Math.floor(elements / 3);
    const items = simd.getItems(chunk, start, elements - start);
    sameBytes(t, items, bytes.subarray(start * options.typesize), `items of ${JSON.stringify(options)}`);
    const ours = simd.compress(bytes, options);
    // c-blosc2 makes special chunks of zeros only.
    if (simd.info(ours).special !== 'none') continue;
    const sum = sums.get(options.codec) ?? { ours: 0, theirs: 0 };
    sum.ours += ours.length;
    sum.theirs += chunk.length;
    sums.set(options.codec, sum);
  }
  for (const [codec, { ours, theirs }] of sums) {
    t.true(Math.abs(ours / theirs - 1) <= 0.02, `${codec}: ${ours} bytes, c-blosc2 ${theirs}`);
    t.log(`${codec}: ${ours} bytes, c-blosc2 ${theirs}`);
  }
});

test('Blosc1 chunks and numbers that were cut: we read what c-blosc2 writes', async (t) => {
  const run = await realBlosc2(t);
  if (!run) return t.pass();
  const floats = new Uint8Array(Float32Array.from({ length: 3000 }, (_, i) => Math.sin(i / 50)).buffer);
  const cut: Order = {
    op: 'compress',
    bytes: floats,
    capacity: 20_000,
    typesize: 4,
    codec: CODEC.lz4,
    filters: [
      { id: 4, meta: 10 },
      { id: 1, meta: 0 },
    ],
  };
  const old = [1, 2].map((id): Order => ({ ...cut, op: 'compressBlosc1', filters: [{ id, meta: 0 }] }));
  const [cutChunk, ...oldChunks] = run([cut, ...old]);
  sameBytes(t, simd.compress(floats, { typesize: 4, filters: [{ truncPrec: 10 }, 'shuffle'] }), cutChunk as Uint8Array, 'the same chunk');
  const decoded = new Float32Array(simd.decompress(cutChunk as Uint8Array).buffer);
  t.true(decoded.every((value, i) => Math.abs(value - Math.sin(i / 50)) <= 2 ** -10));
  for (const chunk of oldChunks) sameBytes(t, simd.decompress(chunk as Uint8Array), floats);
});
