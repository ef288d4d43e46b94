/**
 * Collects symptoms until it is clear what failed, then aborts the run with it: at once when a stage or device failed by itself, a moment
 * later when there are only lost peers, so that the stage they lost can still speak for itself.
 */
import type { MeshError } from '../../mesh/error.ts';
import { failureOf, findRoot, type Symptom } from './failure.ts';

/** Keepalive notices a silent peer within 1.5 s; together with this a loss is named within 2 s. */
const PATIENCE_MS = 200;

export class FailureWatch {
  readonly #abort = new AbortController();
  readonly #placement: ReadonlyMap<string, string>;
  readonly #symptoms: Symptom[] = [];
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  /** `placement`: stage → device. */
  constructor(placement: ReadonlyMap<string, string>) {
    this.#placement = placement;
  }

  /** Aborted with the MeshError that ends the run. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  report(symptom: Symptom): void {
    if (this.#over) return;
    this.#symptoms.push(symptom);
    const verdict = findRoot(this.#symptoms, this.#placement);
    if (verdict === undefined) return;
    if (verdict.certain) this.#conclude();
    else this.#timer ??= setTimeout(() => this.#conclude(), PATIENCE_MS);
  }

  /** Ends the run for a reason that needs no search: a sink that can't write, the nats-server gone, the person. */
  fail(error: MeshError): void {
    if (this.#over) return;
    this.close();
    this.#abort.abort(error);
  }

  /** What happens from now on is the end of the run, not a failure. Idempotent. */
  close(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #conclude(): void {
    const verdict = findRoot(this.#symptoms, this.#placement);
    if (verdict !== undefined) this.fail(failureOf(verdict, this.#placement));
  }
}
