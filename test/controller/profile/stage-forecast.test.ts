/** What was foretold of stages, what they took, and what was learned of it. */
import test from 'ava';
import { StageForecast } from '../../../controller/profile/stage-forecast.ts';
import { fitPredictor, Predictor } from '../../../controller/profiler/predictor.ts';
import { kernelsOfSubjects } from '../../../controller/profiler/subject-kernels.ts';
import type { StageMeasurement } from '../../../mesh/measurement.ts';
import { Random } from '../../../mesh/random.ts';
import { optional } from '../../../mesh/wire-number.ts';
import type { Plan } from '../../../partition/plan.ts';
import { askOf, fast, measure, slow, trueModels, trueMs } from '../profiler/made-world.ts';

const random = new Random(6);
const models = trueModels(6, random);
const samples = measure(models, [fast, slow], { random });
const [first, second] = trueModels(1, random);
const stages = { '1-4': first!, '5-9': second! } as const;
type Layers = keyof typeof stages;

const planOf = (...parts: readonly (readonly [id: string, device: string, layers: string])[]): Plan => ({
  ...{ epoch: 1n, routes: [] },
  stages: parts.map(([id, device, layers]) => ({ id, device, layers, inputs: [], outputs: [] })),
});
const plan = planOf(['a', slow.name, '1-4'], ['b', fast.name, '5-9']);

const fitted = fitPredictor(samples, kernelsOfSubjects(samples), { seed: 1 });

function newForecast(learned = fitted) {
  // One that nobody taught anything.
  const predictor = new Predictor(learned);
  const query = (layers: string, device: string) => {
    const found = [slow, fast].find(({ name }) => name === device);
    return found === undefined ? undefined : askOf(stages[layers as Layers], found);
  };
  return { predictor, forecast: new StageForecast(plan, { predictor, query }) };
}

/** So many frames of a stage, each as long. */
const frames = (stage: string, device: string, count: number, ms: number, probeMs?: number): StageMeasurement[] =>
  Array.from({ length: count }, (_, frame) => ({
    stage,
    device,
    frame: BigInt(frame),
    queueUs: 1,
    decodeUs: 1,
    computeUs: 1000 * ms,
    encodeUs: 1,
    ...optional('probeUs', probeMs === undefined ? undefined : 1000 * probeMs),
  }));

const truth = trueMs(slow, first!.kernels);

test('each stage is told before, measured at its beginning and its end, and told again', (t) => {
  const { forecast, predictor } = newForecast();
  const before = predictor.predict(askOf(first!, slow))!;
  forecast.add(frames('a', slow.name, 64, 2 * truth));
  forecast.add(frames('a', slow.name, 64, 1.9 * truth));
  forecast.add(frames('b', fast.name, 32, trueMs(fast, second!.kernels)));
  const [a, b, ...more] = forecast.report(plan);
  t.is(more.length, 0);
  t.like(a, { stage: 'a', device: slow.name, layers: '1-4', toldMs: before.ms, interval: before.interval });
  t.true(Math.abs(a!.firstMs / (2 * truth) - 1) < 1e-9 && Math.abs(a!.lastMs / (1.9 * truth) - 1) < 1e-9);
  t.true(Math.abs(a!.learnedMs - a!.lastMs) < Math.abs(a!.toldMs - a!.lastMs) / 2, `${a!.learnedMs}`);
  t.like(b, { stage: 'b', layers: '5-9', changes: 0 });
  t.is(predictor.predict(askOf(first!, slow))!.ms, a!.learnedMs, 'whoever asks later is told what was learned');
});

test('a device that changes for good meanwhile is noticed', (t) => {
  const { forecast } = newForecast();
  forecast.add(frames('a', slow.name, 16 * 20, truth));
  forecast.add(frames('a', slow.name, 16 * 20, 3 * truth));
  const [a] = forecast.report(plan);
  t.true(a!.changes >= 1, `${a!.changes}`);
  t.true(Math.abs(a!.learnedMs / (3 * truth) - 1) < 0.05, `${a!.learnedMs}`);
});

test('a processor that is slower for a while is no other device', (t) => {
  const measured = measure(models, [fast, slow], { probeMs: 0.4, random });
  const probed = fitPredictor(measured, kernelsOfSubjects(measured), { seed: 1 });
  const run = (probeMs: number | undefined) => {
    const { forecast } = newForecast(probed);
    forecast.add(frames('a', slow.name, 16 * 20, 1.5 * truth, probeMs));
    return forecast.report(plan)[0]!;
  };
  const [told, bare] = [run(0.6), run(undefined)];
  const exponent = Math.log(told.firstMs / told.firstUsualMs!) / Math.log(0.6 / 0.4);
  t.true(exponent > 0.4 && exponent <= 1, 'the longer memory is waited for, the less it is slowed down');
  t.true(Math.abs(told.firstUsualMs! / told.toldMs - 1) < Math.abs(told.firstMs / told.toldMs - 1) / 2);
  t.is(bare.firstUsualMs, null);
  t.is(told.firstMs, bare.firstMs);
  // What is told of the next run at the usual speed.
  t.true(Math.abs(told.learnedMs / bare.learnedMs - 1) < 0.1, 'both know how long it takes just now');
});

test('few frames are a window of their own; a stage without frames is not told of', (t) => {
  const { forecast } = newForecast();
  forecast.add([...frames('a', slow.name, 2, 5), ...frames('a', slow.name, 1, 9)]);
  const report = forecast.report(plan);
  t.deepEqual(
    report.map(({ stage, firstMs, lastMs }) => ({ stage, firstMs, lastMs })),
    [{ stage: 'a', firstMs: 5, lastMs: 5 }],
  );
});

test('one wild frame in a window counts nothing', (t) => {
  const { forecast } = newForecast();
  forecast.add([...frames('a', slow.name, 15, 7), ...frames('a', slow.name, 1, 7000)]);
  t.is(forecast.report(plan)[0]!.firstMs, 7);
});

test('devices that nobody knows are left out', (t) => {
  const { forecast } = newForecast();
  forecast.add(frames('a', 'stranger', 32, 5));
  t.deepEqual(forecast.report(planOf(['a', 'stranger', '1-4'])), []);
});

test('a long run is kept in windows that grow', (t) => {
  const { forecast } = newForecast();
  for (let part = 0; part < 40; part += 1) forecast.add(frames('a', slow.name, 16 * 20, truth * (part < 39 ? 1 : 1.02)));
  const [a] = forecast.report(plan);
  t.true(Math.abs(a!.firstMs / truth - 1) < 1e-6, `${a!.firstMs}`);
  t.true(Math.abs(a!.lastMs / (1.02 * truth) - 1) < 1e-6, `${a!.lastMs}`);
});
