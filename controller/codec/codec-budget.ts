/**
 * Which codecs a route may use: those without loss, and lossy ones that calibration found within the budget. What a shadow frame refutes is taken
 * away again for the rest of the run, and with it whatever would be as wrong.
 *
 *     breach: error e with codec c    ──▶    c is out, and each codec, on any route, whose calibrated error × (e ÷ c's) is beyond the budget
 */

import { routeKey, type Variant } from './codec-variants.ts';
import { type ErrorBudget, type ErrorTally, isWithin, type OutputError } from './error-budget.ts';

/** Of the largest error allowed, how much calibration may find: later frames will show larger ones. */
const MARGIN = 0.8;
/** When only first choices count: a codec stays if its error is so much smaller than that of the one refuted. */
const TIGHTER = 4;

export class CodecBudget {
  readonly #budget: ErrorBudget;
  /** Route → lossy codec → error found by calibration. */
  readonly #errors = new Map<string, Map<string, ErrorTally>>();
  readonly #refuted = new Map<string, Set<string>>();
  /** Once something is confirmed: route → the largest error that a codec of it may have. */
  #confirmed: ReadonlyMap<string, number> | undefined;

  constructor(budget: ErrorBudget) {
    this.#budget = budget;
  }

  /** Calibration with this codec on this route, and no loss on the others. */
  learn(route: { readonly from: string; readonly to: string }, codec: string, tally: ErrorTally): void {
    const errors = this.#errors.get(routeKey(route)) ?? new Map<string, ErrorTally>();
    this.#errors.set(routeKey(route), errors.set(codec, tally));
    if (!isWithin(this.#budget, tally, MARGIN)) this.#refute(routeKey(route), codec);
  }

  errorOf(route: { readonly from: string; readonly to: string }, codec: string): ErrorTally | undefined {
    return this.#errors.get(routeKey(route))?.get(codec);
  }

  /** So many frames with these codecs together were within the budget: from now on these are allowed, and what is more exact on their routes. */
  confirm(lossy: Variant): void {
    this.#confirmed = new Map([...lossy].map(([route, codec]) => [route, this.#errors.get(route)?.get(codec)?.maxAbs ?? 0]));
  }

  /** A lossy codec that was not calibrated is not allowed. */
  allows(route: { readonly from: string; readonly to: string }, codec: string): boolean {
    return this.#allows(routeKey(route), codec);
  }

  /** Routes by their keys. */
  allowsAll(lossy: Iterable<readonly [route: string, codec: string]>): boolean {
    return [...lossy].every(([route, codec]) => this.#allows(route, codec));
  }

  /**
   * Frames that travelled so are too far off. Takes the codec away that calibration found the worst of them, and on every route those that would be
   * as bad. Nothing when nothing of it was lossy.
   */
  refute(lossy: Iterable<readonly [route: string, codec: string]>, { maxAbs }: Pick<OutputError, 'maxAbs'>): void {
    const calibrated = (route: string, codec: string): number => this.#errors.get(route)?.get(codec)?.maxAbs ?? Number.POSITIVE_INFINITY;
    const [worst] = [...lossy].sort(([a, x], [b, y]) => calibrated(b, y) - calibrated(a, x));
    if (worst === undefined) return;
    const was = calibrated(...worst);
    const { maxAbs: most } = this.#budget;
    // An error that is small enough was not what broke the budget: then first choices did, and nobody knows which error would keep them.
    const scales = most !== undefined && maxAbs > most && was > 0;
    for (const [route, errors] of this.#errors) {
      for (const [codec, { maxAbs: error }] of errors) {
        const tooFar = scales ? (error / was) * maxAbs > most * MARGIN : error * TIGHTER > was;
        if (tooFar) this.#refute(route, codec);
      }
    }
    this.#refute(...worst);
  }

  #allows(route: string, codec: string): boolean {
    const error = this.#errors.get(route)?.get(codec)?.maxAbs;
    if (error === undefined || this.#refuted.get(route)?.has(codec) === true) return false;
    return this.#confirmed === undefined || error <= (this.#confirmed.get(route) ?? -1);
  }

  #refute(route: string, codec: string): void {
    this.#refuted.set(route, (this.#refuted.get(route) ?? new Set()).add(codec));
  }
}
