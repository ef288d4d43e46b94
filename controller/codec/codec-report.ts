/** What a run says about how its frames travelled: the table the codecs were chosen from, changes, and what the shadow frames showed. */
import type { ErrorTally } from './error-budget.ts';

/** For JSON, which has no infinity. */
export interface TallyReport extends Omit<ErrorTally, 'maxAbs'> {
  /** Null: outputs could not be compared. */
  readonly maxAbs: number | null;
}

export function tallyReport(tally: ErrorTally): TallyReport {
  return { ...tally, maxAbs: Number.isFinite(tally.maxAbs) ? tally.maxAbs : null };
}

export interface CodecsReport {
  readonly objective: 'throughput' | 'latency';
  /** Null: only codecs without loss. */
  readonly budget: string | null;
  /** Null without a budget, and when nothing lossy could be used within it. */
  readonly shadows: ShadowReport | null;
  readonly routes: readonly RouteCodecs[];
  readonly changes: readonly CodecChangeReport[];
}

export interface ShadowReport {
  /** One frame in so many. */
  readonly every: number;
  /** What they showed, all of them. */
  readonly compared: TallyReport;
  readonly breaches: readonly BreachReport[];
}

export interface BreachReport {
  /** The frame that showed it. */
  readonly frame: number;
  /** Frames since the last one that was compared and within the budget may be outside of it, too. */
  readonly sinceFrame: number;
  readonly maxAbs: number | null;
  readonly sameTop1: boolean;
}

export interface RouteCodecs {
  readonly from: string;
  readonly to: string;
  readonly codec: string;
  /** Of the link, megabytes per second. */
  readonly linkMBPerS: number | null;
  readonly rawBytes: number | null;
  readonly options: readonly CodecOptionReport[];
}

export interface CodecOptionReport {
  readonly codec: string;
  readonly lossless: boolean;
  /** Wire bytes ÷ raw bytes. */
  readonly ratio: number;
  readonly encodeMs: number;
  /** Null: not measured. */
  readonly decodeMs: number | null;
  readonly linkMs: number;
  /** Of the whole pipeline, if this route had this codec and the others what they have. */
  readonly periodMs: number;
  /** Found by calibration; null when it was not compared. */
  readonly error: TallyReport | null;
  readonly withinBudget: boolean;
}

export interface CodecChangeReport {
  /** Frames from about here on. */
  readonly frame: number;
  readonly from: string;
  readonly to: string;
  readonly was: string;
  readonly now: string;
  readonly why: string;
}
