import test from 'ava';
import { numbersOf } from '../../controller/run/numbers.ts';
import { randomTensor } from '../../mesh/random-tensor.ts';

const spec = { name: 'x', dtype: 'float32', dims: [1, 1000] } as const;
const values = (seed: number, frame: bigint, input = 0): number[] => Array.from(numbersOf(randomTensor(spec, seed, frame, input)));

test('the same seed, frame and input give the same numbers, on every machine', (t) => {
  t.deepEqual(values(1, 5n), values(1, 5n));
  // The first numbers themselves, so that a change of the generator does not go unnoticed.
  t.deepEqual(
    values(1, 0n)
      .slice(0, 5)
      .map((value) => value.toFixed(6)),
    ['-0.410359', '0.578359', '-0.216994', '0.734580', '0.676414'],
  );
});

test('another seed, frame or input gives unrelated numbers', (t) => {
  const base = values(1, 0n);
  for (const other of [values(2, 0n), values(1, 1n), values(1, 0n, 1)]) {
    const correlation = base.reduce((sum, value, index) => sum + value * other[index]!, 0) / base.length;
    t.true(Math.abs(correlation) < 0.05);
  }
});

test('numbers are uniform in [-1, 1)', (t) => {
  const all = values(3, 9n);
  t.true(all.every((value) => value >= -1 && value < 1));
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const square = all.reduce((sum, value) => sum + value * value, 0) / all.length;
  t.true(Math.abs(mean) < 0.05);
  t.true(Math.abs(square - 1 / 3) < 0.03);
});

test('half floats are finite, integers are 0, and open dimensions are 1', (t) => {
  const half = numbersOf(randomTensor({ name: 'h', dtype: 'float16', dims: [64] }, 1, 0n, 0));
  t.true(Array.from(half).every((value) => Math.abs(value) >= 0.5 && Math.abs(value) < 1));
  t.deepEqual(randomTensor({ name: 'i', dtype: 'int64', dims: [-1, 2] }, 1, 0n, 0), {
    dtype: 'int64',
    dims: [1, 2],
    data: new Uint8Array(16),
  });
});
