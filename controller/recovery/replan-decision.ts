/**
 * The plan works, but a better one is known: is it worth the change?
 *
 *     period ms    present   ● ●●  ● ● ●│  ●● ●  ●●●        measured, once a second
 *                  candidate ○ ○○ ○ ○ ○ │                   predicted by the model that predicts the present one right
 *                            ╰ 8 looks ─╯ at its best        ≥ 15 % apart, at 3 looks in a row ──▶ change
 *                                         at its worst
 *
 * Each is judged by what speaks against the change: the present plan by its better seconds, the candidate by its worse predictions. So the noise
 * itself says how much better a candidate has to be. A change must earn what it costs in the frames that are left, and there is one
 * per minute at most. If it disappoints (less than half of what it promised), the next one has to wait twice as long as the last, up to a quarter of an
 * hour: a model that is wrong about each plan in turn does not change back and forth for ever.
 */
import { median, ranked } from '../../mesh/ranked.ts';

/** How often to look. Looks closer together than half of that do not count. */
export const LOOK_EVERY_MS = 1_000;

const LOOKS = 8;
const LOOKS_IN_A_ROW = 3;
/** Of eight values the second smallest, and the second largest: one that is far off does not decide alone. */
const BETTER = 2 / LOOKS;
const WORSE = 1 - 1 / LOOKS;
const GAIN_MIN = 0.15;
const CHANGE_EVERY_MS = 60_000;
const CHANGE_EVERY_MS_MAX = 15 * CHANGE_EVERY_MS;
const KEPT_PROMISE_MIN = 0.5;

export interface ReplanLook {
  readonly nowMs: number;
  /** Milliseconds between frames that leave the pipeline, measured since the last look. Undefined: none did, or the source did not keep up. */
  readonly presentMs: number | undefined;
  /** Of the best other plan, predicted from present measurements. Undefined: none is known. */
  readonly candidateMs: number | undefined;
  /** Work that a change costs: milliseconds in which no frame comes out. */
  readonly switchMs: number;
  /** What is left to do, as far as it is known: frames, or milliseconds. */
  readonly remaining?: { readonly frames: number } | { readonly ms: number };
  /** Milliseconds between frames of an open loop: nothing is gained by being faster. */
  readonly demandMs?: number;
}

export interface ReplanDecision {
  readonly change: boolean;
  /** For a person. */
  readonly reason: string;
}

export class ReplanDecider {
  #present: number[] = [];
  #candidate: number[] = [];
  #better = 0;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #changedMs: number | undefined;
  #everyMs = CHANGE_EVERY_MS;
  /** What the last change was made for. */
  #promise: { readonly fromMs: number; readonly toMs: number } | undefined;

  look({ nowMs, presentMs, candidateMs, switchMs, remaining, demandMs = 0 }: ReplanLook): ReplanDecision {
    if (nowMs - this.#lookedMs < LOOK_EVERY_MS / 2) return stay('there was a look a moment ago');
    this.#lookedMs = nowMs;
    if (presentMs === undefined) return stay('no frames came out, so nothing is known of the present plan');
    // Without a candidate the present plan is the best that is known: it speaks against a change like any other.
    this.#present = [...this.#present, presentMs].slice(-LOOKS);
    this.#candidate = [...this.#candidate, Math.max(candidateMs ?? presentMs, demandMs)].slice(-LOOKS);
    if (this.#present.length < LOOKS) return stay(`${this.#present.length} of ${LOOKS} looks so far`);
    const present = ranked(this.#present, BETTER);
    const candidate = ranked(this.#candidate, WORSE);
    this.#judgePromise();
    const better = candidate <= (1 - GAIN_MIN) * present;
    this.#better = better ? this.#better + 1 : 0;
    const compared = `${candidate.toFixed(1)} ms instead of ${present.toFixed(1)} ms per frame`;
    if (!better) return stay(`${compared} is not ${GAIN_MIN * 100} % better`);
    if (this.#better < LOOKS_IN_A_ROW) return stay(`${compared}, seen ${this.#better} of ${LOOKS_IN_A_ROW} times`);
    const waitMs = this.#changedMs === undefined ? 0 : this.#changedMs + this.#everyMs - nowMs;
    if (waitMs > 0) return stay(`${compared}, but the last change was too recent: in ${(waitMs / 1000).toFixed(0)} s`);
    const gainMs = gainOf(present, candidate, remaining);
    if (gainMs <= switchMs) return stay(`${compared}, but the change costs ${switchMs.toFixed(0)} ms and gains ${gainMs.toFixed(0)} ms`);
    return { change: true, reason: compared };
  }

  /** The plan was changed, because of this decision or because something broke. What was measured before says nothing now. */
  changed(nowMs: number, because: 'decided' | 'broken'): void {
    this.#promise = because === 'decided' ? { fromMs: median(this.#present), toMs: median(this.#candidate) } : undefined;
    this.#changedMs = nowMs;
    this.#present = [];
    this.#candidate = [];
    this.#better = 0;
  }

  #judgePromise(): void {
    if (this.#promise === undefined) return;
    const { fromMs, toMs } = this.#promise;
    this.#promise = undefined;
    const kept = fromMs - median(this.#present) >= KEPT_PROMISE_MIN * (fromMs - toMs);
    this.#everyMs = kept ? CHANGE_EVERY_MS : Math.min(2 * this.#everyMs, CHANGE_EVERY_MS_MAX);
  }
}

/** Milliseconds saved by the end; when that is unknown, in the time until there may be another change. */
function gainOf(presentMs: number, candidateMs: number, remaining: ReplanLook['remaining']): number {
  const frames =
    remaining === undefined ? CHANGE_EVERY_MS / presentMs : 'frames' in remaining ? remaining.frames : remaining.ms / presentMs;
  return frames * (presentMs - candidateMs);
}

function stay(reason: string): ReplanDecision {
  return { change: false, reason };
}
