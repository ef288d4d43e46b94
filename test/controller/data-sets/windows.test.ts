/** From recordings to examples: nothing is lost, nothing is in both parts, nothing that can't be learned from gets through. */
import test from 'ava';
import fc from 'fast-check';
import { type Normalization, normalizations, splits } from '../../../controller/data-sets/data-set.ts';
import { normalize } from '../../../controller/data-sets/normalize.ts';
import { splitExamples } from '../../../controller/data-sets/split.ts';
import { cutWindows } from '../../../controller/data-sets/windows.ts';
import { Random } from '../../../mesh/random.ts';

const recording = (samples: readonly number[]) => ({ label: 0, source: 'a.mat', samples: new Float64Array(samples) });

test('windows follow each other, and what is left over is less than one', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 200 }), (window, more) => {
      const samples = Array.from({ length: window + more }, (_, index) => index);
      const windows = cutWindows(recording(samples), window);
      t.true(windows.every(({ length }) => length === window));
      const joined = windows.flatMap((each) => [...each]);
      t.deepEqual(joined, samples.slice(0, joined.length));
      t.true(samples.length - joined.length < window);
    }),
  );
});

test('a recording shorter than a window is refused with both lengths', (t) => {
  t.throws(() => cutWindows(recording([1, 2, 3]), 4), { code: 'invalid', message: 'a.mat has 3 samples, a window is 4' });
});

test('a sample that is no number is refused with its place; behind the last window it does not matter', (t) => {
  t.throws(() => cutWindows(recording([1, 2, 3, Number.NaN]), 2), { message: /^a\.mat: sample 3 is NaN/ });
  t.throws(() => cutWindows(recording([1, Number.NEGATIVE_INFINITY]), 2), { message: /^a\.mat: sample 1 is -Infinity/ });
  t.is(cutWindows(recording([1, 2, Number.NaN]), 2).length, 1);
});

function normalized(values: readonly number[], normalization: Normalization): readonly number[] {
  const to = new Float32Array(values.length);
  normalize(new Float64Array(values), to, normalization, 'a.mat, samples from 0');
  return [...to];
}

test('each normalization brings a window to its scale, wherever it was', (t) => {
  const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 64 }).filter((each) => new Set(each).size > 1);
  const near = (a: number, b: number) => Math.abs(a - b) < 1e-5;
  fc.assert(
    fc.property(values, fc.constantFrom(1e-9, 1, 1e9), (integers, unit) => {
      const window = integers.map((value) => value * unit);
      const zero = normalized(window, '0-1');
      t.true(near(Math.min(...zero), 0) && near(Math.max(...zero), 1));
      const one = normalized(window, '1-1');
      t.true(near(Math.min(...one), -1) && near(Math.max(...one), 1));
      const mean = normalized(window, 'mean-std');
      const average = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length;
      t.true(near(average(mean), 0) && near(average(mean.map((value) => value ** 2)), 1));
      t.true(zero.every((value, index) => near(value, (one[index]! + 1) / 2)));
    }),
  );
});

test('a window without a scale is refused, whatever the normalization', (t) => {
  for (const normalization of normalizations) {
    // Thirty times 0.1 do not add up to 3.
    t.throws(() => normalized(new Array(30).fill(0.1), normalization), {
      code: 'invalid',
      message: `a.mat, samples from 0 can't be normalized (${normalization}): all 30 samples are 0.1`,
    });
    t.throws(() => normalized([-1.7e308, 1.7e308], normalization), { message: /too large/ });
  }
});

const someLabels = fc.array(fc.integer({ min: 2, max: 40 }), { minLength: 1, maxLength: 6 }).chain((counts) => {
  const labels = counts.flatMap((count, label) => new Array<number>(count).fill(label));
  return fc.shuffledSubarray(labels, { minLength: labels.length }).map((mixed) => ({ labels: mixed, counts }));
});
const namesOf = (counts: readonly number[]) => counts.map((_, label) => `class ${label}`);

test('a split is complete, disjoint, and the same share of each class', (t) => {
  fc.assert(
    fc.property(someLabels, fc.constantFrom(...splits), fc.nat(), ({ labels, counts }, split, seed) => {
      const { train, validation } = splitExamples(labels, namesOf(counts), split, new Random(seed));
      t.deepEqual(
        [...train, ...validation].sort((a, b) => a - b),
        labels.map((_, index) => index),
      );
      for (const [label, count] of counts.entries()) {
        t.is(validation.filter((index) => labels[index] === label).length, Math.ceil(count / 5));
      }
    }),
  );
});

test('a seed gives the same random split, and another seed another', (t) => {
  const labels = Array.from({ length: 100 }, (_, index) => index % 4);
  const of = (seed: number) => splitExamples(labels, ['a', 'b', 'c', 'd'], 'random', new Random(seed));
  t.deepEqual(of(1), of(1));
  t.notDeepEqual(of(1), of(2));
  // Batches have every class.
  t.is(
    new Set(
      of(1)
        .train.slice(0, 20)
        .map((index) => labels[index]),
    ).size,
    4,
  );
});

test('an ordered split trains with the beginning of each class', (t) => {
  const labels = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
  t.deepEqual(splitExamples(labels, ['a', 'b'], 'ordered', new Random(1)), { train: [0, 1, 2, 3, 5, 6, 7, 8], validation: [4, 9] });
});

test('a class of which one part would be empty is refused by name', (t) => {
  const random = new Random(1);
  t.throws(() => splitExamples([0, 0, 1], ['a', 'b'], 'random', random), {
    code: 'invalid',
    message: /^class "b" has 1 window, expected at least 2/,
  });
  t.throws(() => splitExamples([0, 0], ['a', 'b'], 'ordered', random), { message: /^class "b" has no window/ });
});
