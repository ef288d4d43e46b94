/**
 * A device that is known: its kernels were timed, with one number of threads. What it would take for any subject, if nothing else ran on it.
 *
 *     ms = ratio · Σ kernels + call        ratio: what a quota, and whatever lies between kernels, makes of their sum; call: each inference, however small
 *
 * Kernels are timed while nothing stops them; under a quota the whole takes longer than their sum by the same factor for all subjects that last for
 * many of its periods. All is learned as it is when the processor is as fast as usual (processor-speed.ts).
 */

import { MeshError } from '../../mesh/error.ts';
import type { Kernel, TimedKernel } from '../../mesh/kernel.ts';
import { optional } from '../../mesh/wire-number.ts';
import { fitKernelModel, type KernelModel, type KernelPrediction, predictKernel } from './kernels/kernel-model.ts';
import { fitProcessorSpeed, memoryShare, type ProcessorSpeed, slowdown } from './processor-speed.ts';
import type { Circumstance, Sample } from './sample.ts';
import type { KernelsOf } from './subject-kernels.ts';
import { withoutQuota } from './without-quota.ts';

export interface Reference {
  readonly key: string;
  readonly kernels: KernelModel;
  readonly ratio: number;
  readonly callMs: number;
  /** Absent: never probed. */
  readonly speed?: ProcessorSpeed;
  /** Measured on it. */
  readonly samples: number;
}

export interface KernelSum {
  readonly ms: number;
  readonly kernels: readonly KernelPrediction[];
}

/** Devices of the same key, with the same number of threads, are the same to a kernel. */
export function referenceKey({ deviceKey, threads }: Pick<Circumstance, 'deviceKey' | 'threads'>): string {
  return `${deviceKey}, ${threads} threads`;
}

export function isUnloaded({ circumstance: { load } }: Pick<Sample, 'circumstance'>): boolean {
  return load === undefined || load.cores * load.duty === 0;
}

/** `samples`: of one key. Undefined: too few kernels of it were timed. `kernelsOf`: what the runtime makes of a subject. */
export function fitReference(
  key: string,
  samples: readonly Sample[],
  kernelsOf: KernelsOf,
): Reference | undefined {
  const speed = fitProcessorSpeed(samples, kernelsOf);
  const timed = samples.flatMap((sample) => kernelsAsUsual(sample, speed));
  if (timed.length < KERNELS_MIN) return undefined;
  const kernels = fitKernelModel(timed);
  const rows = samples.filter(isUnloaded).flatMap((sample): SumRow[] => {
    const own = kernelsOf(sample);
    if (own === undefined || sample.subject.kind === 'codec') return [];
    return [{ sumMs: sumOf(kernels, own).ms, ms: msAsUsual(sample, speed, own) }];
  });
  return { key, kernels, ...ratioAndCall(rows), ...optional('speed', speed), samples: samples.length };
}

/** What the sample would have taken if the processor had been as fast as usual. `speed`: of its own device's reference. `own`: its kernels. */
export function msAsUsual(sample: Sample, speed: ProcessorSpeed | undefined, own: readonly Kernel[] | undefined): number {
  return sample.time.ms / slowdown(speed, sample, sample.state.probeMs, memoryShare(own));
}

/** Kernels as they are when no quota stops them; a quota is counted in real time, so that it comes first. */
function kernelsAsUsual(sample: Sample, speed: ProcessorSpeed | undefined): readonly TimedKernel[] {
  const { kernels = [], kernelProbeMs, circumstance } = sample;
  const { quotaCores = Number.POSITIVE_INFINITY, threads } = circumstance;
  return kernels.map((kernel) => {
    const us = withoutQuota(kernel.us, quotaCores / threads);
    return { ...kernel, us: us / slowdown(speed, sample, kernelProbeMs, memoryShare([kernel])) };
  });
}

/** As if nothing else ran on the device. */
export function referenceMs({ kernels, ratio, callMs }: Reference, own: readonly Kernel[]): KernelSum {
  const sum = sumOf(kernels, own);
  return { ms: ratio * sum.ms + callMs, kernels: sum.kernels.map((each) => ({ ...each, us: ratio * each.us })) };
}

/** Fewer say nothing of a device. */
const KERNELS_MIN = 30;

interface SumRow {
  readonly sumMs: number;
  readonly ms: number;
}

function sumOf(model: KernelModel, own: readonly Kernel[]): KernelSum {
  if (own.length === 0) throw new MeshError('invalid', 'a model without kernels has no time');
  const kernels = own.map((kernel) => predictKernel(model, kernel));
  return { ms: kernels.reduce((all, { us }) => all + us, 0) / 1000, kernels };
}

/** Least squares of relative errors, both not negative; each subject counts as much as another, however long it takes. */
function ratioAndCall(rows: readonly SumRow[]): Pick<Reference, 'ratio' | 'callMs'> {
  if (rows.length === 0) return { ratio: 1, callMs: 0 };
  // Robust: the largest disagreements (a machine that did something else meanwhile) are weighed down, again and again.
  let weights = rows.map(() => 1);
  let fit = { ratio: 1, callMs: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    fit = weighted(rows, weights);
    weights = rows.map(({ sumMs, ms }) => {
      const off = Math.abs(1 - (fit.ratio * sumMs + fit.callMs) / ms);
      return off <= HUBER ? 1 : HUBER / off;
    });
  }
  return fit;
}

const ROUNDS = 8;
/** Relative errors from which on a row counts less. */
const HUBER = 0.05;

function weighted(rows: readonly SumRow[], weights: readonly number[]): Pick<Reference, 'ratio' | 'callMs'> {
  let [aa, ab, bb, a1, b1] = [0, 0, 0, 0, 0];
  for (const [index, { sumMs, ms }] of rows.entries()) {
    const weight = weights[index]!;
    const [a, b] = [sumMs / ms, 1 / ms];
    aa += weight * a * a;
    ab += weight * a * b;
    bb += weight * b * b;
    a1 += weight * a;
    b1 += weight * b;
  }
  const determinant = aa * bb - ab * ab;
  if (determinant > 1e-12 * aa * bb) {
    const ratio = (a1 * bb - b1 * ab) / determinant;
    const callMs = (b1 * aa - a1 * ab) / determinant;
    if (ratio > 0 && callMs >= 0) return { ratio, callMs };
  }
  return { ratio: a1 / aa, callMs: 0 };
}
