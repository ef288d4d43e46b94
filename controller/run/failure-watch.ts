/**
 * Collects the symptoms of one epoch until it is clear what was lost, then says so: at once when a stage or device failed by itself, a moment
 * later when there are only lost peers, so that the stage they lost can still speak for itself.
 */
import type { Clock, Timer } from '../../mesh/clock.ts';
import { findRoot, type Symptom, type Verdict } from './failure.ts';

/** Keepalive notices a silent peer within 1.5 s; together with this a loss is named within 2 s. */
const PATIENCE_MS = 200;

export class FailureWatch {
  readonly #lost = Promise.withResolvers<Verdict>();
  readonly #placement: ReadonlyMap<string, string>;
  readonly #clock: Clock;
  readonly #symptoms: Symptom[] = [];
  #timer: Timer | undefined;
  #over = false;

  /** `placement`: stage → device. */
  constructor(placement: ReadonlyMap<string, string>, clock: Clock) {
    this.#placement = placement;
    this.#clock = clock;
  }

  /** Resolves with what was lost; never when nothing is. */
  get lost(): Promise<Verdict> {
    return this.#lost.promise;
  }

  report(symptom: Symptom): void {
    if (this.#over) return;
    this.#symptoms.push(symptom);
    const verdict = findRoot(this.#symptoms, this.#placement);
    if (verdict === undefined) return;
    if (verdict.certain) this.#conclude();
    else this.#timer ??= this.#clock.after(PATIENCE_MS, () => this.#conclude());
  }

  /** What happens from now on is the end of the epoch, not a failure. Idempotent. */
  close(): void {
    this.#over = true;
    this.#timer?.cancel();
  }

  #conclude(): void {
    const verdict = findRoot(this.#symptoms, this.#placement);
    if (verdict === undefined) return;
    this.close();
    this.#lost.resolve(verdict);
  }
}
