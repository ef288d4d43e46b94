/**
 * Who says how frames travel while a run goes on. The engine asks for the first cycles, passes on what is measured, and carries out changes.
 *
 *     engine ── what was measured ──▶ steering ── changes ──▶ engine ──▶ producers of the routes
 */
import { NO_CODEC } from '../../mesh/codec.ts';
import type { CodecCycle } from '../../mesh/codec-cycle.ts';
import type { FrameId } from '../../mesh/frame.ts';
import { AUTO_CODEC, type Plan, type Route } from '../../partition/plan.ts';
import type { MeasuredRows } from '../store/records.ts';

/** From the next frame that leaves it, `from` sends frames to `to` so. */
export interface CodecChange {
  readonly from: string;
  readonly to: string;
  readonly codecs: CodecCycle;
}

/** Resolves when all producers know or have not answered, with the id of the first frame that none of them has seen before. Never rejects. */
export type ApplyCodecs = (changes: readonly CodecChange[]) => Promise<FrameId>;

export interface CodecSteering {
  cycleOf(route: Pick<Route, 'from' | 'to' | 'codec'>): CodecCycle;
  /** The run goes on with this plan: `cycleOf` is asked for its routes next. */
  follow(plan: Plan): void;
  /** Frames begin to flow; `apply` may be called at any time from now on. */
  begin(apply: ApplyCodecs): void;
  /** What has come since it was told last; a few times a second. */
  measured(rows: MeasuredRows): void;
}

/** Each route keeps the codec of the plan. */
export const asPlanned: CodecSteering = {
  cycleOf: ({ codec }) => [codec === AUTO_CODEC ? NO_CODEC : codec],
  follow: () => {},
  begin: () => {},
  measured: () => {},
};
