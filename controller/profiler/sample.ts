/**
 * One thing measured on one device under one circumstance: what the profiler learns from.
 *
 *     subject       what ran: a model, a segment of it, kernels that were made up, a probe of the device, a stage of a run, a codec
 *     circumstance  where: a device and its limits, threads, load made beside it
 *     state         what the device was like *before* it ran; what it does not tell is absent
 *     time          milliseconds of wall time per inference
 */
import type { Kernel, TimedKernel } from '../../mesh/kernel.ts';
import type { ModelCharacteristics } from './characteristics.ts';

export const subjectKinds = ['model', 'segment', 'kernels', 'probe', 'stage', 'codec'] as const;

export interface Subject {
  readonly kind: (typeof subjectKinds)[number];
  /** The zoo's name, the file's, or what it is made for (`conv`, `gemm`, …); of a codec its name. */
  readonly model: string;
  /** Models of one family have the same building blocks: resnet18 and resnet50. What is held out together. */
  readonly family: string;
  /** Layers (`3-9`), a number of what is made up, `encode` or `decode` of a codec; empty: all of it. */
  readonly part: string;
  /** Of the ONNX file, hexadecimal; of a codec empty. */
  readonly sha256: string;
  /** Of whole models. */
  readonly characteristics?: ModelCharacteristics;
  /** Of all inputs and outputs of one inference; of a codec the raw bytes of a frame, and those that it makes of them. */
  readonly inputBytes: number;
  readonly outputBytes: number;
}

export interface Circumstance {
  readonly device: string;
  /** Devices of the same key are alike: processor, cores, limits, runtime. Not their name. */
  readonly deviceKey: string;
  readonly runtimeVersion: string;
  readonly threads: number;
  readonly cores: number;
  /** Absent: no limit. */
  readonly quotaCores?: number;
  readonly memoryBytes: number;
  /** Made beside it, none included: on so many cores, for such a part of the time. Absent: nobody knows but by the device's state. */
  readonly load?: ForeignLoad;
}

export interface ForeignLoad {
  readonly cores: number;
  /** 0 to 1. */
  readonly duty: number;
}

/** Before it ran. Percentages of the whole machine. */
export interface DeviceState {
  /** How long before it ran that was, milliseconds: several things are measured after one look. */
  readonly ageMs?: number;
  readonly cpuBusyPercent?: number;
  readonly memoryUsedPercent?: number;
  readonly diskUsedPercent?: number;
  readonly temperatureCelsius?: number;
  readonly frequencyMHz?: number;
  readonly loadAverage?: number;
  /** Milliseconds of a small convolution just before it ran: how fast the processor is at that moment, whatever its quota. */
  readonly probeMs?: number;
}

/**
 * A quota stops a program for milliseconds at a time, so that single inferences are either much faster or much slower than what can be had of the device: what
 * counts is the mean over batches of inferences that each last for many periods of a quota.
 */
export interface TimeFigures {
  /** Median over the batches of their means. What is predicted. */
  readonly ms: number;
  /** Mean per inference of each batch. */
  readonly batches: readonly number[];
  /** As `state.probeMs`, beside each batch. */
  readonly probes?: readonly number[];
  /** Single inferences: how many, and their median, 90th percentile and minimum. */
  readonly count: number;
  readonly medianMs: number;
  readonly p90Ms: number;
  readonly minMs: number;
}

export interface Sample {
  /** The collection, run or benchmark that measured it. */
  readonly run: string;
  readonly source: 'collect' | 'run' | 'bench';
  /** Milliseconds since 1970, by the controller's clock. */
  readonly atMs: number;
  /** 1, 2, 3, …: of the same subject under the same circumstance in this run. */
  readonly execution: number;
  readonly subject: Subject;
  readonly circumstance: Circumstance;
  readonly state: DeviceState;
  readonly time: TimeFigures;
  /** Of the runtime's optimized graph. Absent: not asked for, or the runtime does not tell. */
  readonly kernels?: readonly TimedKernel[];
  /** As `state.probeMs`, when its kernels were timed. */
  readonly kernelProbeMs?: number;
  /** The same of a stage, whose kernels are listed when it is loaded, but not timed. Never together with `kernels`. */
  readonly kernelsSeen?: readonly Kernel[];
  /** By the process that ran it, from and to disks. */
  readonly readBytes?: number;
  readonly writtenBytes?: number;
}

/** A model, or a part of one. */
export function isWhole({ subject: { kind } }: Pick<Sample, 'subject'>): boolean {
  return kind === 'model' || kind === 'segment' || kind === 'stage';
}

export function isUnloaded({ circumstance: { load } }: Pick<Sample, 'circumstance'>): boolean {
  return load === undefined || load.cores * load.duty === 0;
}
