/**
 * The agent port over the simulated network: each call is a request and an answer on a connection of its own, with the deadlines of the real client.
 *
 *     controller ── request ──▶ agent's process: the supervisor does it        an answer that gets lost leaves what was done
 *                ◀── answer ──
 */

import type { AgentDescription } from '../../controller/deploy/agent-client.ts';
import type { AgentPort, Watching } from '../../controller/deploy/agent-port.ts';
import type { LoadedStage, StageInputRoute, StageOrder } from '../../controller/deploy/stage-order.ts';
import type { CodecCycle } from '../../mesh/codec-cycle.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Blob } from '../../mesh/files/blob.ts';
import type { Epoch, FrameId } from '../../mesh/frame.ts';
import { CALL_TIMEOUT_MS, LOAD_TIMEOUT_MS } from '../../mesh/grpc/options.ts';
import type { StageEvent, StageKey, StageUse } from '../../mesh/stage.ts';
import type { Checks } from './checks.ts';
import { deviceOf, type SimAgent } from './sim-agent.ts';
import type { SimNetwork } from './sim-network.ts';
import type { SimProcess } from './sim-process.ts';

export interface SimAgentPortOptions {
  readonly network: SimNetwork;
  /** The controller's process. */
  readonly caller: SimProcess;
  readonly agent: SimAgent;
  readonly checks: Checks;
  /** How long a file takes to get to the device, milliseconds. */
  readonly transferMs: (blob: Blob) => number;
}

export class SimAgentPort implements AgentPort {
  readonly name: string;
  readonly #options: SimAgentPortOptions;

  constructor(options: SimAgentPortOptions) {
    this.name = options.agent.name;
    this.#options = options;
  }

  async load(order: StageOrder, signal?: AbortSignal): Promise<LoadedStage> {
    const { externalData, ...plain } = order;
    const loaded = await this.#call('load', LOAD_TIMEOUT_MS, signal, (agent, until) =>
      agent.supervisor.load({ ...plain, externalData: new Map(Object.entries(externalData)) }, until),
    );
    const { port, session, reused, ...facts } = loaded;
    return { address: `${this.name}:${port}`, threads: session.intraOpThreads, reused, ...facts };
  }

  async start(key: StageKey, inputs: readonly StageInputRoute[], first: FrameId, signal?: AbortSignal): Promise<void> {
    await this.#call('start', CALL_TIMEOUT_MS, signal, (agent) => agent.supervisor.start(key, { first, inputs }));
  }

  async recode(key: StageKey, to: string, codecs: CodecCycle, signal?: AbortSignal): Promise<void> {
    await this.#call('recode', CALL_TIMEOUT_MS, signal, (agent) => agent.supervisor.recode(key, to, codecs));
  }

  async retire(run: string, epoch: Epoch, signal?: AbortSignal): Promise<StageUse[]> {
    return await this.#call('retire', CALL_TIMEOUT_MS, signal, async (agent) => {
      const { checks } = this.#options;
      const process = agent.process!.name;
      const { onRetire } = agent;
      agent.onRetire = undefined;
      onRetire?.();
      const uses = await agent.supervisor.retire(run, '', epoch);
      checks.fenced(process, run, epoch);
      // Not with a full disk: then another incarnation may have forgotten it.
      if ((agent.disk.epochs.get(run) ?? 0n) > epoch) checks.fenced(agent.name, run, epoch);
      return uses;
    });
  }

  async renew(run: string, leaseMs: number, signal?: AbortSignal): Promise<void> {
    await this.#call('renew', CALL_TIMEOUT_MS, signal, (agent) => agent.supervisor.renew(run, leaseMs));
  }

  async describe(
    signal?: AbortSignal,
  ): Promise<Required<Pick<AgentDescription, 'device' | 'draining' | 'stageMemoryBytes' | 'reservedMemoryBytes'>>> {
    return await this.#call('describe', CALL_TIMEOUT_MS, signal, ({ name, address, supervisor: { memory, draining } }) => ({
      device: deviceOf(name, address),
      draining,
      stageMemoryBytes: memory.totalBytes,
      reservedMemoryBytes: memory.reservedBytes,
    }));
  }

  /** Brings a file to the device, which keeps what it has. Error `exhausted` when its disk is full. */
  async fetch(blob: Blob, signal?: AbortSignal): Promise<void> {
    await this.#call('fetch', LOAD_TIMEOUT_MS, signal, async (agent) => {
      const { clock } = agent.process!;
      await new Promise<void>((resolve) => clock.after(this.#options.transferMs(blob), resolve));
      agent.store(blob);
    });
  }

  watch(run: string, onEvent: (event: StageEvent) => void, onEnd: (error: MeshError) => void): Watching {
    const { network, caller, agent } = this.#options;
    let over = false;
    let stop: (() => void) | undefined;
    const end = (error: MeshError): void => {
      if (over) return;
      over = true;
      onEnd(error);
    };
    const line = network.connect(caller, agent.address, { consumerLost: end, producerLost: () => stop?.() });
    line.toProducer(() => {
      const tell = (event: StageEvent): void =>
        line.toConsumer(
          () => {
            if (!over) onEvent(event);
          },
          () => {},
        );
      stop = agent.supervisor.watch(run, tell);
    });
    return {
      close: () => {
        if (over) return;
        over = true;
        line.toProducer(() => stop?.());
      },
    };
  }

  #call<R>(what: string, timeoutMs: number, signal: AbortSignal | undefined, perform: Perform<R>): Promise<R> {
    const { network, caller, agent } = this.#options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(new MeshError('cancelled', 'interrupted'));
        return;
      }
      const call = new AbortController();
      let over = false;
      const settle = (how: () => void): void => {
        if (over) return;
        over = true;
        deadline.cancel();
        signal?.removeEventListener('abort', cancel);
        how();
      };
      const line = network.connect(caller, agent.address, {
        consumerLost: (error) => settle(() => reject(error)),
        producerLost: (error) => call.abort(error),
      });
      // The other end learns that nobody waits any more.
      const giveUp = (error: MeshError): void =>
        settle(() => {
          line.toProducer(() => call.abort(error));
          reject(error);
        });
      const deadline = caller.clock.after(timeoutMs, () =>
        giveUp(new MeshError('timeout', `${agent.name} did not answer ${what} in time`)),
      );
      const cancel = (): void => giveUp(new MeshError('cancelled', 'interrupted'));
      signal?.addEventListener('abort', cancel, { once: true });
      const answer = (how: () => void): void =>
        line.toConsumer(
          () => {
            settle(how);
            line.close();
          },
          () => {},
        );
      line.toProducer(() => {
        const done = async (): Promise<R> => await perform(agent, call.signal);
        done().then(
          (result) => answer(() => resolve(result)),
          (error) => answer(() => reject(MeshError.from(error))),
        );
      });
    });
  }
}

type Perform<R> = (agent: SimAgent, signal: AbortSignal) => R | Promise<R>;
