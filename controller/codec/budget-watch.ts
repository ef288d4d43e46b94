/**
 * What shadow frames show, and which codecs it speaks against. A change takes a while to reach frames: those that were on their way travelled as before.
 *
 *     frames     … 58 59 60 │ 61 … 70 │ 71 …
 *                 breach ───┘         └─ all producers have been told: from here on what is seen speaks against the new codecs
 *                            of what was refuted: nothing new
 */
import type { FrameId } from '../../mesh/frame.ts';
import type { CodecBudget } from './codec-budget.ts';
import { type BreachReport, type ShadowReport, tallyReport } from './codec-report.ts';
import type { Variant } from './codec-variants.ts';
import { type ErrorBudget, noErrors, type OutputError, tallied } from './error-budget.ts';
import type { ShadowFrames } from './shadow-frames.ts';
import type { ShadowJudge } from './shadow-judge.ts';

/** What keeps lossy codecs within the budget. */
export interface Guard {
  readonly budget: ErrorBudget;
  readonly codecs: CodecBudget;
  readonly judge: ShadowJudge;
  /** Undefined: nothing lossy will be used, so nothing is compared. */
  readonly shadows: ShadowFrames | undefined;
}

export class BudgetWatch {
  readonly #guard: Guard;
  readonly #breaches: BreachReport[] = [];
  #compared = noErrors;
  #lastGood = 0;
  /** Lossy codecs of frames from `#inForceFrom` on. */
  #present: readonly (readonly [string, string])[];
  /** Those that frames before it may have travelled with; of two changes in a row all three. */
  #earlier: readonly (readonly [string, string])[] = [];
  /** Undefined: not all producers have been told. */
  #inForceFrom: FrameId | undefined = 0n;
  #changes = 0;

  constructor(guard: Guard, lossy: Variant) {
    this.#guard = guard;
    this.#present = [...lossy];
  }

  /** Producers are being told; to be called back with the first frame that none of them has seen before. */
  changing(lossy: Variant): (from: FrameId) => void {
    this.#earlier = [...(this.#inForceFrom === undefined ? this.#earlier : []), ...this.#present];
    this.#present = [...lossy];
    this.#inForceFrom = undefined;
    this.#changes += 1;
    const change = this.#changes;
    return (from) => {
      if (change === this.#changes) this.#inForceFrom = from;
    };
  }

  /** True: the budget is breached, and not by what was refuted before. Whatever is to blame is not allowed any more. */
  breachedBy(frame: FrameId, error: OutputError): boolean {
    const { budget, codecs, judge } = this.#guard;
    this.#compared = tallied(this.#compared, error);
    const asBefore = this.#inForceFrom === undefined || frame < this.#inForceFrom;
    const travelled = asBefore ? [...this.#earlier, ...this.#present] : this.#present;
    if (asBefore && !(travelled.length > 0 && codecs.allowsAll(travelled))) return false;
    if (!judge.breaches(error)) {
      if (budget.top1Min === undefined || error.sameTop1) this.#lastGood = Number(frame);
      return false;
    }
    const { maxAbs, sameTop1 } = error;
    this.#breaches.push({ frame: Number(frame), sinceFrame: this.#lastGood, maxAbs: Number.isFinite(maxAbs) ? maxAbs : null, sameTop1 });
    codecs.refute(travelled, error);
    return true;
  }

  /** Null: nothing was compared. */
  report(): ShadowReport | null {
    const { shadows } = this.#guard;
    return shadows === undefined ? null : { every: shadows.every, compared: tallyReport(this.#compared), breaches: this.#breaches };
  }
}
