import test from 'ava';
import { fitBaselines } from '../../../../controller/profiler/evaluation/baselines.ts';
import { noiseFloor } from '../../../../controller/profiler/evaluation/noise-floor.ts';
import type { Sample } from '../../../../controller/profiler/sample.ts';
import { kernelsOfSubjects } from '../../../../controller/profiler/subject-kernels.ts';
import { madeSamples } from './made-samples.ts';

const samples = madeSamples({ noise: 0, families: 2 });
const kernelsOf = kernelsOfSubjects(samples);
const on = (device: string): Sample => samples.find(({ circumstance }) => circumstance.device === device)!;
const asked = (sample: Sample) => ({ ...sample, kernels: kernelsOf(sample)! });

test('MACs alone predict what takes time in proportion to them', (t) => {
  const alike = samples
    .filter(({ circumstance: { load } }) => load!.cores === 0)
    .map((sample) => {
      const macs = kernelsOf(sample)!.reduce(
        (sum, { outputs }) =>
          sum +
          64 *
            outputs[0]!
              .match(/\d+/g)!
              .slice(1)
              .map(Number)
              .reduce((a, b) => a * b),
        0,
      );
      return { ...sample, time: { ...sample.time, ms: macs ** 0.9 / (sample.circumstance.device === 'pi4' ? 1e6 : 1e7) } };
    });
  const { macs, average } = fitBaselines(alike, kernelsOf);
  for (const sample of alike) t.true(Math.abs(macs(asked(sample))! / sample.time.ms - 1) < 0.02);
  const strange = { ...asked(alike[0]!), circumstance: { ...alike[0]!.circumstance, deviceKey: 'new' } };
  const [least, most] = [macs(asked(on('pi4')))!, macs(asked(on('nuc')))!].sort((a, b) => a - b);
  t.true(macs(strange)! > 0 && least! < most!);
  t.is(macs({ ...alike[0]!, kernels: [] }), undefined);
  t.true(Math.abs(average(asked(on('pi4')))! / average(asked(on('nuc')))! - 10) < 1e-6);
});

test('the average of a device is of what it has in common with others', (t) => {
  // The nuc was given the slow models only: it is the faster one all the same.
  const slow = samples.filter(({ subject }) => subject.model.endsWith('-4'));
  const fast = samples.filter(({ subject, circumstance }) => subject.model.endsWith('-1') && circumstance.device === 'pi4');
  const { average } = fitBaselines([...slow, ...fast], kernelsOf);
  t.true(average(asked(on('nuc')))! < average(asked(on('pi4')))! / 3);
  t.is(fitBaselines([], kernelsOf).average(asked(on('nuc'))), undefined);
});

test('the floor is 0 of a world without noise, and nobody knows it of single measurements', (t) => {
  t.like(noiseFloor(samples, kernelsOf), {
    atSpeed: null,
    mape: 0,
    within5: 1,
    within10: 1,
    count: samples.length,
    repeated: samples.length / 3,
  });
  t.is(
    noiseFloor(
      samples.filter(({ execution }) => execution === 1),
      kernelsOf,
    ),
    null,
  );
  t.is(
    noiseFloor(
      samples.map(({ circumstance: { load: _, ...rest }, ...sample }) => ({ ...sample, circumstance: rest })),
      kernelsOf,
    ),
    null,
  );
});

test('where somebody looked how fast processors were, what remains is what that does not explain', (t) => {
  // In turns as fast as usual and half as fast; the probe tells.
  const probed = samples.map((sample, index) => {
    const factor = index % 2 === 0 ? 1 : 2;
    const ms = factor * sample.time.ms;
    return { ...sample, state: { ...sample.state, probeMs: 0.3 * factor }, time: { ...sample.time, ms, batches: [ms] } };
  });
  const floor = noiseFloor(probed, () => undefined)!;
  t.true(floor.mape > 0.3, `${floor.mape}`);
  t.true(floor.atSpeed!.mape < 0.1, `${floor.atSpeed!.mape}`);
});
