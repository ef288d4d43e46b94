import test from 'ava';
import fc from 'fast-check';
import { formatErrorBudget, framesToJudge, isWithin, noErrors, parseErrorBudget, tallied } from '../../../controller/codec/error-budget.ts';
import { ShadowJudge } from '../../../controller/codec/shadow-judge.ts';
import { MeshError } from '../../../mesh/error.ts';

for (const [text, top1Min, maxAbs] of [
  ['top1>=99.5%', 0.995, undefined],
  ['top-1 >= 99 %', 0.99, undefined],
  ['max-abs<=0.01', undefined, 0.01],
  ['max-abs<=1e-3', undefined, 0.001],
  ['max-abs <= 0', undefined, 0],
  ['top1>=90%, max-abs<=.5', 0.9, 0.5],
  ['max-abs<=2,top1>=100%', 1, 2],
] as const) {
  test(`"${text}" is a budget, and is read again as it is written`, (t) => {
    const budget = parseErrorBudget(text);
    t.deepEqual(budget, { top1Min, maxAbs });
    t.deepEqual(parseErrorBudget(formatErrorBudget(budget)), budget);
  });
}

for (const text of [
  '',
  'top1',
  'top1>=99.5',
  'top1<=99%',
  'top1>=101%',
  'top1>=99%,top1>=98%',
  'max-abs<=-1',
  'max-abs<=x',
  'mse<=1',
  'top1>=99%,',
]) {
  test(`"${text}" is no budget`, (t) => {
    const error = t.throws(() => parseErrorBudget(text), { instanceOf: MeshError });
    t.is(error?.code, 'usage');
    t.regex(error?.hint ?? '', /max-abs<=0\.01/);
  });
}

test('both parts must hold; a margin is on the largest error only', (t) => {
  const budget = { top1Min: 0.9, maxAbs: 1 };
  t.true(isWithin(budget, { frames: 10, sameTop1: 9, maxAbs: 1 }));
  t.false(isWithin(budget, { frames: 10, sameTop1: 8, maxAbs: 0 }));
  t.false(isWithin(budget, { frames: 10, sameTop1: 10, maxAbs: 1.01 }));
  t.false(isWithin(budget, { frames: 10, sameTop1: 10, maxAbs: 0.9 }, 0.8));
  t.false(isWithin({ top1Min: undefined, maxAbs: 1 }, tallied(noErrors, { maxAbs: Number.POSITIVE_INFINITY, sameTop1: true })));
});

test('one disagreement in a hundred is within 99 %, two are a breach, wherever they fall', (t) => {
  const budget = parseErrorBudget('top1>=99%');
  t.is(framesToJudge(budget), 100);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 38 }), (before, between) => {
      const judge = new ShadowJudge(budget, { frames: 100, sameTop1: 100 });
      const same = { maxAbs: 1, sameTop1: true };
      const different = { maxAbs: 1, sameTop1: false };
      const early = [...Array.from({ length: before }, () => same), different, ...Array.from({ length: between }, () => same)];
      return early.every((error) => !judge.breaches(error)) && judge.breaches(different);
    }),
  );
  t.pass();
});

test('after a breach there is no credit: the next disagreement is one', (t) => {
  const judge = new ShadowJudge(parseErrorBudget('top1>=99%'), { frames: 100, sameTop1: 99 });
  t.true(judge.breaches({ maxAbs: 0, sameTop1: false }));
  t.false(judge.breaches({ maxAbs: 0, sameTop1: true }));
  t.true(judge.breaches({ maxAbs: 0, sameTop1: false }));
});

test('one error that is too large is a breach', (t) => {
  const judge = new ShadowJudge(parseErrorBudget('max-abs<=0.5'));
  t.false(judge.breaches({ maxAbs: 0.5, sameTop1: false }));
  t.true(judge.breaches({ maxAbs: 0.51, sameTop1: true }));
});

test('as many as the share says are within the budget, whatever rounding does to their product', (t) => {
  for (const [percent, frames] of [
    [7, 100],
    [5.2, 250],
    [99.5, 200],
    [99, 100],
  ] as const) {
    const budget = parseErrorBudget(`top1>=${percent}%`);
    const least = Math.round((percent * frames) / 100);
    t.true(isWithin(budget, { frames, sameTop1: least, maxAbs: 0 }));
    t.false(isWithin(budget, { frames, sameTop1: least - 1, maxAbs: 0 }));
  }
});
