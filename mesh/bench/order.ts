/**
 * A benchmark run as a controller asks an agent for it: what is to be computed, under which limits, and what if the device is not free.
 */
import { isLoopback } from '../address.ts';
import { MeshError } from '../error.ts';
import type { Blob } from '../files/blob.ts';
import type { LoadSettings } from '../loadgen/scenario.ts';
import type { ModelBlobs } from '../run-order.ts';
import type { SessionSettings } from '../session-settings.ts';
import type { TensorSpec } from '../tensor.ts';
import type { TimingWorkload } from '../timing/workload.ts';
import type { TrainingWorkload } from '../training/workload.ts';

export interface BenchOrder {
  /** A name that no other run has. */
  readonly run: string;
  readonly workload: Workload;
  readonly limits: BenchLimits;
  /** False: it runs without a control group, and nothing limits it. */
  readonly enforce: boolean;
  readonly pageCache: PageCache;
  /** From the start of its process; then all of it is killed. */
  readonly deadlineMs: number;
  /** Another benchmark, or a stage, is on the device. */
  readonly whenBusy: WhenBusy;
  /** It may run beside stages, and stages beside it. */
  readonly besideStages: boolean;
  /** Absent: none. */
  readonly backgroundLoad?: BackgroundLoad;
}

/** Programs that only use up time, on the same device as the run and under its limits, but not among what the run is said to have used. */
export interface BackgroundLoad {
  /** A thread for each, on whatever core it gets. */
  readonly cores: number;
  /** The part of its time that each is busy: more than 0, at most 1. */
  readonly duty: number;
}

/** 24.8 days: timers know no longer ones, and call back at once. */
export const DEADLINE_MS_MAX = 2 ** 31 - 1;

export const whenBusies = ['wait', 'refuse'] as const;
export type WhenBusy = (typeof whenBusies)[number];

/**
 * Of the files that it reads: `warm`, read once before by the agent, whose memory they count in; `cold`, dropped from the page cache before, so that they
 * count in the run's own; `as-is`, whatever happens to be.
 */
export const pageCaches = ['as-is', 'warm', 'cold'] as const;
export type PageCache = (typeof pageCaches)[number];

/** Absent: the device's own. */
export interface BenchLimits {
  readonly cpuQuotaCores?: number;
  /** At which it is killed. With page cache. */
  readonly memoryLimitBytes?: number;
  /** Above which it is slowed down until it gives memory back; cgroup v2 only. */
  readonly memoryHighBytes?: number;
  /** On top of the memory; only with a limit of memory. Default 0. */
  readonly swapBytes?: number;
  /** Which CPUs, as the kernel writes them: "0-1,3". */
  readonly cpus?: string;
  /** Processes and threads at once. */
  readonly pids?: number;
}

export type Workload = InferenceWorkload | TrainingWorkload | TimingWorkload | CommandWorkload;

/** A model in ONNX Runtime, under one of the scenarios of MLPerf. */
export interface InferenceWorkload extends ModelBlobs {
  readonly kind: 'inference';
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly string[];
  readonly session: SessionSettings;
  readonly load: LoadSettings;
  /** Server only: looks for the highest rate that is valid, from the one in `load`. */
  readonly findPeak: boolean;
  /** Of inputs and arrivals. */
  readonly seed: number;
}

/** A program of the device's. It is started as it is, never by a shell. */
export interface CommandWorkload {
  readonly kind: 'command';
  /** The program (a path, or a name in the agent's PATH) and its arguments. */
  readonly argv: readonly string[];
  /** Besides PATH, HOME, TMPDIR and LANG, which the agent sets. */
  readonly env: Readonly<Record<string, string>>;
  /** Copied into its working folder, which is new and removed afterwards: by name, which may have folders. */
  readonly files: ReadonlyMap<string, Blob>;
  /** Absent: none. */
  readonly server?: ServerProgram;
}

/** Started before the program, which begins when it is ready, and ended after it; in the same folder, under the same limits. */
export interface ServerProgram {
  readonly argv: readonly string[];
  readonly probe: ReadinessProbe;
  /** From its start until it is ready. */
  readonly readyMsMax: number;
}

export type ReadinessProbe =
  /** A URL of the device's own that answers with a status below 400. */
  | { readonly kind: 'http'; readonly url: string }
  /** A port of the device's own that accepts connections. */
  | { readonly kind: 'tcp'; readonly port: number }
  /** A program that ends with exit code 0. */
  | { readonly kind: 'command'; readonly argv: readonly string[] };

/** Error `invalid` for what no program could be told. */
export function checkEnvironmentName(name: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw new MeshError('invalid', `"${name.slice(0, 80)}" is no name of an environment variable: expected letters, digits and _`);
}

/** An agent asks nobody but its own device for readiness. Error `invalid` for what is no such URL. */
export function checkProbeUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' || !isLoopback(url.hostname.replace(/^\[|\]$/g, '')))
    throw new MeshError(
      'invalid',
      `"${text.slice(0, 120)}" is no http URL of the device itself: expected for example http://127.0.0.1:8080/health`,
    );
  return text;
}
