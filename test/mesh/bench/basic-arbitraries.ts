/** What orders, events and records of benchmark runs are made of. */
import fc from 'fast-check';
import type { Blob } from '../../../mesh/files/blob.ts';

export const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: 0, max: 1e12 });
export const size = fc.integer({ min: 1, max: 2 ** 40 });
export const count = fc.integer({ min: 0, max: 2 ** 31 - 1 });
export const text = fc.string({ maxLength: 20 });
export const name = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/);
export const partly = <T extends object>(model: { [K in keyof T]-?: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
  fc.record(model, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;
export const blob: fc.Arbitrary<Blob> = fc.record({ sha256: fc.uint8Array({ minLength: 32, maxLength: 32 }), bytes: size });
export const blobs = fc.dictionary(name, blob, { maxKeys: 3 }).map((entries) => new Map(Object.entries(entries)));

export const session = fc.record({
  intraOpThreads: fc.integer({ min: 0, max: 8 }),
  spinning: fc.boolean(),
  graphOptimization: fc.constantFrom('disabled' as const, 'all' as const),
});
