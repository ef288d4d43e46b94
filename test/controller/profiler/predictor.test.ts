/** The whole profiler in a world whose truth is known. */
import test from 'ava';
import { fitPredictor, Predictor, queryOf } from '../../../controller/profiler/predictor.ts';
import { fittedFromJson, fittedToJson } from '../../../controller/profiler/saved.ts';
import { kernelsOfSubjects } from '../../../controller/profiler/subject-kernels.ts';
import { normal } from '../../../mesh/normal.ts';
import { Random } from '../../../mesh/random.ts';
import { askOf, fast, half, LOAD_FACTOR, measure, slow, strange, trueModels, trueMs } from './made-world.ts';

const random = new Random(7);
const models = trueModels(12, random);
const unseen = trueModels(20, random).map((model) => ({ ...model, name: `new ${model.name}`, family: `new ${model.family}` }));
const samples = measure(models, [fast, slow, half], { busy: [0, 1], random });
const kernelsOf = kernelsOfSubjects(samples);
const saved = fittedToJson(fitPredictor(samples, kernelsOf, { seed: 1 }));
/** One that nobody taught anything. */
const fresh = (): Predictor => new Predictor(fittedFromJson(JSON.parse(JSON.stringify(saved))));
const varied = (ms: number): number => ms * Math.exp(0.03 * normal(random));

test('nine of ten models of families that were never seen are within 10 % of the truth', (t) => {
  const predictor = fresh();
  const off = [fast, slow, half]
    .flatMap((device) => unseen.map((model) => Math.abs(predictor.predict(askOf(model, device))!.ms / trueMs(device, model.kernels) - 1)))
    .sort((a, b) => a - b);
  t.true(off[Math.floor(0.9 * off.length)]! < 0.1, `${off.at(-1)} at most`);
});

test('what load does is found, for models that were never seen', (t) => {
  const predictor = fresh();
  for (const model of unseen.slice(0, 10)) {
    const factor = predictor.predict(askOf(model, slow, 1))!.ms / predictor.predict(askOf(model, slow))!.ms;
    t.true(Math.abs(factor / LOAD_FACTOR - 1) < 0.08, `${factor}`);
  }
});

test('intervals hold in about nine of ten cases', (t) => {
  const predictor = fresh();
  const inside = unseen.flatMap((model) =>
    [fast, slow, half].map((device) => {
      const { interval } = predictor.predict(askOf(model, device))!;
      const ms = varied(trueMs(device, model.kernels));
      return interval.low <= ms && ms <= interval.high;
    }),
  );
  const share = inside.filter(Boolean).length / inside.length;
  // Four standard deviations of a binomial with as many cases below; above: no interval that is never wrong.
  t.true(share > 0.9 - 4 * Math.sqrt(0.09 / inside.length), `${share}`);
  t.true(share < 1, `${share}`);
});

test('a device that was never measured is said to be so, and nobody relies on it', (t) => {
  const predictor = fresh();
  const { interval, extrapolates, measurements, ms } = predictor.predict(askOf(unseen[0]!, strange))!;
  t.true(extrapolates.includes('nothing was ever measured on jetson'), extrapolates.join());
  t.is(measurements, 0);
  t.true(interval.high / interval.low > 3, JSON.stringify({ ...interval, ms }));
  t.false(predictor.knows(askOf(unseen[0]!, strange).circumstance));
  t.true(predictor.knows(askOf(unseen[0]!, slow).circumstance));
});

test('ten timings of a new device bring it within 10 %', (t) => {
  const predictor = fresh();
  for (const model of models.slice(0, 10)) predictor.learn(askOf(model, strange), varied(trueMs(strange, model.kernels)));
  const off = unseen
    .map((model) => Math.abs(predictor.predict(askOf(model, strange))!.ms / trueMs(strange, model.kernels) - 1))
    .sort((a, b) => a - b);
  t.true(off[Math.floor(0.9 * off.length)]! < 0.1, off.join(' '));
  t.is(predictor.predict(askOf(unseen[0]!, strange))!.measurements, 10);
  t.true(predictor.knows(askOf(unseen[0]!, strange).circumstance));
});

