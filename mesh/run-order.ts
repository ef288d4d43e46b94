/**
 * A run that somebody else's machine carries out: everything it is told, and what it tells about itself. Both are data that were checked
 * where they came in (wire-run.ts): names, numbers, bounded texts.
 *
 *     controller ── RunOrder ──▶ agent ──▶ run process ── RunRecord, about once a second ──▶ bucket ──▶ whoever wants to know
 */
import type { Blob } from './files/blob.ts';
import type { Epoch, FrameId } from './frame.ts';

export interface RunOrder {
  readonly run: string;
  /** For a person, and the name of a model that comes along when there is no file. */
  readonly model: string;
  readonly modelFile: ModelBlobs | undefined;
  /** What stands behind the @ of --split; empty: nothing. */
  readonly cuts: string;
  /** Content of a plan file. */
  readonly plan: string | undefined;
  readonly objective: string;
  /** Empty: not said. */
  readonly on: readonly string[];
  readonly spares: number;
  readonly weight: number;
  readonly threads: number | undefined;
  readonly frames: number | undefined;
  /** A path on the device; undefined: random numbers. */
  readonly input: string | undefined;
  readonly seed: number;
  /** A path on the device, or {@link STREAM_OUTPUT}. */
  readonly output: string | undefined;
  /** Of a stream: so many of the last frames stay in it; undefined: all. */
  readonly keepFrames: number | undefined;
  readonly rateFps: number | undefined;
  readonly window: number | 'auto';
  readonly codec: string;
  readonly errorBudget: string | undefined;
  readonly shadowEvery: number;
  /** A number of frames, `all` or `off`. */
  readonly verify: string;
}

export interface ModelBlobs {
  readonly model: Blob;
  /** By the names the model uses. */
  readonly externalData: ReadonlyMap<string, Blob>;
}

/** As an output: a stream of the mesh's NATS server. */
export const STREAM_OUTPUT = 'stream';

export const runStates = ['starting', 'streaming', 'done', 'failed', 'stopped'] as const;
export type RunState = (typeof runStates)[number];

export interface RunRecord {
  readonly order: RunOrder;
  /** Whose agent keeps the run's process. */
  readonly device: string;
  /** Changes with each start of the process. */
  readonly incarnation: string;
  /** Counts the processes of the run, from 1: a process that finds a later term has been replaced. */
  readonly term: number;
  readonly state: RunState;
  readonly epoch: Epoch;
  /** All frames below are committed. */
  readonly next: FrameId;
  readonly frames: number | undefined;
  /** Frames per second, lately. */
  readonly fps: number | undefined;
  /** For a person. */
  readonly model: string;
  /** Since 1970, by the clock of the device that began the run. */
  readonly startedMs: number;
  /** Empty without one. */
  readonly error: string;
  readonly hint: string;
  /** What it waits for, what it lost last; empty: nothing to say. */
  readonly note: string;
  /** JSON; empty before the end. */
  readonly report: string;
  /** JSON: the comparison with the whole model, once it is complete. */
  readonly verification: string;
}

/** A run as its agent sees it. */
export interface HostedRun {
  readonly run: string;
  /** Undefined: not just now. */
  readonly pid?: number;
  /** How often it was started again after it had died. */
  readonly restarts: number;
  /** Of the process that died last; empty: none did. */
  readonly lastWords: string;
}

/** Nothing changes any more. */
export function isOver({ state }: Pick<RunRecord, 'state'>): boolean {
  return state === 'done' || state === 'failed' || state === 'stopped';
}

/** Each process of a run has epochs of its own, so that it need not know how far the one before it came: more than any uses up. */
const EPOCHS_PER_TERM = 1000n;

/** The first epoch of the run's `term`-th process. */
export function firstEpoch(term: number): Epoch {
  return BigInt(term - 1) * EPOCHS_PER_TERM + 1n;
}

/** Whose epoch it is. */
export function termOf(epoch: Epoch): number {
  return Number((epoch - 1n) / EPOCHS_PER_TERM) + 1;
}
