/** A world whose processors are as fast as usual at times, and take 1.6 times as long at others: with probes it is the same world as ever. */
import test from 'ava';
import { basisPoint, fitBasis } from '../../../controller/profiler/basis.ts';
import { fitPredictor } from '../../../controller/profiler/predictor.ts';
import { fitProcessorSpeed, memoryShare, slowdown, usualMs } from '../../../controller/profiler/processor-speed.ts';
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
  t.is(blind.basis.references[0]!.processor.speed, undefined);
});

test('whoever knows the speed is surer, and is told what it adds', (t) => {
  const query = { ...askOf(unseen[0]!, slow), state: { probeMs: JUMP * PROBE_MS } };
  const [now, usual] = [probed.predict(query)!, probed.predict(askOf(unseen[0]!, slow))!];
  const widthOf = ({ interval: { low, high } }: typeof now): number => high / low;
  t.true(widthOf(now) < widthOf(usual), `${widthOf(now)} ${widthOf(usual)}`);
  // A part of the model waits for memory, and is slowed down less.
  const told = now.contributions.find(({ name }) => name === 'processor speed')!.value;
  t.true(told > 0.85 * JUMP && told <= JUMP, `${told}`);
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

test('usual is the median of what was probed, beside each load its own; without probes nothing is slow', (t) => {
  const at = (busy: number, probeMs?: number): Sample => {
    const sample = samples.find(({ circumstance: { load } }) => load!.cores * load!.duty === busy)!;
    return { ...sample, state: probeMs === undefined ? {} : { probeMs } };
  };
  const speed = fitProcessorSpeed([at(0, 1), at(0), at(0, 5), at(0, 2), at(1, 9)], kernelsOf)!;
  t.deepEqual(speed.usual, [
    { busy: 0, probeMs: 2 },
    { busy: 1, probeMs: 9 },
  ]);
  const even = { ...speed, compute: 1, memory: 1 };
  t.is(slowdown(even, at(0), 3, 0.5), 1.5);
  t.is(slowdown(even, at(1), 9, 0.5), 1);
  t.is(slowdown(undefined, at(0), 3, 0.5), 1);
  t.is(slowdown(even, at(0), undefined, 0.5), 1);
  t.is(fitProcessorSpeed([at(0)], kernelsOf), undefined);
});

test('batches that slow down unlike the probe beside them show how much by themselves', (t) => {
  const { circumstance, state, time } = samples.find((sample) => sample.circumstance.load!.cores === 0)!;
  const speed = { usual: [{ busy: 0, probeMs: 2 }], compute: 0.8, memory: 0.5 };
  const probes = [2, 4, 2, 4, 3, 2.5];
  const batchesOf = (exponent: number): number[] => probes.map((ms) => 10 * (ms / 2) ** exponent);
  const msOf = (exponent: number): number =>
    usualMs({ circumstance, state, time: { ...time, ms: 99, batches: batchesOf(exponent), probes } }, speed, 0);
  t.true(Math.abs(msOf(0.8) / 10 - 1) < 1e-9);
  for (const exponent of [0.6, 1]) t.true(Math.abs(msOf(exponent) / 10 - 1) < 0.02, `${exponent}: ${msOf(exponent)}`);
  // Beside a probe that says the same all the time, they show nothing.
  const even = { ...time, batches: [20, 20, 20], probes: [4, 4, 4] };
  t.true(Math.abs(usualMs({ circumstance, state, time: even }, speed, 0) / (20 / 2 ** 0.8) - 1) < 1e-9);
  t.is(usualMs({ circumstance, state, time: { ...time, ms: 99, batches: [20, 20], probes: [4, 4] } }, undefined, 0), 99);
});

test('what waits for memory is slowed down by its own exponent, found from what was measured twice', (t) => {
  const [compute, memory] = [0.9, 0.3];
  const repeated = samples
    .filter(({ subject: { kind }, circumstance: { load } }) => kind === 'model' && load!.cores === 0)
    .flatMap((sample, place) =>
      [1, JUMP, 1.3].map((slower): Sample => {
        const share = place % 2;
        const types = share === 1 ? ['float32[1, 4096]'] : ['float32[1, 64, 28, 28]', 'float32[64, 64, 3, 3]'];
        const kernel = { name: 'k', operator: share === 1 ? 'Relu' : 'Conv', inputs: types, outputs: [types[0]!], us: 1 };
        const of = memoryShare([kernel]);
        const factor = slower ** (compute * (1 - of) + memory * of);
        return {
          ...sample,
          kernels: [kernel],
          state: { probeMs: PROBE_MS * slower },
          time: { ...sample.time, ms: sample.time.ms * factor },
        };
      }),
    );
  const found = fitProcessorSpeed(repeated, kernelsOfSubjects([]))!;
  t.true(Math.abs(found.compute - compute) < 0.05 && Math.abs(found.memory - memory) < 0.05, JSON.stringify(found));
  // Measured once, nothing is found out, and neighbours of others are believed.
  t.like(fitProcessorSpeed(repeated.slice(0, 1), kernelsOfSubjects([])), { compute: 1, memory: 0.4 });
});

test('devices of one processor are compared each with itself: a quota is no slowness', (t) => {
  const model = samples.find(({ subject: { kind }, circumstance: { load } }) => kind === 'model' && load!.cores === 0)!;
  // Where the quota is, nobody else was on the core.
  const at = (deviceKey: string, quota: number, slower: number): Sample => ({
    ...model,
    circumstance: { ...model.circumstance, deviceKey },
    state: { probeMs: (PROBE_MS * slower) / quota },
    time: { ...model.time, ms: 100 * quota * slower },
  });
  const both = ['a', 'b'].flatMap((key, place) => [1, 2, 1, 2].map((slower) => at(key, 1 + 3 * place, slower)));
  const { compute, memory } = fitProcessorSpeed(both, kernelsOf)!;
  const share = memoryShare(kernelsOf(model));
  t.true(Math.abs(compute * (1 - share) + memory * share - 1) < 0.1, `${compute} ${memory}`);
});

test('memory shares: a convolution hardly waits, a rectifier does nothing else', (t) => {
  const conv = {
    name: 'c',
    operator: 'Conv',
    inputs: ['float32[1, 64, 56, 56]', 'float32[64, 64, 3, 3]'],
    outputs: ['float32[1, 64, 56, 56]'],
  };
  const relu = { name: 'r', operator: 'Relu', inputs: ['float32[1, 64]'], outputs: ['float32[1, 64]'] };
  t.true(memoryShare([conv]) < 0.1);
  t.is(memoryShare([relu]), 1);
  const both = memoryShare([conv, relu]);
  t.true(both > memoryShare([conv]) && both < 0.1);
  t.true(memoryShare(undefined) > 0 && memoryShare(undefined) < 1);
});
