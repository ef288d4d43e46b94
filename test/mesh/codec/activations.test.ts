import test from 'ava';
import fc from 'fast-check';
import { groupsOf } from '../../../mesh/codec/groups.ts';
import { decodeChunk, decodeChunkInto, tensorCodecs } from '../../../mesh/codec/registry.ts';
import type { ChunkLayout, Codec } from '../../../mesh/codec.ts';
import { MeshError } from '../../../mesh/error.ts';
import { type DType, dtypes } from '../../../mesh/tensor.ts';
import { extreme, floatsArbitrary, ordinary, values } from '../../wasm/activations/arbitrary.ts';
import { bytesOf } from '../../wasm/activations/instances.ts';

const lossy = ['fp16', 'bf16', 'int8', 'int6', 'int4', ...Array.from({ length: 22 }, (_, i) => `trunc:${i + 1}`)];
const lossless = ['lz4', 'blosc2', 'sparse'];
const all = [...tensorCodecs.values()];
/** Of the 22 that keep so many bits, some stand for all. */
const tested = all.filter(({ name }) => !name.startsWith('trunc') || ['trunc:1', 'trunc:10', 'trunc:22'].includes(name));

/** Whatever a tensor may be and wherever a chunk may begin. */
const layoutArbitrary = fc.record({
  dtype: fc.constant<DType>('float32'),
  dims: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 5 }),
  first: fc.nat(5000),
});
const channels: ChunkLayout = { dtype: 'float32', dims: [1, 16, 8, 8], first: 0 };

test('all codecs are there, and say what they lose', (t) => {
  t.deepEqual([...tensorCodecs.keys()].sort(), [...lossy, ...lossless].sort());
  for (const { name, lossless: isLossless, fidelity } of all) {
    t.is(isLossless, lossless.includes(name), name);
    t.is(fidelity === 'lossless', isLossless, name);
  }
});

for (const codec of tested) {
  test(`${codec.name}: no value is further off than the chunk says, whatever the values and the layout`, (t) => {
    let byName = 0;
    fc.assert(
      fc.property(floatsArbitrary(ordinary), layoutArbitrary, (floats, layout) => {
        const { errorMax, name, decoded } = there(codec, bytesOf(floats), layout);
        byName += Number(name === codec.name);
        if (codec.lossless) t.deepEqual(decoded, bytesOf(floats));
        const after = new Float32Array(decoded.buffer);
        return floats.every((x, i) => Math.abs(x - after[i]!) <= errorMax) && (errorMax === 0 || !codec.lossless);
      }),
      { numRuns: 150 },
    );
    t.true(byName > 10, `encoded ${byName} times`);
  });

  test(`${codec.name}: NaN, infinities and magnitudes that it can't say come back bit by bit, and the chunk says so`, (t) => {
    fc.assert(
      fc.property(floatsArbitrary(extreme), layoutArbitrary, (floats, layout) => {
        const { errorMax, name, decoded } = there(codec, bytesOf(floats), layout);
        const after = new Float32Array(decoded.buffer);
        if (!floats.every(Number.isFinite) || name !== codec.name) {
          t.deepEqual(decoded, bytesOf(floats));
          t.is(errorMax, 0);
          if (!codec.lossless) t.not(name, codec.name);
        }
        return floats.every((x, i) => Object.is(x, after[i]) || Math.abs(x - after[i]!) <= errorMax);
      }),
      { numRuns: 150 },
    );
  });
}

for (const codec of tested.filter(({ lossless: isLossless }) => !isLossless)) {
  test(`${codec.name}: other types than float32 lose nothing`, (t) => {
    for (const [dtype, { bytes }] of Object.entries(dtypes).filter(([dtype]) => dtype !== 'float32')) {
      const raw = Uint8Array.from({ length: 64 * bytes }, (_, i) => (i * 37) & 0x4b);
      const { errorMax, decoded } = there(codec, raw, { dtype: dtype as DType, dims: [64], first: 0 });
      t.deepEqual(decoded, raw);
      t.is(errorMax, 0);
    }
  });
}

test('empty chunks travel as they are', (t) => {
  for (const codec of all) t.is(codec.encode(new Uint8Array(), { dtype: 'float32', dims: [0], first: 0 }).codec, 'none', codec.name);
});

