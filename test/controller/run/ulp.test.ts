import test from 'ava';
import fc from 'fast-check';
import { halfToNumber } from '../../../controller/run/numbers.ts';
import { ulpDistance } from '../../../controller/run/ulp.ts';
import type { DType } from '../../../mesh/tensor.ts';

const one = 2 ** -23;
const cases: readonly [string, DType, number, number, number][] = [
  ['neighbours', 'float32', 1, 1 + one, 1],
  ['across a power of two', 'float32', 1 - one / 2, 1 + one, 2],
  ['the smallest numbers of both signs', 'float32', -(2 ** -149), 2 ** -149, 2],
  ['both zeros', 'float32', 0, -0, 0],
  ['a number and no number', 'float32', 1, Number.NaN, Number.POSITIVE_INFINITY],
  ['no number twice', 'float32', Number.NaN, Number.NaN, 0],
  ['infinity and a number', 'float32', Number.POSITIVE_INFINITY, 3e38, Number.POSITIVE_INFINITY],
  ['doubles', 'float64', 1, 1 + 2 ** -52, 1],
  ['integers', 'int8', -3, 4, 7],
];
for (const [title, dtype, a, b, distance] of cases) {
  test(`units in the last place: ${title}`, (t) => {
    t.is(ulpDistance(dtype, a, b), distance);
    t.is(ulpDistance(dtype, b, a), distance);
  });
}

test('halves are as far apart as their bits', (t) => {
  const positive = fc.integer({ min: 0, max: 0x7bff });
  fc.assert(fc.property(positive, positive, (a, b) => ulpDistance('float16', halfToNumber(a), halfToNumber(b)) === Math.abs(a - b)));
  t.pass();
});

test('singles are as far apart as their bits', (t) => {
  const bits = fc.integer({ min: 0, max: 0x7f7fffff });
  const numberOf = (value: number): number => new Float32Array(Int32Array.of(value).buffer)[0]!;
  fc.assert(fc.property(bits, bits, (a, b) => ulpDistance('float32', numberOf(a), numberOf(b)) === Math.abs(a - b)));
  t.pass();
});
