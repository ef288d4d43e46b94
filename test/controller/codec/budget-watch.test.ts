import test from 'ava';
import { BudgetWatch } from '../../../controller/codec/budget-watch.ts';
import { CodecBudget } from '../../../controller/codec/codec-budget.ts';
import { parseErrorBudget } from '../../../controller/codec/error-budget.ts';
import { ShadowFrames } from '../../../controller/codec/shadow-frames.ts';
import { ShadowJudge } from '../../../controller/codec/shadow-judge.ts';

const ab = { from: 'a', to: 'b' };
const key = 'a b';
const good = { maxAbs: 0.01, sameTop1: true };
const bad = { maxAbs: 2, sameTop1: false };

function watched(text = 'max-abs<=1') {
  const budget = parseErrorBudget(text);
  const codecs = new CodecBudget(budget);
  for (const [codec, maxAbs] of [
    ['fp16', 0.001],
    ['int8', 0.1],
    ['int4', 0.5],
  ] as const) {
    codecs.learn(ab, codec, { frames: 8, sameTop1: 8, maxAbs });
  }
  const judge = new ShadowJudge(budget, { frames: 100, sameTop1: 100 });
  const watch = new BudgetWatch({ budget, codecs, judge, shadows: new ShadowFrames(5) }, new Map([[key, 'int4']]));
  return { codecs, watch, breaches: () => watch.report()!.breaches.map(({ frame, sinceFrame }) => [frame, sinceFrame]) };
}

test('frames that were on their way when the codec changed do not speak against the new one', (t) => {
  const { codecs, watch, breaches } = watched();
  t.false(watch.breachedBy(4n, good));
  t.true(watch.breachedBy(9n, bad));
  const inForce = watch.changing(new Map([[key, 'int8']]));
  t.false(watch.breachedBy(14n, bad), 'nobody knows yet since when');
  inForce(20n);
  t.false(watch.breachedBy(19n, bad));
  t.true(codecs.allows(ab, 'int8'));
  t.deepEqual(breaches(), [[9, 4]]);
  t.true(watch.breachedBy(24n, bad), 'this one travelled with the new codec');
  t.false(codecs.allows(ab, 'int8'));
  t.true(codecs.allows(ab, 'fp16'));
  t.deepEqual(breaches(), [
    [9, 4],
    [24, 4],
  ]);
  t.is(watch.report()!.compared.frames, 5, 'all of them count as compared');
});

test('after a change for speed, frames on their way speak against what they may have travelled with', (t) => {
  const { codecs, watch, breaches } = watched();
  watch.changing(new Map([[key, 'fp16']]))(20n);
  t.true(watch.breachedBy(14n, bad));
  t.false(codecs.allows(ab, 'int4'));
  t.true(codecs.allows(ab, 'fp16'));
  t.deepEqual(breaches(), [[14, 0]]);
});

test('of two changes in a row the last one says from when it is in force', (t) => {
  const { codecs, watch } = watched();
  const first = watch.changing(new Map([[key, 'int8']]));
  const second = watch.changing(new Map([[key, 'fp16']]));
  first(10n);
  t.true(watch.breachedBy(14n, bad), 'int4, int8 or fp16: the worst goes');
  t.false(codecs.allows(ab, 'int4'));
  second(30n);
  t.false(watch.breachedBy(29n, bad));
  t.true(watch.breachedBy(34n, bad));
});

test('a breach without anything lossy is one, too: perhaps a producer has not heard of the change', (t) => {
  const { watch, breaches } = watched();
  watch.changing(new Map())(10n);
  t.true(watch.breachedBy(14n, bad));
  watch.changing(new Map());
  t.false(watch.breachedBy(19n, bad), 'it is being told');
  t.is(breaches().length, 1);
});

test('the last good frame is the last within the budget: first choices matter only where they count', (t) => {
  for (const [text, since] of [
    ['max-abs<=1', 9],
    ['max-abs<=1,top1>=90%', 4],
  ] as const) {
    const { watch, breaches } = watched(text);
    watch.breachedBy(4n, good);
    t.false(watch.breachedBy(9n, { maxAbs: 0.5, sameTop1: false }));
    watch.breachedBy(14n, bad);
    t.deepEqual(breaches(), [[14, since]]);
  }
});
