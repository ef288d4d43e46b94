import test from 'ava';
import { history } from '../../../bench/support/histories.ts';
import { judgeConfirmation } from '../../../controller/history/confirmation.ts';
import { Random } from '../../../mesh/random.ts';

const level = (count: number, value: number, seed: number): number[] =>
  history('white', count, new Random(seed)).map((each) => value * each);

const judge = (oldAgain: number, newAgain: number, count = 12, better: 'lower' | 'higher' = 'lower') => {
  const turned = (value: number): number => (better === 'lower' ? value : 10_000 / value);
  return judgeConfirmation({
    better,
    oldRecorded: level(40, turned(100), 1),
    newRecorded: level(8, turned(112), 2),
    oldAgain: level(count, turned(oldAgain), 3),
    newAgain: level(count, turned(newAgain), 4),
    random: new Random(9),
  });
};

for (const better of ['lower', 'higher'] as const) {
  test(`what old and new, run again in turns, say of a change; ${better} is better`, (t) => {
    const cases = [
      [100, 112, 'confirmed', /new one is worse than the old one/],
      [112, 112, 'environment', /the device changed, not the program/],
      [100, 100, 'dismissed', /does not come back/],
      [106, 106, 'unsure', /between what was recorded/],
    ] as const;
    for (const [oldAgain, newAgain, outcome, words] of cases) {
      const answer = judge(oldAgain, newAgain, 20, better);
      t.is(answer.outcome, outcome, `${oldAgain} ${newAgain}: ${answer.reason}`);
      t.regex(answer.reason, words);
    }
  });
}

test('a change on top of one of the device is still confirmed', (t) => {
  t.is(judge(125, 140).outcome, 'confirmed');
});

test('two values of each are unsure, and so is what was recorded as no change for the worse', (t) => {
  t.is(judge(100, 100, 2).outcome, 'unsure');
  const same = level(20, 100, 5);
  const answer = judgeConfirmation({
    ...{
      better: 'lower',
      oldRecorded: same,
      newRecorded: same,
      oldAgain: level(10, 100, 6),
      newAgain: level(10, 100, 7),
      random: new Random(1),
    },
  });
  t.is(answer.outcome, 'unsure');
  t.regex(answer.reason, /not worse after the change/);
});
