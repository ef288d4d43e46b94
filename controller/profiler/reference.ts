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
import { robustRelativeFit } from './non-negative.ts';
import { hasKernels, type Processor } from './processor.ts';
import { memoryShare, type ProcessorSpeed, usualMs } from './processor-speed.ts';
import { type Circumstance, isUnloaded, isWhole, type Sample, type Subject } from './sample.ts';
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

/** `samples`: of one key, on that processor. Undefined: too few kernels were timed on it itself. */
export function fitReference(key: string, samples: readonly Sample[], processor: Processor, kernelsOf: KernelsOf): Reference | undefined {
  if (!hasKernels(samples)) return undefined;
  const timed = samples.filter(({ subject: { kind } }) => kind !== 'codec').filter(isUnloaded);
  const wholes = timed.filter(isWhole);
  // Made-up kernels read and write more than anything else does: what lies between the kernels of a model is another matter.
  const rows = (wholes.length >= WHOLES_MIN ? wholes : timed).flatMap((sample): SumRow[] => {
    const own = kernelsOf(sample);
    if (own === undefined) return [];
    return [{ sumMs: sumOf(processor.kernels, own).ms, bytes: bytesOf(sample.subject), ms: msAsUsual(sample, processor.speed, own) }];
  });
  return { key, processor, ...fitRatio(rows), samples: samples.length };
}

/** Fewer say too little of a ratio. */
const WHOLES_MIN = 10;

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

/** Kernels take time, whatever a few rows say: then their sum is what it takes. */
function fitRatio(rows: readonly SumRow[]): Pick<Reference, 'ratio' | 'ioMs' | 'callMs'> {
  const [ratio = 0, callMs = 0, ioMs = 0] =
    robustRelativeFit(rows.map(({ sumMs, bytes, ms }) => ({ columns: [sumMs, 1, bytes], target: ms }))) ?? [];
  return ratio === 0 ? { ratio: 1, ioMs: 0, callMs: 0 } : { ratio, ioMs, callMs };
}
