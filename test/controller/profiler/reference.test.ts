/** A known device: what a quota and calls make of the sum of kernels is found again. */
import test from 'ava';
import { fitProcessor } from '../../../controller/profiler/processor.ts';
import { fitReference, type Reference, referenceKey, referenceMs } from '../../../controller/profiler/reference.ts';
import { isUnloaded, type Sample } from '../../../controller/profiler/sample.ts';

import { kernelsOfSubjects } from '../../../controller/profiler/subject-kernels.ts';
import { Random } from '../../../mesh/random.ts';
import { fast, half, measure, slow, type TrueModel, trueModels, trueMs } from './made-world.ts';

const models = trueModels(8, new Random(5));
/** Small enough that the call is what counts. */
const tiny: TrueModel[] = Array.from({ length: 4 }, (_, index) => ({
  ...{ family: 'tiny', name: `tiny${index}` },
  kernels: [{ name: 'fc', operator: 'Gemm', inputs: [`float32[1, ${index + 8}]`, 'float32[8]'], outputs: ['float32[1, 8]'] }],
}));
function known(samples: readonly Sample[]): Reference | undefined {
  const kernelsOf = kernelsOfSubjects(samples);
  const processor = fitProcessor('processor', samples, kernelsOf);
  return processor && fitReference('key', samples, processor, kernelsOf);
}

for (const device of [fast, slow, half]) {
  test(`ratio and call of ${device.name} are found, whatever else ran meanwhile`, (t) => {
    const samples = measure([...models, ...tiny], [device], { busy: [0, 1], random: new Random(1) });
    const found = known(samples)!;
    t.true(Math.abs(found.ratio / device.ratio - 1) < 0.03, `${found.ratio} of ${device.ratio}`);
    t.true(Math.abs(found.callMs / device.callMs - 1) < 0.1, `${found.callMs} of ${device.callMs}`);
    t.is(found.samples, samples.length);
  });
}

test('some wild timings lead nobody astray', (t) => {
  const samples = measure(models, [half], { random: new Random(1) }).map((sample, index) =>
    index % 4 === 0 ? { ...sample, time: { ...sample.time, ms: 1.5 * sample.time.ms } } : sample,
  );
  const found = known(samples)!;
  t.true(Math.abs(found.ratio / half.ratio - 1) < 0.04, `${found.ratio}`);
});

test('without noise the truth is told, and each kernel has its part of it', (t) => {
  const found = known(measure(models, [half], { noise: 0, random: new Random(1) }))!;
  for (const { kernels } of models) {
    const { ms, kernels: told } = referenceMs(found, kernels, { inputBytes: 0, outputBytes: 0 });
    t.true(Math.abs(ms / trueMs(half, kernels) - 1) < 1e-6);
    t.true(Math.abs(told.reduce((sum, { us }) => sum + us, 0) / 1000 + found.callMs - ms) < 1e-9);
    t.true(told.every(({ known }) => known));
  }
});

test('a device that few kernels were timed on is not known', (t) => {
  const few = measure(models, [fast], { random: new Random(1) }).slice(0, 1);
  t.is(known(few), undefined);
  t.is(known([]), undefined);
});

test('where nothing ran but kernels, their sum is what it takes', (t) => {
  const samples = measure(models, [half], { busy: [0], random: new Random(1) }).map((sample) => ({
    ...sample,
    circumstance: { ...sample.circumstance, load: { cores: 1, duty: 1 } },
  }));
  t.like(known(samples), { ratio: 1, callMs: 0 });
});

test('a model without kernels has no time', (t) => {
  const found = known(measure(models, [fast], { random: new Random(1) }))!;
  t.throws(() => referenceMs(found, [], { inputBytes: 0, outputBytes: 0 }), { code: 'invalid' });
});

test('load that takes no time is none; the key names the threads', (t) => {
  const circumstance = { ...measure(models.slice(0, 1), [fast], { random: new Random(1) })[0]!.circumstance };
  t.true(isUnloaded({ circumstance: { ...circumstance, load: { cores: 2, duty: 0 } } }));
  t.false(isUnloaded({ circumstance: { ...circumstance, load: { cores: 2, duty: 0.1 } } }));
  t.is(referenceKey({ deviceKey: 'x64, pi', threads: 2 }), 'x64, pi, 2 threads');
});