test('a device that falls to a third of its speed is predicted again after some timings', (t) => {
  const predictor = fresh();
  const model = unseen[3]!;
  const ms = trueMs(slow, model.kernels);
  for (let timing = 0; timing < 30; timing += 1) t.false(predictor.learn(askOf(model, slow), varied(ms)), `no drift at ${timing}`);
  const changed = Array.from({ length: 12 }, () => predictor.learn(askOf(model, slow), varied(3 * ms)));
  t.true(changed.includes(true));
  const told = predictor.predict(askOf(model, slow))!.ms;
  t.true(Math.abs(told / (3 * ms) - 1) < 0.1, `${told} of ${3 * ms}`);
  const other = predictor.predict(askOf(unseen[9]!, slow))!.ms / trueMs(slow, unseen[9]!.kernels);
  t.true(Math.abs(other / 3 - 1) < 0.15, `of other models, too: ${other}`);
});

test('contributions are largest first and, in milliseconds times the load, add up to the prediction; so do kernels', (t) => {
  const predictor = fresh();
  for (const [device, busy] of [
    [fast, 0],
    [slow, 1],
    [strange, 0],
  ] as const) {
    for (const model of unseen.slice(0, 6)) {
      const query = askOf(model, device, busy);
      const { ms, contributions } = predictor.predict(query)!;
      const parts = contributions.filter(({ unit }) => unit === 'ms').map(({ value }) => value);
      const load = contributions.find(({ name }) => name === 'load')?.value ?? 1;
      t.is(load > 1.2, busy === 1);
      t.true(Math.abs((load * parts.reduce((sum, part) => sum + part, 0)) / ms - 1) < 0.011, JSON.stringify(contributions));
      t.deepEqual(
        parts,
        [...parts].sort((a, b) => b - a),
      );
      const kernels = predictor.kernelMs(query)!;
      t.is(kernels.length, model.kernels.length);
      t.true(Math.abs(kernels.reduce((sum, each) => sum + each, 0) / ms - 1) < 1e-9);
    }
  }
});

test('more load than was ever measured is said', (t) => {
  t.deepEqual(fresh().predict(askOf(models[0]!, slow, 3))!.extrapolates, ['3.0 cores busy with something else; the most measured was 1.0']);
});

test('of a subject that nothing is known of nothing is said', (t) => {
  const { kernels: _, ...query } = askOf(models[0]!, slow);
  t.is(fresh().predict(query), undefined);
  t.is(fresh().kernelMs(query), undefined);
  t.false(fresh().learn(query, 3));
});

test('devices whose kernels were never timed are learnt by their timings', (t) => {
  const timings = measure(models.slice(0, 12), [strange], { random }).map(({ kernels: _, ...sample }) => sample);
  const predictor = fitPredictor([...measure(models.slice(0, 12), [fast, slow], { random }), ...timings], kernelsOf, { seed: 1 });
  t.is(predictor.basis.references.length, 2);
  // Nobody says what the runtime makes of a model for another processor.
  t.is(queryOf(timings[0]!, kernelsOf).kernels, undefined);
  const told = fitPredictor(
    [
      ...measure(models.slice(0, 12), [fast, slow], { random }),
      ...timings.map((sample, index) => ({ ...sample, kernelsSeen: models[index]!.kernels })),
    ],
    (sample) => sample.kernels ?? sample.kernelsSeen,
    { seed: 1 },
  );
  const { ms, measurements } = told.predict(askOf(unseen[1]!, strange))!;
  t.is(measurements, 12);
  t.true(Math.abs(ms / trueMs(strange, unseen[1]!.kernels) - 1) < 0.15, `${ms}`);
});
