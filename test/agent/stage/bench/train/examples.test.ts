import test from 'ava';
import fc from 'fast-check';
import { type Examples, emptyBatch, fill, orderOf, randomOf } from '../../../../../agent/stage/bench/train/examples.ts';
import { scoreOf } from '../../../../../agent/stage/bench/train/goal.ts';

const examples: Examples = {
  ...{ count: 5, window: 2 },
  windows: Float32Array.of(0, 1, 10, 11, 20, 21, 30, 31, 40, 41),
  labels: BigInt64Array.of(0n, 1n, 2n, 3n, 4n),
};

test('an order has every example once, and is another for each epoch', (t) => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(), (count, seed) => {
      t.deepEqual(
        [...orderOf(count, randomOf(seed))].sort((a, b) => a - b),
        Array.from({ length: count }, (_, index) => index),
      );
    }),
  );
  const orders = [1, 2, 3, 4].map((epoch) => [...orderOf(50, randomOf(7, 0, epoch))].join());
  t.is(new Set(orders).size, 4);
  t.is([...orderOf(50, randomOf(7, 0, 1))].join(), orders[0]!);
});

test('numbers with the same sum, or in another order, seed differently', (t) => {
  const seeds = [
    [0, 0, 1],
    [0, 1, 0],
    [1, 0, 0],
    [0, 0, 2],
    [0, 1, 1],
    [1, 0],
  ].map((numbers) => randomOf(...numbers).bits());
  t.is(new Set(seeds).size, seeds.length);
});

test('every place of a batch is as likely for each example', (t) => {
  const places = new Float64Array(6);
  for (let epoch = 0; epoch < 3000; epoch += 1) places[orderOf(6, randomOf(1, epoch)).indexOf(0)]! += 1;
  t.true(
    places.every((count) => Math.abs(count - 500) < 100),
    [...places].join(),
  );
});

test('a batch is filled by an order, and what is left of it is empty', (t) => {
  const batch = emptyBatch([3, 1, 2], examples);
  const order = Uint32Array.of(4, 0, 2, 1, 3);
  fill(batch, examples, order, 0, undefined);
  t.deepEqual([...batch.windows], [40, 41, 0, 1, 20, 21]);
  t.deepEqual([...batch.labels], [4n, 0n, 2n]);
  fill(batch, examples, order, 3, undefined);
  t.is(batch.filled, 2);
  t.deepEqual([...batch.windows], [10, 11, 30, 31, 0, 0]);
  t.deepEqual([...batch.labels], [1n, 3n, 0n]);
});

test('each example is changed by random numbers of its own, wherever it is', (t) => {
  const batch = emptyBatch([2, 2], examples);
  const augmented = {
    augment: (from: Float32Array, to: Float32Array, random: { next(): number }) => to.set(from.map((sample) => sample + random.next())),
    random: (example: number) => randomOf(example),
  };
  fill(batch, examples, Uint32Array.of(1, 3), 0, augmented);
  const third = [...batch.windows.slice(2)];
  fill(batch, examples, Uint32Array.of(3, 0), 0, augmented);
  t.deepEqual([...batch.windows.slice(0, 2)], third);
  t.notDeepEqual(third, [30, 31]);
});

test('windows that are not what the model takes are refused', (t) => {
  t.throws(() => emptyBatch([4, 1, 3], examples), { code: 'invalid', message: /windows of 2 samples, and a model that takes 1 × 3/ });
});

test('scores: cross-entropy of the examples that count, however large the scores are', (t) => {
  const batch = { windows: new Float32Array(3), labels: BigInt64Array.of(0n, 2n, 0n), filled: 2 };
  const scores = Float32Array.of(1000, 0, 0, 0, 0, 0, 5, 5, 5);
  const { loss, correct } = scoreOf('classify', scores, batch);
  t.true(Math.abs(loss - Math.log(3)) < 1e-6);
  t.is(correct, 1);
});

test('a reconstruction: mean squared error of each window that counts', (t) => {
  const batch = { windows: Float32Array.of(1, 2, 3, 4, 9, 9), labels: new BigInt64Array(3), filled: 2 };
  t.deepEqual(scoreOf('reconstruct', Float32Array.of(1, 4, 3, 3, 0, 0), batch), { loss: 2.5, correct: undefined });
});
