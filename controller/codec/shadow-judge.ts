/**
 * Says of each shadow frame whether the budget still holds. An error beyond the largest allowed is a breach by itself; first choices are counted over
 * the last frames compared, at first those of the calibration.
 */
import { type ErrorBudget, framesToJudge, isWithin, noErrors, type OutputError, tallied } from './error-budget.ts';

export class ShadowJudge {
  readonly #budget: ErrorBudget;
  /** Of the last frames: first choice the same. */
  #same: boolean[];

  /** `calibrated`: frames that had the same first choice, and those that had not, with the codecs that are in use. */
  constructor(budget: ErrorBudget, calibrated: { readonly frames: number; readonly sameTop1: number } = noErrors) {
    this.#budget = budget;
    const counted = Math.min(calibrated.frames, framesToJudge(budget));
    const different = calibrated.frames - calibrated.sameTop1;
    // Those that were not the same count as the latest, so that they count longest.
    this.#same = Array.from({ length: counted }, (_, index) => index < counted - different);
  }

  /** True: the budget is breached. Then it begins anew, without the benefit of the calibration. */
  breaches(error: OutputError): boolean {
    this.#same = [...this.#same, error.sameTop1].slice(-framesToJudge(this.#budget));
    const counted = { frames: this.#same.length, sameTop1: this.#same.filter((same) => same).length };
    const breached = !isWithin(this.#budget, { ...counted, maxAbs: tallied(noErrors, error).maxAbs });
    if (breached) this.#same = [];
    return breached;
  }
}
