/** Augmented windows are what they were, a little longer or shorter, noisier, louder, and with a gap. */
import test from 'ava';
import fc from 'fast-check';
import { augment } from '../../../../agent/stage/bench/augment.ts';
import { Random } from '../../../../mesh/random.ts';

const LENGTH = 1024;
const PERIOD = 64;
const sine = Float32Array.from({ length: LENGTH }, (_, index) => Math.sin((2 * Math.PI * index) / PERIOD));

function augmented(from: Float32Array, seed: number): Float32Array {
  const to = new Float32Array(from.length).fill(Number.NaN);
  augment(from, to, new Random(seed));
  return to;
}

const seeds = Array.from({ length: 2000 }, (_, seed) => seed);

/** Random numbers that are known: what happens is decided by the test. */
class Scripted extends Random {
  readonly #numbers: number[];
  constructor(numbers: readonly number[]) {
    super(0);
    this.#numbers = [...numbers];
  }
  override next(): number {
    return this.#numbers.shift() ?? 0.75;
  }
}

function scripted(from: Float32Array, ...numbers: number[]): Float32Array {
  const to = new Float32Array(from.length);
  augment(from, to, new Scripted(numbers));
  return to;
}

const [yes, no] = [0.25, 0.75];

test('the same seed gives the same, the source stays as it was', (t) => {
  const before = sine.slice();
  t.deepEqual(augmented(sine, 3), augmented(sine, 3));
  t.deepEqual(sine, before);
});

test('whatever the length and the seed, every sample is written and finite', (t) => {
  fc.assert(
    fc.property(fc.float32Array({ minLength: 1, maxLength: 70, noNaN: true, min: -100, max: 100 }), fc.nat(), (from, seed) => {
      t.true(augmented(from, seed).every(Number.isFinite));
    }),
  );
});

test('each step happens every other time: one of sixteen windows stays as it is', (t) => {
  const same = seeds.filter((seed) => augmented(sine, seed).every((value, index) => value === sine[index])).length;
  t.true(same > seeds.length / 16 / 1.4 && same < (seeds.length / 16) * 1.4, `${same}`);
  const gaps = seeds.filter(
    (seed) =>
      longestGap(
        augmented(
          sine.map((value) => value + 2),
          seed,
        ),
      ) === 20,
  ).length;
  t.true(gaps > seeds.length / 4 && gaps < seeds.length / 1.8, `${gaps}`);
});

function longestGap(values: Float32Array): number {
  let [longest, run] = [0, 0];
  for (const value of values) {
    run = value === 0 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

test('stretched, a sine is a sine of another length', (t) => {
  for (const [u, side] of [
    [0, no],
    [0.2, no],
    [0.5, no],
    [0.8, no],
    [0.999, no],
  ] as const) {
    const length = Math.floor(LENGTH * (1 + (u - 0.5) * 0.3));
    const to = scripted(sine, yes, u, side, no, no, no);
    const period = (PERIOD * length) / LENGTH;
    for (let index = 2; index < Math.min(length, LENGTH) - 4; index += 1) {
      t.true(Math.abs(to[index]! - Math.sin((2 * Math.PI * index) / period)) < 1e-3, `${u}: ${index}`);
    }
    t.true(to.subarray(Math.min(length, LENGTH)).every((value) => value === 0));
  }
});

test('what is too short has zeros at one side, what is too long is cut off at one side', (t) => {
  const ramp = Float32Array.from({ length: 100 }, (_, index) => index + 1);
  t.is(scripted(ramp, yes, 0, no, no, no, no).indexOf(0), 85);
  const [right] = [scripted(ramp, yes, 0, yes, no, no, no)];
  t.is(
    right.findIndex((value) => value !== 0),
    15,
  );
  t.is(right[15], 1);
  const longest = 0.999_999;
  t.is(scripted(ramp, yes, longest, no, no, no, no)[0], 1);
  t.true(scripted(ramp, yes, longest, yes, no, no, no)[0]! > 10);
});

test('noise and loudness are of one per cent', (t) => {
  const ones = new Float32Array(10_000).fill(1);
  let [noises, scales, count] = [0, 0, 0];
  for (let seed = 0; seed < 300; seed += 1) {
    const to = new Float32Array(ones.length);
    const random = new Random(seed);
    augment(ones, to, { next: () => random.next(), below: () => 0 } as unknown as Random);
    const kept = to.filter((value) => value !== 0);
    const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
    const deviation = Math.sqrt(kept.reduce((sum, value) => sum + (value - mean) ** 2, 0) / kept.length);
    if (deviation > 1e-4) noises = Math.max(noises, Math.abs(deviation - 0.01));
    if (Math.abs(mean - 1) > 5e-4) {
      scales += (mean - 1) ** 2;
      count += 1;
    }
  }
  t.true(noises < 1e-3, `${noises}`);
  const deviation = Math.sqrt(scales / count);
  t.true(deviation > 0.008 && deviation < 0.012 && count > 100 && count < 200, `${deviation} ${count}`);
});
