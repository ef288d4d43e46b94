import test from 'ava';
import { AutomaticCodecs } from '../../../controller/codec/automatic-codecs.ts';
import { CodecBudget } from '../../../controller/codec/codec-budget.ts';
import { parseErrorBudget } from '../../../controller/codec/error-budget.ts';
import { Observations } from '../../../controller/codec/observations.ts';
import { ShadowFrames } from '../../../controller/codec/shadow-frames.ts';
import { ShadowJudge } from '../../../controller/codec/shadow-judge.ts';
import type { MeasuredRows } from '../../../controller/store/records.ts';
import { codecAt } from '../../../mesh/codec-cycle.ts';
import { ab, codecOf, codecs, common, plan, World } from './codec-world.ts';

interface Guarded {
  readonly steered: AutomaticCodecs;
  readonly world: World;
}

/** Calibrated: int8 is off by 0.01, int4 by 0.05. */
function calibrated(text: string) {
  const budget = parseErrorBudget(text);
  const observations = new Observations(plan);
  const names = Object.keys(codecs);
  const inTurns = { cycleOf: () => names, follow: () => {}, begin: () => {}, measured: (rows: MeasuredRows) => observations.add(rows) };
  new World(inTurns, 26_000, 10).tick(8 * names.length);
  const allowed = new CodecBudget(budget);
  allowed.learn(ab, 'int8', { frames: 8, sameTop1: 8, maxAbs: 0.01 });
  allowed.learn(ab, 'int4', { frames: 8, sameTop1: 8, maxAbs: 0.05 });
  return { budget, observations, codecs: allowed };
}

function guarded(text: string, confirmed?: string): Guarded {
  const { budget, observations, codecs: allowed } = calibrated(text);
  if (confirmed !== undefined) allowed.confirm(new Map([['a b', confirmed]]));
  const guard = { budget, codecs: allowed, judge: new ShadowJudge(budget, { frames: 100, sameTop1: 100 }), shadows: new ShadowFrames(20) };
  const steered = new AutomaticCodecs({ ...common, lossy: ['int8', 'int4'], observations, guard });
  return { steered, world: new World(steered, 26_000, 10) };
}

test('of the codecs within the budget the best is used from the first frame', (t) => {
  t.is(codecOf(guarded('max-abs<=0.1').steered), 'int8', 'as fast as computing: no need for less');
  t.is(codecOf(guarded('max-abs<=0.001').steered), 'blosc2');
});

test('what was not confirmed is not used, however slow the link', (t) => {
  for (const [confirmed, expected] of [
    ['int8', 'int8'],
    ['int4', 'int4'],
  ] as const) {
    const { steered } = guarded('max-abs<=0.1', confirmed);
    const world = new World(steered, 1_000, 1);
    for (let tick = 0; tick < 10; tick += 1) world.tick(64);
    t.is(codecOf(steered), expected);
  }
});

test('a codec asked for by name is used wherever it is within the budget, and goes when it is not any more', (t) => {
  const { budget, observations, codecs: allowed } = calibrated('max-abs<=0.02');
  const guard = { budget, codecs: allowed, judge: new ShadowJudge(budget), shadows: new ShadowFrames(20) };
  const steered = new AutomaticCodecs({ ...common, named: 'int8', lossless: ['none'], lossy: ['int8'], observations, guard });
  const world = new World(steered, 26_000, 1000);
  for (let tick = 0; tick < 5; tick += 1) world.tick(64);
  t.is(codecOf(steered), 'int8', 'although the link is fast');
  steered.compared(19n, { maxAbs: 0.5, sameTop1: true });
  t.is(codecOf(steered), 'none');
});

test('shadows travel without loss, and the frames they repeat as chosen', (t) => {
  const { steered } = guarded('max-abs<=0.1');
  const cycle = steered.cycleOf(ab);
  t.is(cycle.length % 21, 0);
  for (let id = 0; id < 2 * cycle.length; id += 1) {
    const codec = codecAt(cycle, BigInt(id));
    if (id % 21 === 20) t.is(codec, 'blosc2');
    if (id % 21 === 19) t.is(codec, 'int8');
  }
});

test('a frame outside of the budget moves the link to a tighter codec at once, and the report says so', (t) => {
  const { steered, world } = guarded('max-abs<=0.1');
  const applied: string[] = [];
  steered.begin(async (changes) => {
    applied.push(...changes.map(({ codecs: cycle }) => cycle[0]!));
    return 42n;
  });
  world.tick(42);
  steered.compared(39n, { maxAbs: 0.02, sameTop1: true });
  steered.compared(59n, { maxAbs: 0.3, sameTop1: true });
  t.is(codecOf(steered), 'blosc2');
  t.is(applied.at(-1), 'blosc2');
  const { shadows, changes } = steered.report();
  t.deepEqual(shadows!.breaches, [{ frame: 59, sinceFrame: 39, maxAbs: 0.3, sameTop1: true }]);
  t.deepEqual(shadows!.compared, { frames: 2, sameTop1: 2, maxAbs: 0.3 });
  t.like(changes[0], { was: 'int8', now: 'blosc2', why: 'frame 59 was outside of the budget' });
  world.tick(200);
  t.is(codecOf(steered), 'blosc2', 'and it stays');
  t.deepEqual(
    steered
      .report()
      .routes[1]!.options.filter(({ withinBudget }) => !withinBudget)
      .map(({ codec }) => codec),
    ['int8', 'int4'],
  );
});

test('a breach of first choices moves to what is four times as exact, or has no loss', (t) => {
  const { steered } = guarded('top1>=99%');
  steered.compared(19n, { maxAbs: 1, sameTop1: false });
  t.is(codecOf(steered), 'int8', 'one in a hundred is allowed');
  steered.compared(39n, { maxAbs: 1, sameTop1: false });
  t.is(codecOf(steered), 'blosc2');
  t.is(steered.report().shadows!.breaches.length, 1);
  t.true(steered.wasLossy);
});

test('with few shadows a cycle is not longer than agents take', (t) => {
  const { budget, observations, codecs: allowed } = calibrated('max-abs<=0.1');
  const guard = { budget, codecs: allowed, judge: new ShadowJudge(budget), shadows: new ShadowFrames(500) };
  const steered = new AutomaticCodecs({ ...common, lossy: ['int8', 'int4'], observations, guard });
  const cycle = steered.cycleOf(ab);
  t.true(cycle.length <= 1024, `${cycle.length}`);
  t.deepEqual([...new Set(cycle)].sort(), ['blosc2', 'int4', 'int8', 'lz4']);
});

test('a change is reported from the first frame that none of the producers had seen, and a breach without loss is told them again', async (t) => {
  const { steered } = guarded('max-abs<=0.1');
  const told: string[][] = [];
  steered.begin(async (changes) => {
    told.push(changes.map(({ from, to, codecs: cycle }) => `${from} ${to} ${cycle[0]!}`));
    return 63n;
  });
  steered.compared(59n, { maxAbs: 0.3, sameTop1: true });
  t.is(steered.report().changes[0]!.frame, 59, 'as far as is known');
  await Promise.resolve();
  await Promise.resolve();
  t.is(steered.report().changes[0]!.frame, 60, 'id 63, with three shadows before it');
  steered.compared(79n, { maxAbs: 0.3, sameTop1: true });
  t.deepEqual(told, [['a b blosc2'], ['source a none', 'a b blosc2', 'b sink none']]);
  t.is(steered.report().changes.length, 1);
});
