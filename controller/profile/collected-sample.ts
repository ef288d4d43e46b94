/** From what a device told of one item of a timing to a sample. */
import type { BenchEnvironment } from '../../mesh/bench/record.ts';
import { median } from '../../mesh/ranked.ts';
import type { ItemTimes } from '../../mesh/timing/figures.ts';
import { optional } from '../../mesh/wire-number.ts';
import type { Sample, Subject } from '../profiler/sample.ts';
import { circumstanceOf, deviceStateOf } from './circumstance.ts';
import type { Job } from './collection.ts';

export interface Told {
  readonly collection: string;
  readonly job: Job;
  readonly subject: Subject;
  readonly environment: BenchEnvironment;
  /** By the controller's clock: when its process began, milliseconds since 1970. */
  readonly startedMs: number;
  /** Since then. */
  readonly atMs: number;
  readonly times: ItemTimes;
}

export function collectedSample({ collection, job, subject, environment, startedMs, atMs, times }: Told): Sample {
  const { device, intraOpThreads } = environment;
  const { batches, count, medianMs, p90Ms, minMs, kernels, readBytes, writtenBytes, speed } = times;
  const limits = { ...optional('quotaCores', device.cpuQuotaCores), ...optional('memoryLimitBytes', device.memoryLimitBytes) };
  return {
    run: collection,
    source: 'collect',
    atMs: startedMs + atMs,
    execution: job.execution,
    subject,
    circumstance: circumstanceOf(device, limits, intraOpThreads ?? job.threads, job.load),
    state: {
      ...deviceStateOf(environment, atMs),
      ...optional('probeMs', speed === undefined ? undefined : probeBeside(batches, speed.batchesMs)),
    },
    time: { ms: median(batches), ...{ batches, count, medianMs, p90Ms, minMs }, ...optional('probes', speed?.batchesMs) },
    ...(kernels.length > 0 ? { kernels, ...optional('kernelProbeMs', speed?.kernelsMs) } : {}),
    ...optional('readBytes', readBytes),
    ...optional('writtenBytes', writtenBytes),
  };
}

/** The probe that goes with the median of the batches: so that `ms ÷ probe` is the median of each batch ÷ the probe beside it. */
function probeBeside(batches: readonly number[], probes: readonly number[]): number {
  return median(batches) / median(batches.map((ms, index) => ms / probes[index]!));
}
