import test from 'ava';
import fc from 'fast-check';
import { DeviceTransfer } from '../../../../controller/profiler/transfer/device-transfer.ts';
import { evenWeights, fitTransfer } from './fit-transfer.ts';
import { madeDevice, type Timing } from './made-device.ts';

const weights = evenWeights(3);
const many = 1e12;
/** Neither robust nor forgetful, of a noise that is known: what a textbook has. */
const plain = { weights, centre: [2, 2.7, 1.5], noise: 0.2, noiseCount: many, huber: many, forgetting: 1 };
const timings = (seed: number, count: number, noise = 0.2): Timing[] => {
  const device = madeDevice(seed, noise);
  return Array.from({ length: count }, () => device.timing());
};
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Gauss and Jordan, of another kind than the product's. */
function solved(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, index) => [...row, right[index]!]);
  for (const [index, row] of rows.entries()) {
    const pivot = row[index]!;
    for (const [column] of row.entries()) row[column]! /= pivot;
    for (const [other, rest] of rows.entries()) {
      const factor = rest[index]!;
      if (other !== index) for (const [column, value] of row.entries()) rest[column]! -= factor * value;
    }
  }
  return rows.map((row) => row.at(-1)!);
}

/** The ridge regression whose penalties are the prior's, at once. */
function ridge(rows: readonly Timing[]): (x: readonly number[]) => number {
  const features = (x: readonly number[]): number[] => [1, ...x.map((value, index) => value - plain.centre[index]!)];
  const base = (x: readonly number[]): number => mean([...x]);
  // (1 ÷ 2)² for the offset; for weights (I − J ÷ 3) ÷ 0.3² + J ÷ 0.05²; all times the noise.
  const [own, other] = [(2 / 3 / 0.3 ** 2 + 400) * 0.04, (-1 / 3 / 0.3 ** 2 + 400) * 0.04];
  const penalties = [
    [0.01, 0, 0, 0],
    [0, own, other, other],
    [0, other, own, other],
    [0, other, other, own],
  ];
  const sum = (f: (row: Timing) => number): number => rows.reduce((all, row) => all + f(row), 0);
  const matrix = penalties.map((row, i) => row.map((penalty, j) => sum(({ x }) => features(x)[i]! * features(x)[j]!) + penalty));
  const right = penalties.map((_, i) => sum(({ x, y }) => features(x)[i]! * (y - base(x))));
  const found = solved(matrix, right);
  return (x) => base(x) + features(x).reduce((all, value, index) => all + value * found[index]!, 0);
}

test('without forgetting it is the ridge regression of all timings, in any order', (t) => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 40 }), fc.nat(39), (seed, count, turn) => {
      const rows = timings(seed, count);
      const closed = ridge(rows);
      const turned = [...rows.slice(turn % count), ...rows.slice(0, turn % count)].toReversed();
      const [one, other] = [fitTransfer(rows, plain), fitTransfer(turned, plain)];
      for (const { x } of timings(seed + 1, 5)) {
        t.true(Math.abs(one.predict(x).lnMs - closed(x)) < 1e-6);
        t.true(Math.abs(one.predict(x).lnMs - other.predict(x).lnMs) < 1e-6);
      }
      return true;
    }),
    { numRuns: 60 },
  );
});

test('the first timing tells how fast the device is, and nothing of the weights', (t) => {
  const [first, other] = timings(5, 2);
  const made = fitTransfer([{ x: first!.x, y: mean([...first!.x]) + 1 }], { weights });
  t.true(Math.abs(made.predict(other!.x).lnMs - mean([...other!.x]) - 1) < 0.02);
  t.is(made.predict(other!.x).count, 1);
});

test('1, 3, 10 and 50 timings each bring predictions nearer', (t) => {
  const errors = [0, 1, 3, 10, 50].map((count) =>
    mean(
      Array.from({ length: 200 }, (_, seed) => {
        const device = madeDevice(seed, 0.2);
        const made = fitTransfer(
          Array.from({ length: count }, () => device.timing()),
          { weights },
        );
        return mean(
          Array.from({ length: 20 }, () => {
            const { x, truth } = device.timing();
            return Math.abs(made.predict(x).lnMs - truth);
          }),
        );
      }),
    ),
  );
  t.log(errors.map((error) => error.toFixed(3)).join(' '));
  for (const [index, error] of errors.entries()) if (index > 0) t.true(error < errors[index - 1]! * 0.9, `${errors}`);
  t.true(errors[1]! < errors[0]! / 3);
});

