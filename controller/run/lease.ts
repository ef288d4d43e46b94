/**
 * Keeps a run's stages alive: an agent retires stages whose controller no longer renews them, so that a controller that died leaves no
 * zombies behind.
 */
import { MeshError } from '../../mesh/error.ts';

/** Long enough for a controller that is busy for a moment, short enough that a dead one does not block a device. */
export const LEASE_MS = 10_000;

export interface Renewable {
  readonly name: string;
  renew(run: string, leaseMs: number, signal?: AbortSignal): Promise<void>;
}

export class Lease implements Disposable {
  readonly #timer: NodeJS.Timeout;
  readonly #stop = new AbortController();
  #held = false;

  /** Renews three times per lease. `onLost`: the agent has no stage of this run any more, although `held` was called. */
  constructor(run: string, agents: readonly Renewable[], onLost: (device: string, error: MeshError) => void) {
    this.#timer = setInterval(() => {
      for (const agent of agents) void this.#renew(run, agent, onLost);
    }, LEASE_MS / 3);
  }

  /** All stages are loaded: from now on an agent that has none lost them. */
  held(): void {
    this.#held = true;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#stop.abort();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #renew(run: string, agent: Renewable, onLost: (device: string, error: MeshError) => void): Promise<void> {
    try {
      await agent.renew(run, LEASE_MS, this.#stop.signal);
    } catch (error) {
      const reason = MeshError.from(error);
      // One that does not answer is the business of the watch; one that answers "nothing here" has retired the stages.
      if (reason.code === 'not-found' && this.#held) onLost(agent.name, reason);
    }
  }
}
