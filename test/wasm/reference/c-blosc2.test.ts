/**
 * The reference codec against the real c-blosc2, in both directions, when SPLITMESH_C_BLOSC2 names its source folder.
 */
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { decodeChunk } from '../../../wasm/reference/decode.ts';
import { type EncodeOptions, encodeChunk, specialChunk, storeChunk } from '../../../wasm/reference/encode.ts';
import { filterId } from '../../../wasm/reference/header.ts';
import { CODEC, type Order, realBlosc2, SPLIT } from '../support/c-blosc2.ts';
import { data, farApart, settings, settingsBlosc1, typesizes, wholeElements, zstdBytes } from '../support/chunks.ts';
import { sameBytes } from '../support/same-bytes.ts';

const options = { maxBytes: 1 << 20, zstd: zstdBytes };
const CASES = 400;

function cases<T>(arbitrary: fc.Arbitrary<T>): T[] {
  return fc.sample(arbitrary, { numRuns: CASES, seed: fc.readConfigureGlobal()?.seed ?? 1 });
}

/** c-blosc2's encoder leaves the bytes behind the last whole element of a block undefined with delta, and its decoder does with splits. */
function defined(bytes: Uint8Array, { typesize }: Pick<EncodeOptions, 'typesize'>): Uint8Array {
  return bytes.slice(0, bytes.length - (bytes.length % typesize));
}

function describe({ bytes, ...order }: Order): string {
  return `${JSON.stringify(order)} header ${Buffer.from(bytes?.subarray(0, 32) ?? []).toString('hex')}`;
}

function expectBytes(t: ExecutionContext, result: Uint8Array | number, expected: Uint8Array, order: Order): void {
  if (result instanceof Uint8Array) sameBytes(t, result, expected, describe(order));
  else t.fail(`c-blosc2 failed with ${result}: ${describe(order)}`);
}

test('c-blosc2 reads what the reference writes', async (t) => {
  const real = await realBlosc2(t);
  if (!real) return t.pass();
  const raws: Uint8Array[] = [];
  const orders: Order[] = [];
  const add = (raw: Uint8Array, chunk: Uint8Array): void => {
    raws.push(raw);
    orders.push({ op: 'decompress', bytes: chunk, capacity: raw.length });
  };
  for (const [any, settings_] of cases(fc.tuple(fc.oneof(data, farApart), settings))) {
    const bytes = defined(wholeElements(any, settings_), settings_);
    if (bytes.length === 0) continue;
    add(bytes, encodeChunk(bytes, settings_));
    add(bytes, storeChunk(bytes, settings_));
  }
  for (const [any, settings_] of cases(fc.tuple(data, settingsBlosc1))) {
    // c-blosc2 does not know the rule of old; it goes by the flag alone.
    const settings = {
      ...settings_,
      split: settings_.split && settings_.typesize <= 16 && settings_.blocksize / settings_.typesize >= 128,
    };
    const bytes = defined(wholeElements(any, settings), settings);
    const blocksize = Math.min(settings.blocksize, bytes.length);
    if (bytes.length === 0 || (settings.split && blocksize / settings.typesize < 128)) continue;
    add(bytes, encodeChunk(bytes, settings));
  }
  for (const kind of ['zero', 'nan'] as const) {
    const chunk = specialChunk({ kind }, 4000, 4, 512);
    add(decodeChunk(chunk, options), chunk);
  }
  const chunk = specialChunk({ kind: 'value', value: Uint8Array.of(5, 6, 7) }, 3000, 3, 300);
  add(decodeChunk(chunk, options), chunk);
  for (const [index, result] of real(orders).entries()) expectBytes(t, result, raws[index]!, orders[index]!);
});

test('the reference reads what c-blosc2 writes', async (t) => {
  const real = await realBlosc2(t);
  if (!real) return t.pass();
  const setting = fc.record({
    typesize: typesizes,
    codec: fc.constantFrom(...Object.values(CODEC)),
    level: fc.integer({ min: 0, max: 9 }),
    elements: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 4000 })),
    split: fc.constantFrom(...Object.values(SPLIT)),
    // With three filters c-blosc2's encoder writes into its input, and stores what it wrote there when nothing gets smaller.
    filters: settings.map(({ filters }) => filters.slice(0, 2)),
  });
  const raws: Uint8Array[] = [];
  const orders: Order[] = [];
  for (const [any, { elements, ...rest }] of cases(fc.tuple(fc.oneof(data, farApart), setting))) {
    const bytes = defined(any, rest);
    if (bytes.length === 0) continue;
    raws.push(bytes);
    orders.push({ op: 'compress', bytes, capacity: bytes.length + 32, blocksize: elements * rest.typesize, ...rest });
  }
  for (const [any, settings_] of cases(fc.tuple(data, setting))) {
    const bytes = defined(any, settings_);
    if (bytes.length === 0) continue;
    const id = settings_.filters.at(-1)?.id ?? 0;
    raws.push(bytes);
    orders.push({
      op: 'compressBlosc1',
      bytes,
      capacity: bytes.length + 32,
      ...settings_,
      filters: [{ id: id === filterId.delta ? 0 : id, meta: 0 }],
    });
  }
  for (const [index, result] of real(orders).entries()) {
    if (!(result instanceof Uint8Array)) expectBytes(t, result, raws[index]!, orders[index]!);
    else sameBytes(t, decodeChunk(result, options), raws[index]!, describe(orders[index]!));
  }
});

test('truncation gives the same bytes as in c-blosc2', async (t) => {
  const real = await realBlosc2(t);
  if (!real) return t.pass();
  const floats = new Uint8Array(Float64Array.from({ length: 1000 }, (_, at) => Math.sin(at) * 1000).buffer);
  const settings = { blocksize: 2048, codec: 'lz4', split: true, runs: true, extended: true } as const;
  const made = [4, 8].flatMap((typesize) =>
    [10, 256 - 13].map((meta) => ({
      typesize,
      filters: [
        { id: filterId.truncate, meta },
        { id: filterId.shuffle, meta: 0 },
      ],
    })),
  );
  const results = real(made.map((setting): Order => ({ op: 'compress', bytes: floats, capacity: 9000, codec: CODEC.lz4, ...setting })));
  for (const [index, result] of results.entries()) {
    if (!(result instanceof Uint8Array)) t.fail(`c-blosc2 failed with ${result}`);
    else sameBytes(t, decodeChunk(encodeChunk(floats, { ...settings, ...made[index]! }), options), decodeChunk(result, options));
  }
});