test('fifty timings of a device that is like one known device find out which', (t) => {
  const like = timings(9, 50, 0.05).map(({ x }) => ({ x, y: x[2]! + 0.4 }));
  const before = fitTransfer(like.slice(0, 1), { weights });
  const after = fitTransfer(like, { weights });
  const error = (made: DeviceTransfer): number => mean(timings(10, 50).map(({ x }) => Math.abs(made.predict(x).lnMs - x[2]! - 0.4)));
  t.true(error(after) < error(before) / 3, `${error(before)} ${error(after)}`);
});

test('one timing that is wild, wherever among the first, does little harm', (t) => {
  for (const factor of [10, 1 / 10, 1000]) {
    for (let wild = 0; wild < 5; wild += 1) {
      const errors = Array.from({ length: 40 }, (_, seed) => {
        const device = madeDevice(seed, 0.1);
        const rows = Array.from({ length: 5 }, (__, index) => {
          const { x, y } = device.timing();
          return { x, y: index === wild ? y + Math.log(factor) : y };
        });
        const made = fitTransfer(rows, { weights });
        t.is(made.drifts, 0);
        const { x, truth } = device.timing();
        return Math.abs(made.predict(x).lnMs - truth);
      });
      t.true(mean(errors) < 0.3, `× ${factor} at ${wild}: ${mean(errors)}`);
    }
  }
});

test('a wild timing later does less', (t) => {
  const rows = timings(3, 40, 0.1);
  const { x, y, truth } = rows.at(-1)!;
  const made = fitTransfer(rows.slice(0, -1), { weights });
  const before = made.predict(x).lnMs;
  t.false(made.update(x, y + Math.log(50)).drift);
  t.true(Math.abs(made.predict(x).lnMs - before) < 0.03);
  t.true(Math.abs(before - truth) < 0.15);
});

test('the variance is that of timings around their predictions', (t) => {
  for (const [noise, count] of [
    [0.2, 3],
    [0.2, 30],
    [0.05, 60],
    [0.4, 60],
  ] as const) {
    const squares = Array.from({ length: 300 }, (_, seed) => {
      const device = madeDevice(seed, noise);
      const made = fitTransfer(
        Array.from({ length: count }, () => device.timing()),
        { weights },
      );
      const { x, y } = device.timing();
      const { lnMs, variance } = made.predict(x);
      return (y - lnMs) ** 2 / variance;
    });
    t.true(mean(squares) > 0.45 && mean(squares) < 1.6, `noise ${noise} after ${count}: ${mean(squares)}`);
  }
});

test('the same subject again and again does not make others certain, nor ever more uncertain', (t) => {
  const [first, other] = timings(2, 2);
  const made = new DeviceTransfer({ weights, centre: [0, 0, 0] });
  const unseen = made.predict(other!.x).variance;
  for (let index = 0; index < 5_000; index += 1) made.update(first!.x, first!.y);
  const { variance } = made.predict(other!.x);
  t.true(variance <= unseen && variance > 0);
  t.true(made.predict(first!.x).variance < 0.01);
});

test('it goes on from what JSON kept as if nothing had been', (t) => {
  const rows = timings(4, 60);
  for (const cut of [0, 1, 7, 8, 30]) {
    const whole = fitTransfer(rows, { weights });
    const kept = DeviceTransfer.fromJSON(JSON.parse(JSON.stringify(fitTransfer(rows.slice(0, cut), { weights }))));
    for (const { x, y } of rows.slice(cut)) kept.update(x, y);
    t.deepEqual(kept.toJSON(), whole.toJSON());
    t.deepEqual(kept.predict(rows[0]!.x), whole.predict(rows[0]!.x));
  }
});

test('what is no basis is refused', (t) => {
  const made = new DeviceTransfer({ weights });
  t.throws(() => made.predict([1, 2]), { message: /3 finite predictions/ });
  t.throws(() => made.update([1, 2, Number.NaN], 1), { message: /3 finite predictions/ });
  t.throws(() => made.update([1, 2, 3], Number.NEGATIVE_INFINITY), { message: /logarithm/ });
  t.throws(() => new DeviceTransfer({ weights: [0.5, 0.6] }), { message: /add up to 1.1/ });
});
