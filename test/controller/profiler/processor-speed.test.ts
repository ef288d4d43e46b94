/** A world whose processors are as fast as usual at times, and take 1.6 times as long at others: with probes it is the same world as ever. */
import test from 'ava';
import { basisPoint, fitBasis } from '../../../controller/profiler/basis.ts';
import { fitPredictor } from '../../../controller/profiler/predictor.ts';
import { slowdown, usualProbe } from '../../../controller/profiler/processor-speed.ts';
import { fitReference } from '../../../controller/profiler/reference.ts';
import type { Sample } from '../../../controller/profiler/sample.ts';
import { kernelsOfSubjects } from '../../../controller/profiler/subject-kernels.ts';
import { Random } from '../../../mesh/random.ts';
import { askOf, fast, half, measure, slow, strange, trueModels, trueMs } from './made-world.ts';

const JUMP = 1.6;
const PROBE_MS = 0.4;

const random = new Random(21);
const models = trueModels(12, random);
const unseen = trueModels(12, random).map((model) => ({ ...model, family: `new ${model.family}` }));

/** Kernels are timed at one moment, the whole at another; three of eight moments are slow. */
function disturbed(sample: Sample): Sample {
  const [then, kernelsThen] = [random.below(8) < 3 ? JUMP : 1, random.below(8) < 3 ? JUMP : 1];
  const { kernels, ...rest } = sample;
  return {
    ...rest,
    state: { probeMs: PROBE_MS * then },
    time: { ...sample.time, ms: sample.time.ms * then },
    ...(kernels && {
      kernels: kernels.map((kernel) => ({ ...kernel, us: kernel.us * kernelsThen })),
      kernelProbeMs: PROBE_MS * kernelsThen,
    }),
  };
}

function withoutProbes({ state: { probeMs: _, ...state }, kernelProbeMs: _kernels, ...sample }: Sample): Sample {
  return { ...sample, state };
}

const samples = measure(models, [fast, slow, half], { busy: [0, 1], random }).map(disturbed);
const kernelsOf = kernelsOfSubjects(samples);
const probed = fitPredictor(samples, kernelsOf, { seed: 1 });

/** The 90th percentile of relative errors of models of families that were never seen, at a moment of which `probeMs` is known. */
function offBy(predictor: typeof probed, truth: number, probeMs?: number): number {
  const off = [fast, slow, half].flatMap((device) =>
    unseen.map((model) => {
      const query = { ...askOf(model, device), state: probeMs === undefined ? {} : { probeMs } };
      return Math.abs(predictor.predict(query)!.ms / (truth * trueMs(device, model.kernels)) - 1);
    }),
  );
  return off.sort((a, b) => a - b)[Math.floor(0.9 * off.length)]!;
}

test('families that were never seen are within 10 %, at any speed that is known, and as usual when it is not', (t) => {
  t.true(offBy(probed, 1, PROBE_MS) < 0.1, `${offBy(probed, 1, PROBE_MS)}`);
  t.true(offBy(probed, JUMP, JUMP * PROBE_MS) < 0.1);
  t.true(offBy(probed, 1) < 0.1);
});

test('without probes they are not', (t) => {
  const blind = fitPredictor(samples.map(withoutProbes), kernelsOf, { seed: 1 });
  t.true(offBy(blind, 1) > 0.1, `${offBy(blind, 1)}`);
  t.is(blind.basis.references[0]!.probeMs, undefined);
});

test('whoever knows the speed is surer, and is told what it adds', (t) => {
  const query = { ...askOf(unseen[0]!, slow), state: { probeMs: JUMP * PROBE_MS } };
  const [now, usual] = [probed.predict(query)!, probed.predict(askOf(unseen[0]!, slow))!];
  const widthOf = ({ interval: { low, high } }: typeof now): number => high / low;
  t.true(widthOf(now) < widthOf(usual), `${widthOf(now)} ${widthOf(usual)}`);
  t.is(now.contributions.find(({ name }) => name === 'processor speed')?.value.toFixed(6), JUMP.toFixed(6));
  t.false(usual.contributions.some(({ name }) => name === 'processor speed'));
  const kernels = probed.kernelMs(query)!.reduce((sum, ms) => sum + ms, 0);
  t.true(Math.abs(kernels / now.ms - 1) < 1e-9);
});

test('load is learned as if the speed had not changed', (t) => {
  const calm = measure(models, [slow], { noise: 0, busy: [0, 1], random: new Random(3) });
  const at = (each: readonly Sample[]) => basisPoint(fitBasis(each, kernelsOf), askOf(unseen[0]!, slow, 1))!.loadEffects[0]!;
  t.true(Math.abs(at(calm.map(disturbed)) - at(calm)) < 0.01);
});

test('a device that is no reference is predicted as usual, whatever its probe', (t) => {
  const query = askOf(unseen[0]!, strange);
  t.is(probed.predict({ ...query, state: { probeMs: 9 } })!.ms, probed.predict(query)!.ms);
});

test('usual is the median of what was probed without load; without probes nothing is slow', (t) => {
  const of = (...probes: readonly (number | undefined)[]) =>
    usualProbe(probes.map((probeMs) => ({ state: probeMs === undefined ? {} : { probeMs } })));
  t.is(of(1, undefined, 5, 2), 2);
  t.is(of(undefined), undefined);
  t.is(slowdown(2, 3), 1.5);
  t.is(slowdown(undefined, 3), 1);
  t.is(slowdown(2, undefined), 1);
  const loaded = samples.map((sample) =>
    sample.circumstance.load!.cores === 0 ? sample : { ...sample, state: { probeMs: 100 * PROBE_MS } },
  );
  t.is(fitReference('key', loaded, kernelsOf)!.probeMs, PROBE_MS);
});
