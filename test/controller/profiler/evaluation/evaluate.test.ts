import test from 'ava';
import { evaluate } from '../../../../controller/profiler/evaluation/evaluate.ts';
import type { Result } from '../../../../controller/profiler/evaluation/evaluation-report.ts';
import type { Asked, FitPredictor } from '../../../../controller/profiler/evaluation/fit-predictor.ts';
import type { Sample } from '../../../../controller/profiler/sample.ts';
import { madeSamples } from './made-samples.ts';
import { smallPredictor } from './small-predictor.ts';

const samples = madeSamples();
const report = await evaluate(samples, smallPredictor, { seed: 3 });
const result = (name: string, kind: Result['kind'] = 'models', timings: number | null = null): Result =>
  report.splits.find((split) => split.name === name)!.results.find((each) => each.kind === kind && each.timings === timings)!;

test('everything that is judged is predicted once in every split but the forward one', (t) => {
  t.deepEqual(
    report.splits.map(({ name, leaks }) => [name, leaks]),
    [
      ['rows', true],
      ['model', false],
      ['family', false],
      ['device', false],
      ['forward', false],
    ],
  );
  for (const name of ['rows', 'model', 'family']) {
    for (const kind of ['models', 'parts'] as const) t.is(result(name, kind).accuracy!.count, samples.length / 2, name);
  }
  t.is(result('device', 'models', 0).accuracy!.count, samples.length / 2);
  t.is(result('forward').accuracy!.count + result('forward', 'parts').accuracy!.count, Math.ceil(samples.length * 0.8));
});

test('timings of a new device bring its predictions nearer, and baselines get the same timings', (t) => {
  const [none, one, ten] = [0, 1, 10].map((count) => result('device', 'models', count));
  t.true(ten!.accuracy!.mape < none!.accuracy!.mape / 1.5);
  t.true(one!.accuracy!.mape < none!.accuracy!.mape);
  t.true(ten!.baselines.macs.accuracy!.mape < none!.baselines.macs.accuracy!.mape / 1.5);
  t.truthy(result('device', 'models', 50));
});

test('the noise floor is that of the world, and nothing is below it', (t) => {
  const floor = report.noiseFloor.models!;
  // |ratio − 1| of two normal logarithms of 5 %, one of them a lower median of two.
  t.true(floor.mape > 0.04 && floor.mape < 0.09, `${floor.mape}`);
  t.is(floor.repeated * 3, floor.count);
  for (const name of ['model', 'family', 'device']) {
    for (const each of report.splits.find((split) => split.name === name)!.results) t.true(each.accuracy!.mape > floor.mape, name);
  }
});

test('a predictor that knows the truth reaches the floor, chooses the best place and covers what it says', async (t) => {
  const quiet = madeSamples({ noise: 0.02 });
  const truth = Map.groupBy(quiet, keyOf);
  const oracle: FitPredictor = () => ({
    predict: (asked) => {
      const times = truth.get(keyOf(asked))!.map(({ time }) => time.ms);
      const ms = times.reduce((sum, each) => sum + each, 0) / times.length;
      return { ms, interval: { low: ms * 0.9, high: ms * 1.1 }, measurements: 0, extrapolates: [], contributions: [] };
    },
  });
  const { splits } = await evaluate(quiet, oracle, { seed: 1, splits: ['family'] });
  const { accuracy, placement, coverage, baselines } = splits[0]!.results[0]!;
  t.true(accuracy!.mape < 0.02 && accuracy!.r2! > 0.99 && accuracy!.spearman! > 0.99);
  t.true(placement!.regretMean < 0.01 && placement!.hitRate > 0.8);
  t.true(baselines.average.placement!.regretMean > 0.05);
  t.true(coverage!.inside! > 0.98 && coverage!.infinite === 0);
});

test('what was measured again is judged by the median of its errors, too, and that is nearer to the truth', async (t) => {
  const { accuracy, repeated } = result('rows');
  t.true(repeated!.count <= accuracy!.count / 2);
  t.true(repeated!.mape < accuracy!.mape, `${repeated!.mape} ${accuracy!.mape}`);
  const first = samples.filter(({ execution }) => execution === 1);
  const once = await evaluate(first, smallPredictor, { seed: 3, splits: ['family'] });
  t.is(once.splits[0]!.results[0]!.repeated, null);
});

test('a predictor sees nothing that was measured of what it is asked', async (t) => {
  const asked: Asked[] = [];
  const trained: (readonly Sample[])[] = [];
  const spy: FitPredictor = (train) => {
    trained.push(train);
    return {
      predict(each) {
        asked.push(each);
        return undefined;
      },
    };
  };
  const { splits } = await evaluate(samples, spy, { seed: 1, splits: ['family'] });
  t.true(asked.every((each) => !('time' in each) && each.kernels!.every((kernel) => !('us' in kernel))));
  t.true(trained.every((train) => new Set(train.map(({ subject }) => subject.family)).size === 5));
  t.is(splits[0]!.results[0]!.unpredicted, samples.length / 2);
  t.is(splits[0]!.results[0]!.accuracy, null);
  t.is(splits[0]!.results[0]!.coverage, null);
});

test('first timings are of the new device and of other families than those that are predicted', async (t) => {
  let learnt: Asked[] = [];
  let checked = 0;
  const spy: FitPredictor = (train) => {
    learnt = [];
    const known = new Set(train.map(({ circumstance }) => circumstance.deviceKey));
    return {
      learn: (sample) => learnt.push(sample),
      predict(asked) {
        t.false(known.has(asked.circumstance.deviceKey));
        for (const sample of learnt) {
          checked += 1;
          if (sample.subject.family === asked.subject.family) t.fail('the family is known');
          if (sample.circumstance.deviceKey !== asked.circumstance.deviceKey) t.fail('of another device');
        }
        return undefined;
      },
    };
  };
  await evaluate(samples, spy, { seed: 1, splits: ['device'] });
  t.true(checked > 1_000);
});

test('the same seed gives the same, and plain data', async (t) => {
  const again = await evaluate(samples, smallPredictor, { seed: 3, splits: ['rows', 'device'] });
  t.deepEqual(again.splits[0], report.splits[0]);
  t.deepEqual(again.splits[1], report.splits[3]);
  t.deepEqual(JSON.parse(JSON.stringify(report)), report);
});

test('of nothing, and of one family on one device, there is little to say, and it is said', async (t) => {
  const none = await evaluate([], smallPredictor, { seed: 1 });
  t.deepEqual(none.noiseFloor, { models: null, parts: null });
  t.true(none.splits.every(({ folds, results }) => folds.length === 0 && results.length === 0));
  const few = samples.filter(({ subject, circumstance }) => subject.family === 'family0' && circumstance.device === 'nuc');
  const { splits } = await evaluate(few, smallPredictor, { seed: 1 });
  t.deepEqual(
    splits.map(({ name, folds }) => [name, folds.length]),
    [
      ['rows', 10],
      ['model', 3],
      ['family', 0],
      ['device', 0],
      ['forward', 4],
    ],
  );
  t.is(splits[1]!.results[0]!.placement, null);
});

function keyOf({ subject, circumstance: { deviceKey, load } }: Asked): string {
  return [subject.sha256, deviceKey, load!.duty].join(' ');
}
