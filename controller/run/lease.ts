/**
 * Keeps a run's stages alive: an agent retires stages whose controller no longer renews them, so that a controller that died leaves no
 * zombies behind.
 */
import { type Clock, every, type Timer } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';

/** Long enough for a controller that is busy for a moment, short enough that a dead one does not block a device. */
export const LEASE_MS = 10_000;

export interface Renewable {
  readonly name: string;
  renew(run: string, leaseMs: number, signal?: AbortSignal): Promise<void>;
}

export interface LeaseOptions {
  readonly run: string;
  readonly clock: Clock;
  /** Those that may hold stages of the run now. */
  readonly holders: () => Iterable<Renewable>;
  /** It has no stage of this run any more. */
  readonly onLost: (device: string, error: MeshError) => void;
}

export class Lease implements Disposable {
  readonly #options: LeaseOptions;
  readonly #timer: Timer;
  readonly #stop = new AbortController();

  /** Renews three times per lease. */
  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#timer = every(options.clock, LEASE_MS / 3, () => {
      for (const holder of options.holders()) void this.#renew(holder);
    });
  }

  close(): void {
    this.#timer.cancel();
    this.#stop.abort();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #renew(holder: Renewable): Promise<void> {
    const { run, onLost } = this.#options;
    try {
      await holder.renew(run, LEASE_MS, this.#stop.signal);
    } catch (error) {
      const reason = MeshError.from(error);
      // One that does not answer is the business of the watch; one that answers "nothing here" has retired the stages.
      if (reason.code === 'not-found' && !this.#stop.signal.aborted) onLost(holder.name, reason);
    }
  }
}
