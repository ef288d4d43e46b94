/**
 * A stage that works, but much slower than it used to: its device is too hot, or somebody else is busy there. To be drained, not declared dead.
 *
 *     compute ms   ▂▂▂▂▂▂▂▂█▂▂▂▂▂▂▂│▂▂▂▂▂▂▂…│▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆│▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆│…
 *                  └─ windows of 16 frames, a median each ─┘ └── 1.75 × its best or more, for 4 windows and 10 s ──▶ slow
 *                  └── best: the lowest median of 64 frames so far ──┘
 *
 * It is compared with its own best, not with what was lately: a device that gets hot within minutes would take such a measure along.
 * Medians, because a single frame may take a hundred times as long for reasons that are over; a median of many for the best, because of many
 * medians of few frames the lowest is far from all others.
 */
import { median } from '../../mesh/ranked.ts';

const WINDOW_FRAMES = 16;
const BEST_FRAMES = 64;
/** Half the quota is about twice as long; noise of a fifth up and down is up to one and a half, because the best is the best of many. */
const SLOW_RATIO = 1.75;
const SLOW_WINDOWS_MIN = 4;
const SLOW_MS_MIN = 10_000;

export interface Slowness {
  /** Median compute time of the last frames over the best it had. */
  readonly ratio: number;
  readonly recentMs: number;
  readonly bestMs: number;
  readonly forMs: number;
  /** For a person. */
  readonly reason: string;
}

export class SlowWatch {
  /** Compute times, as many as the best is taken from. */
  readonly #recent: number[] = [];
  #inWindow = 0;
  #bestMs: number | undefined;
  /** Windows in a row that were slow, and since when. */
  #slow: { readonly windows: number; readonly sinceMs: number } | undefined;
  #slowness: Slowness | undefined;
  #ratio = 1;
  #windowMs: number | undefined;

  /** Of the last window, at once: 1 unless it was slow. For who waits by himself whether it stays so (replan-decision.ts). */
  get ratio(): number {
    return this.#ratio;
  }

  /** Median of the frames that `ratio` was found from, or of the first ones before there is a window; undefined: there are none. */
  get recentMs(): number | undefined {
    return this.#windowMs ?? (this.#recent.length === 0 ? undefined : median(this.#recent));
  }

  /** Undefined: as fast as ever, or nobody can say yet. */
  get slowness(): Slowness | undefined {
    return this.#slowness;
  }

  /** A frame was computed in `computeMs`; frames in any order. `nowMs`: when it became known, monotonic. Returns `slowness`. */
  computed(computeMs: number, nowMs: number): Slowness | undefined {
    this.#recent.push(computeMs);
    if (this.#recent.length > BEST_FRAMES) this.#recent.shift();
    this.#inWindow += 1;
    if (this.#inWindow === WINDOW_FRAMES) {
      this.#inWindow = 0;
      this.#judge(nowMs);
    }
    return this.#slowness;
  }

  #judge(nowMs: number): void {
    if (this.#recent.length === BEST_FRAMES) this.#bestMs = Math.min(this.#bestMs ?? Number.POSITIVE_INFINITY, median(this.#recent));
    const bestMs = this.#bestMs;
    const recentMs = median(this.#recent.slice(-WINDOW_FRAMES));
    this.#windowMs = recentMs;
    if (bestMs === undefined || recentMs < SLOW_RATIO * bestMs) {
      this.#ratio = 1;
      this.#slow = undefined;
      this.#slowness = undefined;
      return;
    }
    const ratio = recentMs / bestMs;
    this.#ratio = ratio;
    this.#slow = { windows: (this.#slow?.windows ?? 0) + 1, sinceMs: this.#slow?.sinceMs ?? nowMs };
    const { windows, sinceMs } = this.#slow;
    const forMs = nowMs - sinceMs;
    if (windows < SLOW_WINDOWS_MIN || forMs < SLOW_MS_MIN) return;
    const reason = `a frame takes ${recentMs.toFixed(1)} ms, ${ratio.toFixed(1)} times its best of ${bestMs.toFixed(1)} ms, for ${(forMs / 1000).toFixed(0)} s`;
    this.#slowness = { ratio, recentMs, bestMs, forMs, reason };
  }
}
