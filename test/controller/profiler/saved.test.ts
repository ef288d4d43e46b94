/** A fitted profile in a file: what is read predicts as what was written, and what is damaged is refused. */
import test from 'ava';
import fc from 'fast-check';
import { fitPredictor, Predictor } from '../../../controller/profiler/predictor.ts';
import { fittedFromJson, fittedToJson } from '../../../controller/profiler/saved.ts';
import { kernelsOfSubjects } from '../../../controller/profiler/subject-kernels.ts';
import { Random } from '../../../mesh/random.ts';
import { askOf, fast, measure, slow, strange, trueModels } from './made-world.ts';

const random = new Random(3);
const models = trueModels(6, random);
const characteristics = (index: number) => ({
  convLayers: index,
  poolLayers: 1,
  fcLayers: 2,
  filterDetails: 64 * index,
  totalParameters: 1000 * index,
});
const single = measure(models, [fast, slow], { busy: [0, 1], random }).map((sample) => ({
  ...sample,
  subject: { ...sample.subject, characteristics: characteristics(models.findIndex(({ name }) => name === sample.subject.model)) },
}));
// Learned from what one thread takes.
const twice = single
  .filter(({ circumstance }) => circumstance.device === fast.name)
  .map((sample) => ({ ...sample, circumstance: { ...sample.circumstance, threads: 2 } }));
const samples = [...single, ...twice];
const fitted = fitPredictor(samples, kernelsOfSubjects(samples), { seed: 1 });
const text = JSON.stringify(fittedToJson(fitted));

test('what is read says the same to the last bit', (t) => {
  const read = new Predictor(fittedFromJson(JSON.parse(text)));
  t.is(JSON.stringify(fittedToJson(read)), text);
  for (const model of trueModels(4, random)) {
    for (const [device, busy] of [
      [fast, 0],
      [slow, 1],
      [strange, 0],
    ] as const) {
      const query = askOf(model, device, busy);
      t.deepEqual(read.predict(query), fitted.predict(query));
      t.deepEqual(read.kernelMs(query), fitted.kernelMs(query));
      const { kernels: _, ...counted } = { ...query, subject: { ...query.subject, characteristics: characteristics(4) } };
      t.truthy(fitted.predict(counted));
      t.deepEqual(read.predict(counted), fitted.predict(counted));
    }
  }
});

/** Undefined takes away what is there. */
const damage = test.macro({
  exec(t, path: readonly (string | number)[], value: unknown) {
    const saved = JSON.parse(text) as Record<string | number, unknown>;
    const holder = path.slice(0, -1).reduce((inner, step) => inner[step] as Record<string | number, unknown>, saved);
    t.true(path.at(-1)! in holder);
    holder[path.at(-1)!] = value;
    t.throws(() => fittedFromJson(JSON.parse(JSON.stringify(saved))), { code: 'invalid' });
  },
  title: (said = '') => `a saved profile ${said} is refused`,
});

const tree = ['processors', 0, 'kernels', 'trees', 'learner', 'gradient_booster', 'model', 'trees', 0];
test('of another format', damage, ['format'], 99);
test('without devices', damage, ['references'], undefined);
test('with a ratio that is no number', damage, ['references', 0, 'ratio'], null);
test('with half a tree', damage, [...tree, 'left_children'], [1]);
test('with a kernel that took no number', damage, ['processors', 1, 'kernels', 'known', 0, 1], 'x');
test('with more threads of a processor that is not there', damage, ['processors', 2, 'kernels', 'estimate', 'fewerThreads'], 'another');
test('with coefficients missing', damage, ['processors', 0, 'kernels', 'estimate', 'analytic', 'all', 'perMac'], undefined);
test('without errors', damage, ['calibration'], undefined);
test('with an error that is no number', damage, ['calibration', 'groups', 'new kernels, known device', 'all', 0], null);
test('without load', damage, ['load'], undefined);

test('whatever a file holds instead is refused', (t) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.jsonValue(),
        fc.jsonValue().map((references) => ({ format: 2, references })),
      ),
      (value) => {
        try {
          fittedFromJson(value);
          return false;
        } catch (error) {
          return (error as { code?: string }).code === 'invalid';
        }
      },
    ),
    { seed: 1, numRuns: 300 },
  );
  t.pass();
});
