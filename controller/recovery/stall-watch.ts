/**
 * A stage that is alive, has work, and gets nothing done.
 *
 *     report      ●     ●     ●     ●     ●     ●     ●     ●        twice a second
 *     frames      7     8     8     8     8     8     8     8
 *     to do       2     1     1     0     1     1     1     1        held − blocked
 *     counted           0 ─▶ 0.5    0     0 ─▶ 0.5 ▶ 1.0 ▶ 1.5 s … stalled at the limit
 *
 *     limit = max(2 s, 10 × p99 of the time between its frames)
 *
 * Only time between two reports counts that both have work to do and no frame between them: then it certainly had work all the while, because
 * what is held goes only by being computed. Waiting for input or for consumers' credit is no stall, and hides none behind it: a frame that is
 * computed needs the stage no more. A stage whose process says nothing (stopped, or its event loop hangs) is stalled whatever it holds.
 *
 * A stalled stage may go on a moment later; that it is given up then is the price of not waiting for ever.
 */

import { ranked } from '../../mesh/ranked.ts';
import type { StageProgress } from '../../mesh/stage.ts';

export interface Stall {
  /** `silent`: its process does not speak any more. `stalled`: it speaks, but computes nothing. */
  readonly kind: 'silent' | 'stalled';
  readonly forMs: number;
  readonly limitMs: number;
  /** For a person. */
  readonly reason: string;
}

/** Frames computed, by a counter that only grows, and what mesh/stage.ts says of the frames here. */
export interface StageReport extends StageProgress {
  readonly frames: number;
}

const LIMIT_MS_MIN = 2_000;
const LIMIT_OF_P99 = 10;
const SILENT_MS_MAX = 2_000;
/** More than that between two reports has other reasons (a slow link, a controller that stood still) and is not counted. */
const COUNTED_MS_MAX = 1_000;
const RECENT_GAPS = 256;

export class StallWatch {
  readonly #gaps: number[] = [];
  #last: { readonly report: StageReport; readonly atMs: number } | undefined;
  /** Time with work to do since the last frame. */
  #idleMs = 0;

  /** `expectedMs`: how long a frame takes, by the warm-up or the plan; undefined when nobody knows. It counts until a frame was computed. */
  constructor(expectedMs?: number) {
    if (expectedMs !== undefined) this.#gaps.push(expectedMs);
  }

  /** A report arrived, in the order they were sent; of one flow, so that `frames` does not begin again. `nowMs`: monotonic. */
  reported(report: StageReport, nowMs: number): Stall | undefined {
    this.#count(report, nowMs);
    this.#last = { report, atMs: nowMs };
    const { silentMs } = report;
    if (silentMs > SILENT_MS_MAX) {
      return { kind: 'silent', forMs: silentMs, limitMs: SILENT_MS_MAX, reason: `its process has said nothing for ${seconds(silentMs)}` };
    }
    const limitMs = this.limitMs;
    if (this.#idleMs < limitMs) return undefined;
    const toDo = report.held - report.blocked;
    return {
      kind: 'stalled',
      forMs: this.#idleMs,
      limitMs,
      reason: `it has ${toDo} ${toDo === 1 ? 'frame' : 'frames'} to compute, and computed none for ${seconds(this.#idleMs)}`,
    };
  }

  /** How long it may have work to do and compute nothing, milliseconds. */
  get limitMs(): number {
    return Math.max(LIMIT_MS_MIN, LIMIT_OF_P99 * (this.#gaps.length === 0 ? 0 : ranked(this.#gaps, 0.99)));
  }

  #count(report: StageReport, nowMs: number): void {
    if (this.#last === undefined) return;
    const { report: before, atMs } = this.#last;
    const worked = hasWork(before) ? Math.min(nowMs - atMs, COUNTED_MS_MAX) : 0;
    const computed = report.frames - before.frames;
    if (computed > 0) {
      const spentMs = this.#idleMs + worked;
      // Of frames that came from nowhere between two reports nobody knows how long they took.
      if (spentMs > 0) this.#remember(spentMs / computed);
      this.#idleMs = 0;
    } else this.#idleMs = hasWork(report) ? this.#idleMs + worked : 0;
  }

  #remember(gapMs: number): void {
    this.#gaps.push(gapMs);
    if (this.#gaps.length > RECENT_GAPS) this.#gaps.shift();
  }
}

function hasWork({ held, blocked }: StageReport): boolean {
  return held > blocked;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
