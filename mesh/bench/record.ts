/**
 * All that is kept of a benchmark run, also of one that failed. What the device does not tell is absent, never invented.
 */
import type { Device } from '../device.ts';
import type { Metric } from '../emit.ts';
import type { LoadFigures } from '../loadgen/figures.ts';
import type { TrainingFigures } from '../training/figures.ts';
import type { BackgroundLoad, BenchLimits, PageCache } from './order.ts';
import type { Outcome } from './outcome.ts';
import type { UseSample } from './series.ts';
import type { ResourceUse } from './use.ts';

export interface BenchRecord {
  readonly run: string;
  readonly outcome: Outcome;
  /** As they were set; the tighter of the order's and the device's. */
  readonly limits: BenchLimits;
  /** What could not be had as it was asked for, and why; for a person. */
  readonly warnings: readonly string[];
  readonly environment: BenchEnvironment;
  /** Since 1970, by the device's clock. */
  readonly startedMs: number;
  readonly exit: { readonly code?: number; readonly signal?: string };
  readonly phases: readonly BenchPhase[];
  readonly use: ResourceUse;
  readonly series: readonly UseSample[];
  /** Of inference, when it came so far. */
  readonly load?: LoadFigures;
  /** Of training, as far as it came. */
  readonly training?: TrainingFigures;
  /** That was made beside it. */
  readonly backgroundLoad?: BackgroundLoad;
  /** Of a command, in the order they came. */
  readonly metrics: readonly TimedMetric[];
  /** That were not kept because there were too many, or refused. */
  readonly metricsLost: number;
  /** The end of what it wrote to stderr. */
  readonly lastWords: string;
}

/** The device as it was before the run. */
export interface BenchEnvironment {
  readonly device: Device;
  readonly kernel: string;
  /** Absent: without a control group. */
  readonly cgroup?: 'v1' | 'v2';
  /** Threads that ONNX Runtime computes with; absent for a command. */
  readonly intraOpThreads?: number;
  /** Of the JavaScript heap; absent for a command. */
  readonly heapMiBMax?: number;
  readonly pageCache: PageCache;
  readonly temperatureCelsius?: number;
  /** Of the whole machine, over the last second or so. */
  readonly cpuBusyCores?: number;
  /** Of the last minute, as the kernel reckons. */
  readonly loadAverage?: number;
  readonly memoryFreeBytes?: number;
  readonly swapTotalBytes?: number;
  /** Of the first CPU. */
  readonly frequencyMHz?: number;
  readonly governor?: string;
  /** Stages that were on the device. */
  readonly stages: number;
  /** Of a command: names and values it saw of the environment, and where it ran. */
  readonly env: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  /** Of the file system that is mounted at /. */
  readonly diskUsedPercent?: number;
}

/** A part of the run: load, warm-up, measure; or one that a command named. */
export interface BenchPhase {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface TimedMetric extends Metric {
  /** Since the start of the run. */
  readonly atMs: number;
}
