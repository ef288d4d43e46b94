/**
 * A processor with one number of threads: how long kernels take on it while nothing stops them. Devices that differ in their limits only have the same one, and
 * what was timed on each of them is known of all.
 *
 *     q1    kernels ───────────────────────┐
 *     q04   kernels ── without its quota ──┼── as usual (processor-speed.ts) ──▶ one model of kernels
 *     q025  kernels ── without its quota ──┘
 */
import type { TimedKernel } from '../../mesh/kernel.ts';
import { ranked } from '../../mesh/ranked.ts';
import { optional } from '../../mesh/wire-number.ts';
import { fitKernelModel, type KernelModel } from './kernels/kernel-model.ts';
import { kernelWork } from './kernels/work.ts';
import { fitProcessorSpeed, memoryShare, type ProcessorSpeed, slowdown } from './processor-speed.ts';
import type { Circumstance, Sample } from './sample.ts';
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

export function processorKey({ deviceKey, threads }: Pick<Circumstance, 'deviceKey' | 'threads'>): string {
  const facts = deviceKey.split(', ').filter((fact) => !LIMIT.test(fact));
  return [...facts, `${threads} threads`].join(', ');
}

/** `samples`: of one key. Undefined: too few kernels of it were timed. */
export function fitProcessor(key: string, samples: readonly Sample[], kernelsOf: KernelsOf): Processor | undefined {
  if (!hasKernels(samples)) return undefined;
  const speed = fitProcessorSpeed(samples, kernelsOf);
  const runs = samples.map((sample) => kernelsAsUsual(sample, speed));
  return { key, kernels: fitKernelModel(withoutProfiling(runs)), ...optional('speed', speed) };
}

/** Of the times of kernels that hardly do anything: a quarter is not longer. */
const NOTHING_QUANTILE = 0.25;
const NOTHINGS_MIN = 8;

/**
 * The runtime's profiler counts some of its own work as the kernel's: 9 µs with one thread, 17 µs with two, where the kernels of a small model take 7 µs each.
 * How much it is shows where a kernel only calls the same bytes by another shape.
 */
function withoutProfiling(runs: readonly (readonly TimedKernel[])[]): readonly (readonly TimedKernel[])[] {
  const nothings = runs.flat().filter((kernel) => kernelWork(kernel).group === 'view');
  if (nothings.length < NOTHINGS_MIN) return runs;
  const profilingUs = ranked(
    nothings.map(({ us }) => us),
    NOTHING_QUANTILE,
  );
  return runs.map((together) => together.map((kernel) => ({ ...kernel, us: Math.max(0, kernel.us - profilingUs) })));
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
