import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { Blosc2 } from '../../wasm/blosc2.ts';
import { readFrame } from '../../wasm/cframe-read.ts';
import { writeFrame } from '../../wasm/cframe-write.ts';
import { Blosc2Error } from '../../wasm/error.ts';
import { decodeChunk } from '../../wasm/reference/decode.ts';
import { type EncodeOptions, encodeChunk, specialChunk } from '../../wasm/reference/encode.ts';
import { CODEC, type Order, realBlosc2 } from './support/c-blosc2.ts';
import { randomBytes, zstdBytes } from './support/chunks.ts';
import { referenceCodec } from './support/reference-codec.ts';
import { sameBytes } from './support/same-bytes.ts';

const codec = new Blosc2();

const settings: EncodeOptions = {
  ...{ typesize: 4, blocksize: 512, codec: 'lz4', split: true, runs: true, extended: true },
  filters: [{ id: 1, meta: 0 }],
};

function numbers(length: number, seed: number): Uint8Array {
  return new Uint8Array(Int32Array.from({ length: length / 4 }, (_, at) => seed + Math.round(1000 * Math.sin(at / 9))).buffer);
}

function decodedChunks(chunks: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(chunks.map((chunk) => decodeChunk(chunk, { maxBytes: 1 << 20, zstd: zstdBytes }))));
}

const metalayers = new Map([
  ['fixed', Buffer.from('constant length')],
  ['none', new Uint8Array(0)],
]);
const vlmetalayers = new Map([['loose', new Uint8Array(Buffer.from('any length'))]]);

/** Chunks of 2000 bytes and a shorter last one, stored and special. */
const someChunks = [
  encodeChunk(numbers(2000, 1), settings),
  specialChunk({ kind: 'zero' }, 2000, 4, 512),
  encodeChunk(randomBytes(2000, 5), settings),
  specialChunk({ kind: 'nan' }, 2000, 4, 512),
  specialChunk({ kind: 'value', value: Uint8Array.of(1, 2, 3, 4) }, 2000, 4, 512),
  specialChunk({ kind: 'uninitialized' }, 400, 4, 512),
];

function sameLayers(t: ExecutionContext, found: ReadonlyMap<string, Uint8Array>, expected: ReadonlyMap<string, Uint8Array>): void {
  t.deepEqual([...found.keys()], [...expected.keys()]);
  for (const [name, bytes] of expected) sameBytes(t, found.get(name)!, bytes, name);
}

for (const [name, codec] of Object.entries({ 'the reference codec': referenceCodec, 'a Blosc2 context': new Blosc2() })) {
  test(`with ${name}, a frame gives back its chunks and its layers`, (t) => {
    const frame = writeFrame(someChunks, { codec, metalayers, vlmetalayers });
    const read = readFrame(frame, { codec });
    t.is(read.chunksize, 2000);
    t.is(read.nbytes, 10_400);
    t.is(read.typesize, 4);
    t.is(read.chunks.length, someChunks.length);
    sameBytes(t, decodedChunks(read.chunks), decodedChunks(someChunks));
    t.true(read.chunks[0]!.buffer === frame.buffer, 'chunks are views of the frame');
    sameLayers(t, read.metalayers, metalayers);
    sameLayers(t, read.vlmetalayers, vlmetalayers);
  });
}

test('a frame without chunks, and one with chunks of any length', (t) => {
  t.deepEqual(readFrame(writeFrame([], { codec }), { codec }).chunks, []);
  const chunks = [
    encodeChunk(numbers(400, 1), settings),
    specialChunk({ kind: 'zero' }, 2000, 4, 512),
    encodeChunk(numbers(800, 1), settings),
  ];
  const read = readFrame(writeFrame(chunks, { codec }), { codec });
  t.is(read.chunksize, 0);
  sameBytes(t, decodedChunks(read.chunks), decodedChunks(chunks));
});

test('what is no Blosc2 chunk does not get into a frame', (t) => {
  const write = (chunk: Uint8Array) => () => writeFrame([chunk], { codec });
  const usage = (chunk: Uint8Array) => t.is(t.throws(write(chunk), { instanceOf: Blosc2Error })?.code, 'usage');
  usage(encodeChunk(numbers(400, 1), { ...settings, extended: false }));
  usage(someChunks[0]!.subarray(0, 60));
  usage(specialChunk({ kind: 'zero' }, 0, 4, 512));
  const layers = new Map([['n'.repeat(32), new Uint8Array(1)]]);
  t.is(t.throws(() => writeFrame([], { codec, metalayers: layers }), { instanceOf: Blosc2Error })?.code, 'usage');
});