test('what does not shrink is not encoded, by no codec', (t) => {
  const noise = Uint8Array.from({ length: 4096 }, (_, i) => Math.floor(Math.abs(Math.sin(i * 12.9898) * 43758.5453) * 256) & 255);
  for (let i = 3; i < 4096; i += 4) noise[i] = 0x7f; // NaN and very large numbers: nothing to quantise
  for (let i = 2; i < 4096; i += 4) noise[i]! |= 0x80;
  for (const codec of all) {
    const { payload, codec: name } = codec.encode(noise, channels);
    t.true(payload.byteLength <= 4096);
    t.true(payload.byteLength < 4096 || (name === 'none' && payload === noise), codec.name);
  }
});

test('quantised channels keep their own scale wherever chunks begin', (t) => {
  // Channels of 49 values, each a hundred times smaller or larger than its neighbours.
  const tensor = Float32Array.from(values('gaussian', 49 * 64, 1), (x, i) => x * (Math.floor(i / 49) % 2 === 0 ? 1 : 100));
  for (const first of [0, 1, 48, 49, 50, 700]) {
    for (const count of [1, 48, 49, 200, 2000]) {
      const layout = { dtype: 'float32', dims: [1, 64, 7, 7], first } as const;
      const part = tensor.slice(first, first + count);
      const after = new Float32Array(there(tensorCodecs.get('int8')!, bytesOf(part), layout).decoded.buffer);
      for (const [i, x] of part.entries()) {
        const isSmall = Math.floor((first + i) / 49) % 2 === 0;
        t.true(Math.abs(x - after[i]!) < (isSmall ? 0.05 : 5), `${first} + ${i}: ${x} became ${after[i]}`);
      }
    }
  }
});

test('groups are channels, or as many as make a table worth it', (t) => {
  const groups = (dims: number[], first = 0) => groupsOf({ dtype: 'float32', dims, first }, 1000);
  t.deepEqual(groups([1, 64, 56, 56]), { group: 3136, head: 0 });
  t.deepEqual(groups([1, 64, 56, 56], 3130), { group: 3136, head: 6 });
  t.deepEqual(groups([1, 960, 7, 7], 50), { group: 49, head: 48 });
  t.deepEqual(groups([1, 960, 1, 1]), { group: 32, head: 0 });
  t.deepEqual(groups([1, 4, 3, 3, 3]), { group: 54, head: 0 });
  t.deepEqual(groups([1, 197, 768], 768 * 2 + 8), { group: 768, head: 760, columns: 768 });
  t.deepEqual(groups([5, 7]), { group: 35, head: 0, columns: 7 });
  t.deepEqual(groups([1000]), { group: 1000, head: 0 });
  t.deepEqual(groups([]), { group: 1000, head: 0 });
});

test('damaged chunks are refused as invalid, unknown versions as unsupported', (t) => {
  const raw = bytesOf(Float32Array.from(values('relu', 1024, 1)));
  for (const codec of tested) {
    const { payload, codec: name } = codec.encode(raw, channels);
    t.is(name, codec.name);
    for (const wrong of [payload.subarray(0, 3), payload.subarray(0, payload.byteLength >> 1), new Uint8Array()]) {
      const error = t.throws(
        () => decodeChunk(tensorCodecs, { codec: name, rawBytes: 4096, payload: wrong }, 4096),
        { instanceOf: MeshError },
        name,
      );
      t.is(error?.code, 'invalid', name);
    }
    const shorter = t.throws(() => codec.decode(payload, new Uint8Array(4092)), { instanceOf: MeshError }, name);
    t.is(shorter?.code, 'invalid');
    if (name === 'lz4' || name === 'blosc2' || name.startsWith('trunc')) continue;
    const later = payload.slice();
    later[0] = 2;
    t.is(t.throws(() => codec.decode(later, new Uint8Array(4096)), { instanceOf: MeshError })?.code, 'unsupported', name);
  }
});

test('chunks that were encoded before are not touched by later ones', (t) => {
  for (const codec of all) {
    const one = codec.encode(bytesOf(Float32Array.from(values('relu', 1024, 1))), channels).payload;
    const copy = one.slice();
    codec.encode(bytesOf(Float32Array.from(values('gaussian', 1024, 2))), channels);
    t.deepEqual(one, copy, codec.name);
  }
});

/** Encodes, and decodes at the other end. */
function there(codec: Codec, raw: Uint8Array, layout: ChunkLayout): { errorMax: number; name: string; decoded: Uint8Array<ArrayBuffer> } {
  const { codec: name, payload, errorMax } = codec.encode(raw, layout);
  if (payload.byteLength > raw.byteLength) throw new Error(`${raw.byteLength} bytes became ${payload.byteLength}`);
  const decoded = new Uint8Array(raw.byteLength);
  decodeChunkInto(tensorCodecs, { codec: name, rawBytes: raw.byteLength, payload }, decoded);
  return { errorMax, name, decoded };
}
