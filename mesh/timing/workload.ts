/**
 * Timing as a controller asks an agent for it: many models, one after the other in one process, so that little is spent on anything else.
 *
 *     for each item:  session ─▶ probe ─▶ kernelRuns, profiled ─▶ probe ─▶ warm up ─▶ probe ─▶ batch ─▶ probe ─▶ batch ─▶ … ─▶ probe ─▶ told
 *
 * What counts is the mean over a batch: a quota stops a program for milliseconds at a time, so that single inferences are much faster or much slower than
 * what can be had of the device. A batch has to last for many periods of a quota, which are 5 to 10 ms here.
 *
 * The same model takes up to 1.7 times as long a minute later where processors are shared, or get hot: the probe, a model of less than a millisecond, tells how
 * fast the processor is just then.
 */
import type { Blob } from '../files/blob.ts';
import type { ModelBlobs } from '../run-order.ts';
import type { SessionSettings } from '../session-settings.ts';
import type { TensorSpec } from '../tensor.ts';

export interface TimingWorkload {
  readonly kind: 'timing';
  readonly items: readonly TimingItem[];
  readonly session: SessionSettings;
  /** At least so long, and at least two inferences. */
  readonly warmUpMs: number;
  /** Half of them when these take twice as long as all should. */
  readonly batches: number;
  /** Of each batch: at least so long, and at least one inference. */
  readonly batchMs: number;
  /** Inferences of which the runtime tells how long each kernel took; 0: none. */
  readonly kernelRuns: number;
  /** Of inputs. */
  readonly seed: number;
  /** Its session is opened once, with the same settings. */
  readonly speedProbe?: TimingItem;
}

export interface TimingItem extends ModelBlobs {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly string[];
  /** A safetensors file: tensor `0.x` is what the first inference reads as input `x`, `1.x` the second, and so on. Absent: random numbers. */
  readonly feeds?: Blob;
}

/** More would not fit into one order. */
export const TIMING_ITEMS_MAX = 4096;
