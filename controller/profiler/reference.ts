/**
 * A device that is known: its kernels were timed, with one number of threads. What it would take for any subject, if nothing else ran on it.
 *
 *     ms = ratio · Σ kernels + io · bytes + call        ratio: what a quota, and whatever lies between kernels, makes of their sum; io: handing over what is read
 *                                                       and what is made; call: each inference, however small
 *
 * Kernels are those of its processor, which nothing stops; under a quota the whole takes longer than their sum by the same factor for all subjects that last for
 * many of its periods. All is learned as it is when the processor is as fast as usual (processor-speed.ts).
 */
import { MeshError } from '../../mesh/error.ts';
import type { Kernel } from '../../mesh/kernel.ts';
import { type KernelModel, type KernelPrediction, predictKernels } from './kernels/kernel-model.ts';
import { nonNegativeLeastSquares } from './non-negative.ts';
import { hasKernels, type Processor } from './processor.ts';
import { memoryShare, type ProcessorSpeed, usualMs } from './processor-speed.ts';
import type { Circumstance, Sample, Subject } from './sample.ts';
import type { KernelsOf } from './subject-kernels.ts';

export interface Reference {
  readonly key: string;
  readonly processor: Processor;
  readonly ratio: number;
  /** For each byte of inputs and outputs. */
  readonly ioMs: number;
  readonly callMs: number;
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

/** `samples`: of one key, on that processor. Undefined: too few kernels were timed on it itself. */
export function fitReference(key: string, samples: readonly Sample[], processor: Processor, kernelsOf: KernelsOf): Reference | undefined {
  if (!hasKernels(samples)) return undefined;
  const rows = samples.filter(isUnloaded).flatMap((sample): SumRow[] => {
    const own = kernelsOf(sample);
    if (own === undefined || sample.subject.kind === 'codec') return [];
    return [{ sumMs: sumOf(processor.kernels, own).ms, bytes: bytesOf(sample.subject), ms: msAsUsual(sample, processor.speed, own) }];
  });
  return { key, processor, ...fitRatio(rows), samples: samples.length };
}

/** What the sample would have taken if the processor had been as fast as usual. `speed`: of its own processor. `own`: its kernels. */
export function msAsUsual(sample: Sample, speed: ProcessorSpeed | undefined, own: readonly Kernel[] | undefined): number {
  return usualMs(sample, speed, memoryShare(own));
}

/** As if nothing else ran on the device. */
export function referenceMs(
  { processor, ratio, ioMs, callMs }: Reference,
  own: readonly Kernel[],
  subject: Pick<Subject, 'inputBytes' | 'outputBytes'>,
): KernelSum {
  const sum = sumOf(processor.kernels, own);
  return { ms: ratio * sum.ms + ioMs * bytesOf(subject) + callMs, kernels: sum.kernels.map((each) => ({ ...each, us: ratio * each.us })) };
}

interface SumRow {
  readonly sumMs: number;
  readonly bytes: number;
  readonly ms: number;
}

function bytesOf({ inputBytes, outputBytes }: Pick<Subject, 'inputBytes' | 'outputBytes'>): number {
  return inputBytes + outputBytes;
}

function sumOf(model: KernelModel, own: readonly Kernel[]): KernelSum {
  if (own.length === 0) throw new MeshError('invalid', 'a model without kernels has no time');
  const kernels = predictKernels(model, own);
  return { ms: kernels.reduce((all, { us }) => all + us, 0) / 1000, kernels };
}

type Ratio = Pick<Reference, 'ratio' | 'ioMs' | 'callMs'>;

/** Least squares of relative errors, none negative; each subject counts as much as another, however long it takes. */
function fitRatio(rows: readonly SumRow[]): Ratio {
  // Robust: the largest disagreements (a machine that did something else meanwhile) are weighed down, again and again.
  let weights = rows.map(() => 1);
  let fit: Ratio = { ratio: 1, ioMs: 0, callMs: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const relative = rows.map(({ sumMs, bytes, ms }, index) => ({
      columns: [sumMs / ms, 1 / ms, bytes / ms],
      target: 1,
      weight: weights[index]!,
    }));
    const [ratio = 0, callMs = 0, ioMs = 0] = nonNegativeLeastSquares(relative) ?? [];
    // Kernels take time, whatever a few rows say.
    if (ratio === 0) return fit;
    fit = { ratio, ioMs, callMs };
    weights = rows.map(({ sumMs, bytes, ms }) => {
      const off = Math.abs(1 - (ratio * sumMs + ioMs * bytes + callMs) / ms);
      return off <= HUBER ? 1 : HUBER / off;
    });
  }
  return fit;
}

const ROUNDS = 8;
/** Relative errors from which on a row counts less. */
const HUBER = 0.05;
