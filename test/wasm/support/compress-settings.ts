/**
 * Everything compress() can be asked for, and the sizes at which blocks, streams and the steps of the filters begin and end.
 */
import fc from 'fast-check';
import type { Filter } from '../../../wasm/filters.ts';
import type { CompressOptions } from '../../../wasm/plan.ts';

export type Settings = Required<CompressOptions>;

export const typesizes = fc.oneof(fc.constantFrom(1, 2, 3, 4, 8, 12, 16), fc.integer({ min: 1, max: 255 }));

const lossless: fc.Arbitrary<Filter[]> = fc.constantFrom<Filter[]>(
  [],
  ['shuffle'],
  ['bitshuffle'],
  ['delta'],
  ['delta', 'shuffle'],
  ['delta', 'bitshuffle'],
  ['shuffle', 'delta'],
  ['bitshuffle', 'shuffle'],
  ['shuffle', 'bitshuffle', 'shuffle', 'bitshuffle', 'shuffle', 'delta'],
);

export const settings: fc.Arbitrary<Settings> = fc.record({
  typesize: typesizes,
  codec: fc.constantFrom('blosclz' as const, 'lz4' as const, 'lz4hc' as const, 'zstd' as const),
  level: fc.integer({ min: 0, max: 9 }),
  filters: lossless,
  blocksize: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 4000 })),
  splitMode: fc.constantFrom('auto' as const, 'always' as const, 'never' as const),
});

/** Bytes that fill so many blocks and steps of 8, 16 and 128 elements, some bytes more or fewer. */
export function sizeNear({ typesize, blocksize }: Settings): fc.Arbitrary<number> {
  const unit = fc.constantFrom(1, typesize, 8 * typesize, 16 * typesize, 128 * typesize, 512 * typesize, blocksize || 32);
  return fc
    .tuple(unit, fc.integer({ min: 0, max: 5 }), fc.integer({ min: -2, max: 2 }))
    .map(([bytes, times, more]) => Math.max(0, Math.min(bytes * times, 60_000) + more));
}

/** Elements that repeat, grow slowly, are mostly zero, are noise, or are all the same. */
export function raw(bytes: number, typesize: number, kind: number, seed: number): Uint8Array {
  let state = seed | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const period = 1 + (next() % 40);
  const kinds = [
    (i: number) => (i < period ? next() : i % (period * 7) === 0 ? next() : -1),
    (i: number) => (i % typesize === 0 ? Math.floor(i / typesize / 3) : 7),
    () => (next() % 30 === 0 ? next() : 0),
    () => next(),
    (i: number) => 17 * (i % typesize),
    () => 0,
  ];
  const bytesOf = kinds[kind % kinds.length]!;
  const result = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) {
    const value = bytesOf(i);
    result[i] = value < 0 ? result[i - period]! : value;
  }
  return result;
}

export const KINDS = 6;

export const cases = settings.chain((options) =>
  fc.record({
    options: fc.constant(options),
    raw: fc
      .tuple(sizeNear(options), fc.nat(KINDS - 1), fc.integer({ min: 1, max: 2 ** 31 - 1 }))
      .map(([bytes, kind, seed]) => raw(bytes, options.typesize, kind, seed)),
  }),
);
