/** Small random tables for property tests: ties, missing values, constant columns, weights. */
import fc from 'fast-check';
import { type Table, tableFromRows } from '../../../../controller/profiler/trees/table.ts';

export interface Learnable {
  readonly table: Table;
  readonly labels: Float32Array;
}

const value = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -4, max: 4 }) },
  { weight: 4, arbitrary: fc.float({ min: -1000, max: 1000, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
);

export const learnable: fc.Arbitrary<Learnable> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 40 }))
  .chain(([columns, rows]) =>
    fc.tuple(
      fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }),
      fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: rows, maxLength: rows }),
    ),
  )
  .map(([rows, labels]) => ({
    table: tableFromRows(
      rows[0]!.map((_, column) => `c${column}`),
      rows,
    ),
    labels: Float32Array.from(labels),
  }));

export const settings = fc.record({
  rounds: fc.integer({ min: 1, max: 8 }),
  depth: fc.integer({ min: 1, max: 5 }),
  eta: fc.constantFrom(0.1, 0.3, 1),
  lambda: fc.constantFrom(0, 1, 10),
  alpha: fc.constantFrom(0, 0.5),
  gamma: fc.constantFrom(0, 1, 50),
  minChildWeight: fc.constantFrom(0, 1, 3),
  baseScore: fc.constantFrom(0.5, -20),
});

/** Of a table, values of a row. */
export function rowOf({ columns }: Table, row: number): Float32Array {
  return Float32Array.from(columns, (column) => column[row]!);
}

export function squaredError(predictions: Float32Array, labels: Float32Array): number {
  return predictions.reduce((sum, prediction, row) => sum + (prediction - labels[row]!) ** 2, 0);
}
