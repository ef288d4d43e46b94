/** What happened to a run on its way: other plans, and why; frames that were given up. */
import type { EpochRecord } from '../run/epoch-log.ts';
import { formatMoves, type Move, movesOf } from '../run/moves.ts';
import { duration } from '../text/format.ts';

/** From one plan to the next. */
export interface ChangeReport {
  /** Of the plan that took over. */
  readonly epoch: number;
  /** The first frame it sent. */
  readonly frame: number;
  readonly why: string;
  readonly moves: readonly Move[];
  /** Frames that were sent for the second time. */
  readonly replayed: number;
  /** From when a loss was known to the next frame that came out, milliseconds; null when nothing was lost. */
  readonly recoveryMs: number | null;
}

export interface FailedFrameReport {
  readonly frame: number;
  readonly cause: string;
}

export function changesReport(epochs: readonly EpochRecord[]): ChangeReport[] {
  return epochs.slice(1).map(({ plan, first, why, replayed, recoveryMs }, index) => ({
    epoch: Number(plan.epoch),
    frame: Number(first),
    why,
    moves: movesOf(epochs[index]!.plan, plan),
    replayed,
    recoveryMs: recoveryMs ?? null,
  }));
}

/** Lines for a person, two for each change. */
export function changesText(changes: readonly ChangeReport[]): string[] {
  return changes.flatMap(({ frame, why, moves, replayed, recoveryMs }) => {
    const after = recoveryMs === null ? '' : `; frames came again after ${duration(recoveryMs)}`;
    const again = replayed === 0 ? '' : `, ${replayed} for the second time`;
    return [`from frame ${frame}: ${formatMoves(moves)}${after}${again}`, `  because ${why}`];
  });
}

export function failedText(failed: readonly FailedFrameReport[]): string[] {
  return failed.map(({ frame, cause }) => `frame ${frame}, on which its stage failed again and again: ${cause}`);
}
