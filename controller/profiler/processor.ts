/**
 * A processor with one number of threads: how long kernels take on it while nothing stops them. Devices that differ in their limits only have the same one, and
 * what was timed on each of them is known of all.
 *
 *     q1    kernels ───────────────────────┐
 *     q04   kernels ── without its quota ──┼── as usual (processor-speed.ts) ──▶ one model of kernels
 *     q025  kernels ── without its quota ──┘
 */
import type { TimedKernel } from '../../mesh/kernel.ts';
import { optional } from '../../mesh/wire-number.ts';
import { fitKernelModel, type KernelModel } from './kernels/kernel-model.ts';
import { fitProcessorSpeed, memoryShare, type ProcessorSpeed, slowdown, usualMs } from './processor-speed.ts';
import { profilingUs } from './profiling-cost.ts';
import { type Circumstance, isUnloaded, isWhole, type Sample } from './sample.ts';
import type { KernelsOf } from './subject-kernels.ts';
import { withoutQuota } from './without-quota.ts';

export interface Processor {
  readonly key: string;
  readonly kernels: KernelModel;
  /** Absent: never probed. */
  readonly speed?: ProcessorSpeed;
}

/** Facts of a device's key that are no facts of its processor. */
const LIMIT = /^(no quota|quota .*|memory .*|sharing .*)$/;

export function processorKey(circumstance: Pick<Circumstance, 'deviceKey' | 'threads'>): string {
  return `${coresKey(circumstance)}, ${circumstance.threads} threads`;
}

/** Whatever the number of threads. */
function coresKey({ deviceKey }: Pick<Circumstance, 'deviceKey'>): string {
  return deviceKey
    .split(', ')
    .filter((fact) => !LIMIT.test(fact))
    .join(', ');
}

/** All that were timed; by the same cores those of few threads first, of which those of more know what is the same. */
export function fitProcessors(samples: readonly Sample[], kernelsOf: KernelsOf): ReadonlyMap<string, Processor> {
  const found = new Map<string, Processor>();
  const cores = Map.groupBy(samples, ({ circumstance }) => coresKey(circumstance));
  for (const alike of cores.values()) {
    let fewest: Processor | undefined;
    const byThreads = Map.groupBy(alike, ({ circumstance }) => circumstance.threads);
    for (const [, own] of [...byThreads].sort(([a], [b]) => a - b)) {
      const key = processorKey(own[0]!.circumstance);
      const processor = fitProcessor(key, own, kernelsOf, fewest);
      if (processor === undefined) continue;
      fewest ??= processor;
      found.set(key, processor);
    }
  }
  return found;
}

/** `samples`: of one key. `fewerThreads`: the same cores. Undefined: too few kernels of it were timed. */
export function fitProcessor(
  key: string,
  samples: readonly Sample[],
  kernelsOf: KernelsOf,
  fewerThreads?: Processor,
): Processor | undefined {
  // Where no device is known by itself, nobody asks for its processor.
  const devices = Map.groupBy(samples, ({ circumstance }) => circumstance.deviceKey);
  if (![...devices.values()].some(hasKernels)) return undefined;
  const speed = fitProcessorSpeed(samples, kernelsOf);
  const profiled = samples
    .filter(({ kernels }) => kernels !== undefined)
    .map((sample) => ({ sample, kernels: kernelsAsUsual(sample, speed) }));
  const wholes = profiled
    .filter(({ sample }) => isWhole(sample) && isUnloaded(sample))
    .map(({ sample, kernels }) => {
      const { circumstance, subject } = sample;
      const quota = Math.min(1, (circumstance.quotaCores ?? Number.POSITIVE_INFINITY) / circumstance.threads);
      return { kernels, ms: quota * usualMs(sample, speed, memoryShare(kernels)), bytes: subject.inputBytes + subject.outputBytes };
    });
  const costUs = profilingUs(wholes);
  const runs = profiled.map(({ kernels }) => kernels.map((kernel) => ({ ...kernel, us: Math.max(0, kernel.us - costUs) })));
  const kernels = fitKernelModel(runs, fewerThreads?.kernels);
  return { key, kernels, ...optional('speed', speed) };
}

/** Fewer say nothing of a device. */
const KERNELS_MIN = 30;

export function hasKernels(samples: readonly Sample[]): boolean {
  return samples.reduce((count, { kernels = [] }) => count + kernels.length, 0) >= KERNELS_MIN;
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