test('a frame that announces more chunks than are allowed is refused', (t) => {
  const frame = writeFrame(Array<Uint8Array>(1000).fill(specialChunk({ kind: 'zero' }, 8, 4, 8)), { codec });
  t.is(t.throws(() => readFrame(frame, { codec, maxBytes: 7999 }), { instanceOf: Blosc2Error })?.code, 'too-large');
  t.is(readFrame(frame, { codec, maxBytes: 8000 }).chunks.length, 1000);
});

test('damaged frames are refused with a Blosc2Error, or give chunks that lie in the frame', (t) => {
  const frame = writeFrame(someChunks, { codec, metalayers, vlmetalayers });
  const change = fc.record({ at: fc.oneof(fc.nat(140), fc.nat(frame.length - 1)), to: fc.nat(255) });
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), fc.option(fc.nat(frame.length), { freq: 5 }), (changes, cut) => {
      const other = frame.slice(0, cut ?? frame.length);
      for (const { at, to } of changes) other[at % Math.max(other.length, 1)] = to;
      try {
        for (const chunk of readFrame(other, { codec, maxBytes: 10_000 }).chunks) t.true(chunk.length >= 32);
        accepted += 1;
      } catch (thrown) {
        if (!(thrown instanceof Blosc2Error)) throw thrown;
      }
    }),
    { numRuns: 3000 },
  );
  t.true(accepted > 0);
});

test('c-blosc2 opens what is written here, chunks of one and of any length', async (t) => {
  const real = await realBlosc2(t);
  if (!real) return t.pass();
  const frames = [
    someChunks.slice(0, 5),
    someChunks.slice(0, 1),
    [],
    [encodeChunk(numbers(400, 1), settings), encodeChunk(numbers(2000, 2), settings), specialChunk({ kind: 'zero' }, 400, 4, 400)],
  ].map((chunks) => ({ bytes: writeFrame(chunks, { codec, metalayers, vlmetalayers }), raw: decodedChunks(chunks) }));
  const orders = frames.flatMap(({ bytes }): Order[] => [
    { op: 'readFrame', bytes, capacity: 20_000 },
    { op: 'readLayers', bytes, capacity: 20_000 },
  ]);
  const results = real(orders);
  for (const [index, { raw }] of frames.entries()) {
    const [content, layers] = results.slice(2 * index);
    if (typeof content === 'number' || typeof layers === 'number') t.fail(`frame ${index}: c-blosc2 says ${content} and ${layers}`);
    else {
      sameBytes(t, content!, raw);
      t.is(Buffer.from(layers!).toString(), 'constant lengthany length');
    }
  }
});

test('what c-blosc2 writes is read here, with its layers and special values', async (t) => {
  const real = await realBlosc2(t);
  if (!real) return t.pass();
  const raw = Uint8Array.from(Buffer.concat([numbers(4000, 1), new Uint8Array(4000), randomBytes(3000, 3)]));
  const common = { typesize: 4, codec: CODEC.lz4, filters: [{ id: 1, meta: 0 }] };
  const [written, zeros, nans, one] = real([
    { op: 'writeFrame', bytes: raw, capacity: 2000, ...common },
    { op: 'writeSpecials', length: 5, capacity: 4000, level: 1, ...common },
    { op: 'writeSpecials', length: 5, capacity: 4000, level: 2, ...common },
    { op: 'writeFrame', bytes: raw, capacity: 20_000, ...common, codec: CODEC.zstd },
  ]) as Uint8Array[];
  for (const frame of [written!, one!]) {
    const read = readFrame(frame, { codec });
    sameBytes(t, decodedChunks(read.chunks), raw);
    t.is(Buffer.from(read.metalayers.get('fixed')!).toString(), 'constant length');
    t.is(Buffer.from(read.vlmetalayers.get('loose')!).toString(), 'any length');
  }
  sameBytes(t, decodedChunks(readFrame(zeros!, { codec }).chunks), new Uint8Array(20_000));
  t.true(new Float32Array(decodedChunks(readFrame(nans!, { codec }).chunks).buffer).every(Number.isNaN));
});
