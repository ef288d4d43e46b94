/** What came of one item of a timing. */
import type { TimedKernel } from '../kernel.ts';

export interface TimedItem {
  /** Of the order's items, from 0. */
  readonly index: number;
  /** Since the start of its process, milliseconds: when its measurement began. */
  readonly atMs: number;
  readonly result: ItemTimes | ItemFailure;
}

export interface ItemTimes {
  readonly kind: 'times';
  /** Opening its session. */
  readonly sessionMs: number;
  /** Mean per inference of each batch, milliseconds. */
  readonly batches: readonly number[];
  /** Single inferences: how many, and their median, 90th percentile and minimum. */
  readonly count: number;
  readonly medianMs: number;
  readonly p90Ms: number;
  readonly minMs: number;
  /** In the order of their first run. Empty: not asked for, or the runtime does not tell. */
  readonly kernels: readonly TimedKernel[];
  /** From and to disks by its process, while it was loaded and measured. */
  readonly readBytes?: number;
  readonly writtenBytes?: number;
  /** Absent: no probe was asked for, or it could not be run. */
  readonly speed?: ItemSpeed;
}

/** How long an inference of the speed probe took, milliseconds, more than 0. */
export interface ItemSpeed {
  /** Median of some looks between the profiled inferences. Absent: there were none. */
  readonly kernelsMs?: number;
  /** Beside each batch: the mean of just before and just after. */
  readonly batchesMs: readonly number[];
}

export interface ItemFailure {
  readonly kind: 'failed';
  /** For a person. */
  readonly why: string;
}
