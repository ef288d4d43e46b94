import test from 'ava';
import { history } from '../../../bench/support/histories.ts';
import { type Alarm, type FoldedAlarms, foldAlarms, type Series } from '../../../controller/history/alarms.ts';
import { type AlarmRule, applyRule } from '../../../controller/history/rules.ts';
import { Random } from '../../../mesh/random.ts';

const seriesOf = (count: number, better: 'lower' | 'higher' = 'lower'): Series => ({
  id: 'resnet18@pi1/latency',
  metric: 'latency',
  better,
  runs: Array.from({ length: count }, (_, index) => `run${index}`),
});

/** Run by run, as a history grows; every fold. */
function grow(
  values: readonly number[],
  rule: AlarmRule,
  better: 'lower' | 'higher' = 'lower',
  change = (alarm: Alarm): Alarm => alarm,
): FoldedAlarms[] {
  let alarms: readonly Alarm[] = [];
  return values.map((_, index) => {
    const folded = foldAlarms(alarms, seriesOf(index + 1, better), applyRule(values.slice(0, index + 1), rule));
    alarms = folded.alarms.map(change);
    return folded;
  });
}

const stepped = (seed: number, ...levels: readonly (readonly [runs: number, level: number])[]): number[] => {
  const random = new Random(seed);
  return levels.flatMap(([runs, level]) => history('white', runs, random).map((value) => level * value));
};
const changes: AlarmRule = { direction: 'up' };

test('a change is one alarm, however long its history grows and wherever its place wobbles', (t) => {
  for (let seed = 0; seed < 8; seed += 1) {
    const folds = grow(stepped(seed, [40, 100], [30, 112]), changes);
    const raised = folds.flatMap((each) => each.raised);
    t.is(raised.length, 1, `seed ${seed}`);
    const [alarm] = folds.at(-1)!.alarms;
    t.is(alarm!.id, raised[0]!.id);
    t.is(alarm!.state, 'candidate');
    t.true(['run39', 'run40', 'run41'].includes(alarm!.firstBad), alarm!.firstBad);
    t.true(Math.abs(alarm!.size - 1.12) < 0.04);
    t.true(alarm!.p! < 1e-6);
  }
});

test('a second step is a second alarm', (t) => {
  const folds = grow(stepped(3, [30, 100], [25, 115], [25, 135]), changes);
  t.deepEqual(
    folds.flatMap((each) => each.raised).map(({ id }) => id.split('/').at(-1)),
    ['run30', 'run55'],
  );
});

test('an alarm whose level went back is fixed, by the run that fixed it, once; that is no improvement', (t) => {
  const folds = grow(stepped(4, [40, 100], [15, 120], [40, 100]), changes);
  const fixed = folds.flatMap((each) => each.fixed);
  t.is(fixed.length, 1);
  t.is(fixed[0]!.state, 'fixed');
  t.true(['run54', 'run55', 'run56'].includes(fixed[0]!.fixedBy!), fixed[0]!.fixedBy);
  t.is(folds.flatMap((each) => each.raised).length, 1);
  t.deepEqual(folds.at(-1)!.improvements, []);
  t.is(folds.at(-1)!.alarms[0]!.state, 'fixed');
});

test('half of the way back is an improvement, and the alarm stays', (t) => {
  const last = grow(stepped(5, [40, 100], [20, 140], [20, 120]), changes).at(-1)!;
  t.is(last.alarms[0]!.state, 'candidate');
  t.is(last.improvements.length, 1);
  t.true(Math.abs(last.improvements[0]!.size - 120 / 140) < 0.05);
});

test('what is better is no alarm, in the direction of the metric', (t) => {
  const faster = stepped(6, [40, 100], [20, 85]);
  const lower = grow(faster, changes);
  t.deepEqual(
    lower.flatMap((each) => each.raised),
    [],
  );
  t.is(lower.at(-1)!.improvements.length, 1);
  t.true(['run39', 'run40', 'run41'].includes(lower.at(-1)!.improvements[0]!.firstGood));
  t.is(grow(faster, changes, 'higher').flatMap((each) => each.raised).length, 1);
});

test('what a person dismissed or acknowledged is not raised again', (t) => {
  const values = stepped(7, [40, 100], [30, 112]);
  for (const state of ['dismissed', 'acknowledged'] as const) {
    const folds = grow(values, changes, 'lower', (alarm) => ({ ...alarm, state }));
    t.is(folds.flatMap((each) => each.raised).length, 1);
    t.is(folds.at(-1)!.alarms[0]!.state, state);
  }
});

test('an alarm stays when its history has got longer than what is looked at', (t) => {
  const old: Alarm = {
    ...{ id: 'a', series: 'resnet18@pi1/latency', metric: 'latency', kind: 'change-point', state: 'open', firstBad: 'long ago' },
    ...{ size: 1.2, p: 1e-6, before: 80, after: 96 },
  };
  const folded = foldAlarms([old], seriesOf(60), applyRule(stepped(8, [60, 100]), changes));
  t.deepEqual(folded, { alarms: [old], raised: [], updated: [], fixed: [], improvements: [] });
});

test('a rule violated by ten runs in a row is one alarm, fixed by the first run that keeps it; the next time it is another', (t) => {
  const values = [...Array<number>(12).fill(100), ...Array<number>(10).fill(130), 100, 100, 130];
  const folds = grow(values, { above: 120, direction: 'up', changePoint: false });
  const last = folds.at(-1)!;
  t.deepEqual(
    last.alarms.map(({ id, state, firstBad, lastBad, fixedBy }) => [id, state, firstBad, lastBad, fixedBy]),
    [
      ['resnet18@pi1/latency/above/run12', 'fixed', 'run12', 'run21', 'run22'],
      ['resnet18@pi1/latency/above/run24', 'open', 'run24', 'run24', undefined],
    ],
  );
  t.is(folds.flatMap((each) => each.raised).length, 2);
  t.is(folds.flatMap((each) => each.fixed).length, 1);
});

test('a dismissed violation stays dismissed while it goes on, and looking twice at the same runs changes nothing', (t) => {
  const values = [...Array<number>(5).fill(100), ...Array<number>(6).fill(130)];
  const rule: AlarmRule = { above: 120, direction: 'up', changePoint: false };
  const folds = grow(values, rule, 'lower', (alarm) => ({ ...alarm, state: 'dismissed' }));
  t.is(folds.flatMap((each) => each.raised).length, 1);
  const again = foldAlarms(folds.at(-1)!.alarms, seriesOf(values.length), applyRule(values, rule));
  t.deepEqual([again.raised, again.updated, again.fixed], [[], [], []]);
});
