/** Tables that are the same everywhere, each of another kind of trouble for trees: what ours and XGBoost's are compared on. */
import type { TreeOptions } from '../../controller/profiler/trees/options.ts';
import { Random } from '../../mesh/random.ts';
import type { Labelled } from './peer.ts';

export interface Example extends Labelled {
  readonly name: string;
  readonly options: Partial<TreeOptions>;
}

type Draw = (random: Random, column: number) => number;

/** Half of the columns matter, some of them together. */
function label(values: readonly number[], random: Random): number {
  const at = (column: number): number => values[column % values.length]! || 0;
  return Math.sin(3 * at(0)) + at(1) * at(2) + Math.abs(at(3)) ** 0.5 + (at(4) > 0.5 ? 1 : 0) + 0.1 * random.next();
}

export function randomTable(seed: number, rows: number, columns: number, draw: Draw = (random) => random.next()): Labelled {
  const random = new Random(seed);
  const names = Array.from({ length: columns }, (_, column) => `c${column}`);
  const table = { names, columns: names.map(() => new Float32Array(rows)), rows };
  const labels = new Float32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const values = names.map((_, column) => draw(random, column));
    for (const [column, value] of values.entries()) table.columns[column]![row] = value;
    labels[row] = label(values, random);
  }
  return { table, labels };
}

const withHoles: Draw = (random, column) => (random.next() < 0.05 * column ? Number.NaN : random.next());
const skewed: Draw = (random, column) =>
  column % 2 === 0 ? Math.exp(12 * random.next() - 4) : Math.fround(1 + random.below(9) * 2 ** -23);
const integers: Draw = (random, column) => random.below(3 + 2 * column);
const mixed: Draw = (random, column) =>
  [random.next(), random.below(4), random.next() < 0.7 ? 0 : random.next(), 1, withHoles(random, 10)][column % 5]!;

export function examples(): readonly Example[] {
  const weighted = randomTable(5, 1500, 7, mixed);
  const random = new Random(6);
  const weights = Float32Array.from(weighted.labels, () => 0.1 + 3 * random.next());
  const plain = randomTable(1, 2000, 12);
  return [
    { name: 'continuous', ...plain, options: { rounds: 60 } },
    { name: 'missing values', ...randomTable(2, 2000, 10, withHoles), options: { rounds: 60 } },
    { name: 'integers, many ties', ...randomTable(3, 2000, 8, integers), options: { rounds: 60, depth: 5 } },
    { name: 'skewed, and neighbouring floats', ...randomTable(4, 1500, 6, skewed), options: { rounds: 60 } },
    { name: 'weights', ...weighted, weights, options: { rounds: 60 } },
    {
      name: 'gamma, lambda, alpha',
      ...plain,
      options: { rounds: 60, gamma: 0.5, lambda: 3, alpha: 0.2, eta: 0.1, depth: 8, minChildWeight: 5 },
    },
    { name: 'no penalties', ...randomTable(7, 800, 9, mixed), options: { rounds: 60, lambda: 0, minChildWeight: 0, depth: 4 } },
    // Many columns part few rows in the same way: which of them is chosen hangs on the last bit and on the order.
    { name: 'few rows, many columns', ...randomTable(10, 120, 80, mixed), options: { rounds: 60, lambda: 0.3 } },
    { name: 'labels in milliseconds', ...inMilliseconds(randomTable(8, 1200, 10, mixed)), options: { rounds: 145, baseScore: 100 } },
  ];
}

function inMilliseconds({ table, labels }: Labelled): Labelled {
  return { table, labels: labels.map((value) => Math.exp(2 * value)) };
}
