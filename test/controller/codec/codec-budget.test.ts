import test from 'ava';
import { CodecBudget } from '../../../controller/codec/codec-budget.ts';
import { parseErrorBudget } from '../../../controller/codec/error-budget.ts';

const ab = { from: 'a', to: 'b' };
const bc = { from: 'b', to: 'c' };
/** Codec → its error on a → b and on b → c, alone. */
const calibrated = { fp16: [0.001, 0.002], int8: [0.01, 0.02], int6: [0.04, 0.05], int4: [0.2, 0.3] } as const;
const of8 = { frames: 8, sameTop1: 8 };

function budgetOf(text: string): CodecBudget {
  const budget = new CodecBudget(parseErrorBudget(text));
  for (const [codec, [first, second]] of Object.entries(calibrated)) {
    budget.learn(ab, codec, { ...of8, maxAbs: first });
    budget.learn(bc, codec, { ...of8, maxAbs: second });
  }
  return budget;
}

/** Those allowed, best first: on a → b, then on b → c. */
const allowed = (budget: CodecBudget): string =>
  [ab, bc]
    .map((route) =>
      Object.keys(calibrated)
        .filter((codec) => budget.allows(route, codec))
        .join(' '),
    )
    .join(' | ');

const situations: readonly [what: string, budget: string, act: (budget: CodecBudget) => void, expected: string][] = [
  ['calibration leaves four fifths of the largest error', 'max-abs<=0.05', () => {}, 'fp16 int8 int6 | fp16 int8'],
  ['only first choices count: the size of errors does not', 'top1>=99%', () => {}, 'fp16 int8 int6 int4 | fp16 int8 int6 int4'],
  [
    'a first choice that changed in calibration is too many',
    'top1>=99%',
    (budget) => budget.learn(ab, 'int4', { frames: 8, sameTop1: 7, maxAbs: 0.2 }),
    'fp16 int8 int6 | fp16 int8 int6 int4',
  ],
  [
    'confirmed: these, and what is more exact on their routes; nothing elsewhere',
    'max-abs<=1',
    (budget) => budget.confirm(new Map([['a b', 'int6']])),
    'fp16 int8 int6 | ',
  ],
  ['nothing was confirmed: nothing is allowed', 'max-abs<=1', (budget) => budget.confirm(new Map()), ' | '],
  [
    'refuted by twenty times the error that calibration found: errors grow alike on all routes',
    'max-abs<=0.5',
    (budget) => budget.refute([['a b', 'int6']], { maxAbs: 0.8 }),
    'fp16 int8 | fp16 int8',
  ],
  ['far off: everything goes', 'max-abs<=0.5', (budget) => budget.refute([['a b', 'int8']], { maxAbs: 1000 }), ' | '],
  [
    'not comparable: everything goes',
    'max-abs<=0.5',
    (budget) => budget.refute([['a b', 'int8']], { maxAbs: Number.POSITIVE_INFINITY }),
    ' | ',
  ],
  [
    'of several the worst is to blame',
    'max-abs<=0.5',
    (budget) =>
      budget.refute(
        [
          ['a b', 'int4'],
          ['b c', 'fp16'],
        ],
        { maxAbs: 0.6 },
      ),
    'fp16 int8 int6 | fp16 int8 int6',
  ],
  [
    'first choices: only what is four times as exact stays',
    'top1>=99%',
    (budget) => budget.refute([['a b', 'int6']], { maxAbs: 0.04 }),
    'fp16 int8 | fp16',
  ],
  [
    'both count, and the error was small enough: first choices broke it',
    'top1>=99%,max-abs<=10',
    (budget) => budget.refute([['a b', 'int6']], { maxAbs: 0.04 }),
    'fp16 int8 | fp16',
  ],
  [
    'nothing was lossy: nobody is to blame',
    'max-abs<=1',
    (budget) => budget.refute([], { maxAbs: 5 }),
    'fp16 int8 int6 int4 | fp16 int8 int6 int4',
  ],
  [
    'one that calibration found exact goes, too, when it is not',
    'max-abs<=1',
    (budget) => {
      budget.learn(ab, 'int8', { ...of8, maxAbs: 0 });
      budget.refute([['a b', 'int8']], { maxAbs: 5 });
    },
    ' | ',
  ],
  [
    'what was refuted does not come back when it is confirmed',
    'max-abs<=1',
    (budget) => {
      budget.refute([['a b', 'int4']], { maxAbs: 1.1 });
      budget.confirm(new Map([['a b', 'int4']]));
    },
    'fp16 int8 int6 | ',
  ],
];
for (const [what, text, act, expected] of situations) {
  test(what, (t) => {
    const budget = budgetOf(text);
    act(budget);
    t.is(allowed(budget), expected);
  });
}

test('a codec that was not calibrated is not allowed, nor what travels with one', (t) => {
  const budget = budgetOf('max-abs<=1');
  t.false(budget.allows(ab, 'bf16'));
  t.false(budget.allows({ from: 'c', to: 'd' }, 'fp16'));
  t.true(budget.allowsAll([['a b', 'fp16']]));
  t.true(budget.allowsAll([]));
  t.false(
    budget.allowsAll([
      ['a b', 'fp16'],
      ['b c', 'bf16'],
    ]),
  );
  t.deepEqual(budget.errorOf(bc, 'int6'), { ...of8, maxAbs: 0.05 });
  t.is(budget.errorOf(bc, 'bf16'), undefined);
});
