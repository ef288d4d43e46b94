import test from 'ava';
import { type AlarmRule, applyRule } from '../../../controller/history/rules.ts';

const steady = [100, 101, 99, 100, 102, 98, 100, 101, 99, 100, 100, 101];
const kinds = (values: readonly number[], rule: AlarmRule): string[] => applyRule(values, rule).violations.map(({ kind }) => kind);

test('thresholds look at the newest value only, and at the threshold itself nothing is violated', (t) => {
  const rule = { above: 110, below: 90, direction: 'both' } as const;
  t.deepEqual(kinds([...steady, 111], rule), ['above']);
  t.deepEqual(kinds([...steady, 89], rule), ['below']);
  t.deepEqual(kinds([...steady, 111, 100], rule), []);
  t.deepEqual(kinds([110], rule), []);
  t.deepEqual(kinds([90], rule), []);
  t.deepEqual(applyRule([111], { above: 110, direction: 'up', changePoint: false }).violations, [
    { kind: 'above', found: 111, limit: 110, ratio: 111 / 110, expected: 'at most 110' },
  ]);
});

test('k-sigma: robust standard deviations from the median of the runs before', (t) => {
  // Median 100, MAD 1: 1.48 a deviation; quartiles 99.25 and 101.
  const rule = { kSigma: 4, direction: 'both' } as const;
  t.deepEqual(kinds([...steady, 105], rule), []);
  t.deepEqual(kinds([...steady, 107], rule), ['k-sigma']);
  t.deepEqual(kinds([...steady, 93], rule), ['k-sigma']);
  t.deepEqual(kinds([...steady, 93], { ...rule, direction: 'up' }), []);
  t.deepEqual(kinds([...steady, 107], { ...rule, direction: 'down' }), []);
  t.deepEqual(kinds([...steady, 500, 100], rule), [], 'a spike before does not count');
  const identical = Array<number>(20).fill(100);
  t.deepEqual(kinds([...identical, 100.5], rule), []);
  t.deepEqual(kinds([...identical, 102], rule), ['k-sigma']);
});

test('relative change: against the median of the runs before, as many as are asked for', (t) => {
  const rule = { relativeChange: 0.1, direction: 'up' } as const;
  t.deepEqual(kinds([...steady, 109], rule), []);
  t.deepEqual(kinds([...steady, 112], rule), ['relative-change']);
  t.deepEqual(kinds([...steady, 80], rule), []);
  const grown = [100, 100, 100, 100, 100, 100, 120, 120, 120];
  t.deepEqual(kinds([...grown, 121], rule), ['relative-change']);
  t.deepEqual(kinds([...grown, 121], { ...rule, over: 3 }), []);
  const [violation] = applyRule([...steady, 120], rule).violations;
  t.is(violation!.expected, '100 ± 10.0: 10.0 % of the median of the 10 runs before');
  t.is(violation!.ratio, 1.2);
});

test('too little history is no violation, and is told', (t) => {
  const rule = { above: 10, kSigma: 3, relativeChange: 0.1, direction: 'both' } as const;
  t.deepEqual(applyRule([1, 1, 1], rule), {
    violations: [],
    changePoints: [],
    notJudged: [
      { kind: 'k-sigma', needed: 11, there: 3 },
      { kind: 'relative-change', needed: 4, there: 3 },
      { kind: 'change-point', needed: 6, there: 3 },
    ],
  });
  t.is(applyRule([], rule).notJudged.length, 4);
  t.deepEqual(applyRule(steady, { direction: 'both', changePoint: false }), { violations: [], changePoints: [], notJudged: [] });
});

test('change points are part of the answer, in both directions', (t) => {
  const better = [...steady, ...steady, ...steady.map((value) => value * 0.8)];
  t.deepEqual(
    applyRule(better, { direction: 'up' }).changePoints.map(({ index }) => index),
    [24],
  );
});

test('limits that make no sense and values that are no numbers are refused', (t) => {
  for (const wrong of [{ kSigma: 0 }, { relativeChange: -1 }, { over: 0 }]) {
    t.throws(() => applyRule(steady, { direction: 'up', ...wrong }), { instanceOf: RangeError });
  }
  t.throws(() => applyRule([1, Number.NaN], { direction: 'up' }), { instanceOf: RangeError });
});
