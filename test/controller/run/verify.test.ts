import test from 'ava';
import { halfToNumber, numbersOf } from '../../../controller/run/numbers.ts';
import { compareTensors, ReferenceOutputs, Verifier } from '../../../controller/run/verify.ts';
import type { Tensor } from '../../../mesh/tensor.ts';

function floats(...values: number[]): Tensor {
  return { dtype: 'float32', dims: [values.length], data: new Uint8Array(new Float32Array(values).buffer) };
}

const cases: [string, Tensor, Tensor, boolean][] = [
  ['equal outputs agree', floats(1, 2, 3), floats(1, 2, 3), true],
  ['a difference within the tolerance of the scale agrees', floats(1, 2, 1000), floats(1.005, 2, 1000), true],
  ['a larger difference does not', floats(1, 2, 3), floats(1, 2.1, 3), false],
  ['another first choice does not agree', floats(1, 0), floats(0, 1), false],
  ['a tie within the tolerance may be decided either way', floats(1, 1.000005), floats(1.000005, 1), true],
  ['NaN on both sides agrees', floats(Number.NaN, 1), floats(Number.NaN, 1), true],
  ['NaN on one side does not', floats(1, 2), floats(Number.NaN, 2), false],
  ['infinity on both sides agrees', floats(Number.NEGATIVE_INFINITY, 1), floats(Number.NEGATIVE_INFINITY, 1), true],
  ['infinity on one side does not', floats(0, 1), floats(Number.NEGATIVE_INFINITY, 1), false],
  ['another shape does not', floats(1, 2), floats(1), false],
  ['nothing but zeros agrees with itself', floats(0, 0), floats(0, 0), true],
  ['nothing but zeros does not agree with something', floats(0, 0), floats(0.1, 0), false],
  ['empty outputs agree', floats(), floats(), true],
];

for (const [title, expected, found, passed] of cases) {
  test(`verification: ${title}`, (t) => t.is(compareTensors(expected, found).passed, passed));
}

test('integers must be equal', (t) => {
  const ints = (...values: bigint[]): Tensor => ({
    dtype: 'int64',
    dims: [values.length],
    data: new Uint8Array(new BigInt64Array(values).buffer),
  });
  t.true(compareTensors(ints(5n, -7n), ints(5n, -7n)).passed);
  t.false(compareTensors(ints(5n, 1_000_000n), ints(5n, 1_000_001n)).passed);
});

test('the verifier compares the frames that the reference has, and reports the worst', async (t) => {
  const reference = new ReferenceOutputs(2);
  for (const id of [0n, 1n, 2n]) await reference.take(id, new Map([['y', floats(1, 2)]]), Number(id));
  const verifier = new Verifier(reference);
  await verifier.take(0n, new Map([['y', floats(1, 2)]]), 0);
  await verifier.take(1n, new Map([['y', floats(2.5, 2)]]), 1);
  await verifier.take(2n, new Map([['y', floats(9, 9)]]), 2);
  t.like(verifier.result(), { compared: 2, maxAbsError: 1.5, maxRelativeError: 0.75, top1Agreement: 0.5, passed: false });
});

test('an output that is missing fails the verification, and an error that is no number is null', async (t) => {
  const reference = new ReferenceOutputs(1);
  await reference.take(0n, new Map([['y', floats(1)]]), 0);
  const verifier = new Verifier(reference);
  await verifier.take(0n, new Map(), 0);
  t.like(verifier.result(), { compared: 1, maxAbsError: null, passed: false });
});

test('the reference keeps a copy: the bytes of a frame are used again', async (t) => {
  const reference = new ReferenceOutputs(1);
  const output = floats(1, 2);
  await reference.take(0n, new Map([['y', output]]), 0);
  output.data.fill(0);
  t.deepEqual([...(numbersOf(reference.get(0)!.get('y')!) as Float32Array)], [1, 2]);
});

test('half floats are read as IEEE 754 has them', (t) => {
  const known: [number, number][] = [
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0001, 2 ** -24],
    [0x0400, 2 ** -14],
    [0xfc00, Number.NEGATIVE_INFINITY],
    [0x0000, 0],
  ];
  for (const [bits, value] of known) t.is(halfToNumber(bits), value);
  t.true(Number.isNaN(halfToNumber(0x7e00)));
});
