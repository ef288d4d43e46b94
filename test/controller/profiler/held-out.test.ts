/** How far off predictions are for families that were never seen: nothing of a family helps to predict it. */
import test from 'ava';
import { basisPoint, fitBasis } from '../../../controller/profiler/basis.ts';
import { heldOutResiduals, residualGroup } from '../../../controller/profiler/held-out.ts';
import type { Sample } from '../../../controller/profiler/sample.ts';
import { kernelsOfSubjects } from '../../../controller/profiler/subject-kernels.ts';
import { Random } from '../../../mesh/random.ts';
import { askOf, fast, measure, slow, trueModels } from './made-world.ts';

const random = new Random(11);
const models = trueModels(4, random);
const samples = measure(models, [fast, slow], { noise: 0.03, random });
const kernelsOf = kernelsOfSubjects(samples);

/** As if everything of a family took so many times as long. */
const slower = (family: string, factor: number): Sample[] =>
  samples.map((sample) =>
    sample.subject.family !== family
      ? sample
      : {
          ...sample,
          time: { ...sample.time, ms: sample.time.ms * factor },
          kernels: sample.kernels!.map((kernel) => ({ ...kernel, us: kernel.us * factor })),
        },
  );

test('a family that turned out ten times as slow is off by that, because nothing of it was learnt', (t) => {
  // A timing of a family that is held out would pull its own prediction along.
  const group = 'new kernels, known device';
  const errors = (given: readonly Sample[]) =>
    heldOutResiduals(given, kernelsOf, 1)
      .filter((residual) => residual.group === group)
      .map(({ lnError }) => lnError);
  const [before, after] = [errors(samples), errors(slower('family2', 10))];
  t.is(before.length, samples.length);
  t.is(after.length, samples.length);
  t.is(after.filter((error) => error > Math.log(10) - 0.7).length, samples.length / 4, 'its own are off by what it became');
  t.true(before.every((error) => Math.abs(error) < 0.7));
});

test('what a basis says of a family does not depend on times of that family when it is left out', (t) => {
  const told = (given: readonly Sample[]) => {
    const basis = fitBasis(
      given.filter(({ subject }) => subject.family !== 'family2'),
      kernelsOf,
    );
    return models.map((model) => basisPoint(basis, askOf(model, fast))!.x);
  };
  t.deepEqual(told(slower('family2', 10)), told(samples));
  t.notDeepEqual(told(slower('family1', 10)), told(samples));
});

test('the same seed holds out the same', (t) => {
  t.deepEqual(heldOutResiduals(samples, kernelsOf, 1), heldOutResiduals(samples, kernelsOf, 1));
  t.notDeepEqual(heldOutResiduals(samples, kernelsOf, 1), heldOutResiduals(samples, kernelsOf, 2));
});

test('devices are held out, too: with more timings less is left', (t) => {
  const residuals = heldOutResiduals(samples, kernelsOf, 1);
  const off = (timings: string): number => {
    const own = residuals.filter(({ group }) => group === `new kernels, ${timings}`).map(({ lnError }) => Math.abs(lnError));
    return own.reduce((sum, error) => sum + error, 0) / own.length;
  };
  t.true(off('no timing') > 2 * off('3 timings'), `${off('no timing')} and ${off('3 timings')}`);
});

test('one family alone holds nothing out', (t) => {
  t.deepEqual(
    heldOutResiduals(
      samples.filter(({ subject }) => subject.family === 'family0'),
      kernelsOf,
      1,
    ),
    [],
  );
});

test('groups say what is known of subject and device', (t) => {
  t.is(residualGroup({ from: 'counts', known: 0 }, true, 0), 'counts, known device');
  t.is(residualGroup({ from: 'kernels', known: 0.96 }, true, 30), 'measured kernels, known device');
  for (const [timings, said] of [
    [0, 'no timing'],
    [1, '1 timing'],
    [2, '1 timing'],
    [3, '3 timings'],
    [9, '3 timings'],
    [10, '10 timings'],
  ] as const) {
    t.is(residualGroup({ from: 'kernels', known: 0.5 }, false, timings), `new kernels, ${said}`);
  }
});
