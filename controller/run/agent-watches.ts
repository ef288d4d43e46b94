/** One stream of events from each agent that has anything to do with the run; a device whose stream ends is gone, until it is watched again. */
import type { MeshError } from '../../mesh/error.ts';
import type { StageEvent } from '../../mesh/stage.ts';
import type { AgentPort, Watching } from '../deploy/agent-port.ts';

export interface AgentWatchHandlers {
  event(event: StageEvent): void;
  /** It has gone, or does not answer any more. */
  gone(device: string, error: MeshError): void;
}

export class AgentWatches {
  readonly #run: string;
  readonly #handlers: AgentWatchHandlers;
  readonly #open = new Map<string, Watching>();

  constructor(run: string, handlers: AgentWatchHandlers) {
    this.#run = run;
    this.#handlers = handlers;
  }

  /** From now on, if it was not watched already. */
  watch(agent: AgentPort): void {
    if (this.#open.has(agent.name)) return;
    const watching = agent.watch(
      this.#run,
      (event) => this.#handlers.event(event),
      (error) => {
        if (this.#open.get(agent.name) === watching) this.lost(agent.name, error);
      },
    );
    this.#open.set(agent.name, watching);
  }

  /** Somebody else has seen that it is gone. */
  lost(device: string, error: MeshError): void {
    this.#open.get(device)?.close();
    this.#open.delete(device);
    this.#handlers.gone(device, error);
  }

  close(): void {
    for (const watching of this.#open.values()) watching.close();
    this.#open.clear();
  }
}
