/**
 * One epoch of a run on its devices: the stages of its plan, the source's end of its routes and the sink's.
 *
 *     load: models to devices, stages ready ──▶ start: streams open ──▶ frames ──▶ retire
 *              └──────────────┴───────────────────┴── lost: symptoms from all sides, one verdict
 *
 * A chain is not a special case: every stage gets its routes, and fires when all its inputs for a frame are there. Epochs of a run live side by
 * side while one follows another; each has streams of its own, and `cut` ends those at both ends here, so that nothing of it arrives any more.
 */
import { MeshError } from '../../mesh/error.ts';
import { type Epoch, type FrameId, SINK, SOURCE } from '../../mesh/frame.ts';
import { type InboundFrame, Inbox } from '../../mesh/link/inbox.ts';
import type { PushStream } from '../../mesh/link/link.ts';
import { Outbox } from '../../mesh/link/outbox.ts';
import type { Transfer } from '../../mesh/link/transfers.ts';
import type { StageEvent, StageUse } from '../../mesh/stage.ts';
import { type Flow, flowOf } from '../../partition/flow/flow.ts';
import { placementOf, routesFrom, routesInto } from '../../partition/flow/plan-shape.ts';
import { SINK_WINDOW } from '../../partition/flow/window.ts';
import type { Plan, Stage } from '../../partition/plan.ts';
import { abortable } from '../abortable.ts';
import type { AgentPort } from '../deploy/agent-port.ts';
import type { LoadedStage } from '../deploy/stage-order.ts';
import { StallWatch } from '../recovery/stall-watch.ts';
import type { Execution, Workplace } from './execution.ts';
import type { Verdict } from './failure.ts';
import { FailureWatch } from './failure-watch.ts';
import { inTurns } from './in-turns.ts';
import { notLoaded } from './not-loaded.ts';
import { orderOf } from './order-of.ts';
import type { Planned } from './planned.ts';
import { recode } from './recode.ts';
import type { Way } from './source.ts';
import type { CodecChange } from './steering.ts';

/** On each device: a dozen stages that start at once would keep it from answering. */
const LOADS_AT_ONCE = 2;

export interface DeploymentOptions {
  readonly execution: Execution;
  readonly place: Workplace;
  readonly planned: Planned;
  readonly onFrame: (frame: InboundFrame) => void;
  readonly onTransfer: (transfer: Transfer) => void;
}

export class Deployment implements Way {
  readonly planned: Planned;
  readonly flow: Flow;
  readonly outbox: Outbox;
  /** What its stages became, by stage id. */
  readonly loaded = new Map<string, LoadedStage>();
  readonly #options: DeploymentOptions;
  readonly #failure: FailureWatch;
  readonly #over = new AbortController();
  readonly #stalls = new Map<string, StallWatch>();
  #inbox: Inbox | undefined;
  #held = false;
  /** The device that could not do what it was told, if one could not. */
  #refused: string | undefined;

  /** Error `not-found` when a device of the plan is not in the mesh. */
  constructor(options: DeploymentOptions) {
    const { execution, place, planned } = options;
    const { plan } = planned;
    this.#options = options;
    this.planned = planned;
    this.flow = flowOf(plan);
    for (const stage of plan.stages) agentOf(place, stage);
    this.#failure = new FailureWatch(placementOf(plan), place.clock);
    this.outbox = new Outbox({
      run: execution.run,
      epoch: plan.epoch,
      producer: SOURCE,
      routes: routesFrom(plan, SOURCE).map((route) => ({ ...route, codecs: execution.codecs.cycleOf(route) })),
      codecs: place.codecs,
      now: place.clock.now,
      onTransfer: options.onTransfer,
      onLost: (peer, error) => this.#failure.report({ kind: 'stream-lost', peer, reason: error.message }),
    });
  }

  get plan(): Plan {
    return this.planned.plan;
  }

  get epoch(): Epoch {
    return this.plan.epoch;
  }

  /** Resolves with what was lost of it; never when nothing is. */
  get lost(): Promise<Verdict> {
    return this.#failure.lost;
  }

  /** The devices that hold its stages. */
  get agents(): readonly AgentPort[] {
    return [...new Set(this.plan.stages.map((stage) => agentOf(this.#options.place, stage)))];
  }

  /** All stages are loaded: an agent that has none lost them. */
  get held(): boolean {
    return this.#held && !this.#over.signal.aborted;
  }

  /** After a rejected `load` or `start`: the device that is to blame, when one is. */
  get refusedBy(): string | undefined {
    return this.#refused;
  }

  accept(stream: PushStream): void {
    this.outbox.accept(stream);
  }

  /** Brings models to devices and stages up. Errors: whatever a device refuses a stage with; `lost`. `signal` gives up. */
  async load(signal: AbortSignal): Promise<void> {
    const until = AbortSignal.any([signal, this.#over.signal]);
    const loading = inTurns(
      this.plan.stages,
      ({ device }) => device,
      LOADS_AT_ONCE,
      (stage) => this.#loadStage(stage, until),
    );
    await abortable(loading, until);
    this.#held = true;
  }

  /**
   * Opens all streams; frames from `first` on may be sent. Where routes take turns, `first` must be the first that is: who puts frames in order waits for
   * every one of them.
   */
  async start(first: FrameId, signal: AbortSignal): Promise<void> {
    const { place, execution, onFrame } = this.#options;
    const { run } = execution;
    const until = AbortSignal.any([signal, this.#over.signal]);
    const starts = this.plan.stages.map(async (stage) => {
      const key = { run, stage: stage.id, epoch: this.epoch };
      await this.#asked(stage, agentOf(place, stage).start(key, this.#inputsOf(stage.id), first, until));
    });
    this.#inbox = new Inbox({
      run,
      epoch: this.epoch,
      consumer: SINK,
      first,
      routes: this.#inputsOf(SINK),
      windowFrames: SINK_WINDOW.frames,
      windowBytes: SINK_WINDOW.bytes,
      link: place.link,
      codecs: place.codecs,
      now: place.clock.now,
      onFrame,
      onLost: (peer, error) => this.#failure.report({ kind: 'stream-lost', peer, reason: error.message }),
    });
    this.#inbox.start();
    // Its consumers pull; a frame that is sent now does not wait for a connection.
    await abortable(Promise.all([...starts, this.outbox.connected()]), until);
  }

  /** What an agent says of a stage of this epoch. */
  told(event: StageEvent): void {
    // One that fails while it is loaded is reported by the answer to Load.
    const loaded = this.loaded.get(event.key.stage);
    if (loaded === undefined) return;
    const { device, reason, progress, frames } = event;
    const { stage } = event.key;
    if (event.state === 'running' && progress !== undefined) {
      const watch = this.#stalls.get(stage) ?? new StallWatch(loaded.warmupMs);
      this.#stalls.set(stage, watch);
      const stall = watch.reported({ ...progress, frames }, this.#options.place.clock.now());
      if (stall !== undefined) this.#failure.report({ kind: 'stalled', stage, device, reason: `it does nothing: ${stall.reason}` });
    }
    if (event.state === 'failed') this.#failure.report({ kind: 'stage-failed', ...event, stage });
    if (event.state === 'retired') {
      this.#failure.report({ kind: 'stages-gone', device, reason: `its agent retired ${stage}: ${reason}` });
    }
  }

  /** A device does not answer any more, or has lost its stages; nothing to this epoch when it has none there. */
  gone(kind: 'device-lost' | 'stages-gone', device: string, reason: string): void {
    if (this.plan.stages.some((stage) => stage.device === device)) this.#failure.report({ kind, device, reason });
  }

  /** Tells the producers of those routes that it has how frames travel from now on. */
  async recode(changes: readonly CodecChange[], signal: AbortSignal): Promise<void> {
    const { execution, place } = this.#options;
    const mine = changes.filter(({ from, to }) => this.plan.routes.some((route) => route.from === from && route.to === to));
    await recode(mine, { run: execution.run, plan: this.plan }, place, this.outbox, AbortSignal.any([signal, this.#over.signal]));
  }

  /** Ends its streams at this end: what its stages still send arrives nowhere, and what happens to them is no failure any more. Idempotent. */
  cut(): void {
    this.#failure.close();
    this.#over.abort(new MeshError('cancelled', `epoch ${this.epoch} is over`));
    // Consumers first: whoever ends in order is not lost.
    this.#inbox?.close();
    this.outbox.close();
  }

  /** Cuts it and ends its stages; what they used. Devices in `silent` are not asked. Error: the first of a device that does not answer. */
  async retire(signal: AbortSignal, silent: ReadonlySet<string> = new Set()): Promise<StageUse[]> {
    this.cut();
    const answering = this.agents.filter(({ name }) => !silent.has(name));
    const uses = await Promise.all(answering.map((agent) => agent.retire(this.#options.execution.run, this.epoch, signal)));
    return uses.flat();
  }

  async #loadStage(stage: Stage, signal: AbortSignal): Promise<void> {
    const { execution, place } = this.#options;
    const agent = agentOf(place, stage);
    const model = this.planned.models.get(stage.replicaOf ?? stage.id)!;
    await this.#asked(stage, place.deliver(agent, model, signal));
    const loading = agent.load(orderOf(execution, this.planned, stage), signal);
    try {
      this.loaded.set(stage.id, await this.#asked(stage, loading));
    } catch (error) {
      throw notLoaded(execution.model, this.plan, stage, MeshError.from(error));
    }
  }

  async #asked<T>(stage: Stage, answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (!this.#over.signal.aborted) this.#refused ??= stage.device;
      throw error;
    }
  }

  #inputsOf(consumer: string) {
    const { server } = this.#options.place;
    return routesInto(this.plan, consumer).map(({ to: _, ...route }) => ({
      ...route,
      address: route.from === SOURCE ? server.address : this.loaded.get(route.from)!.address,
    }));
  }
}

function agentOf(place: Pick<Workplace, 'agents'>, stage: Stage): AgentPort {
  const agent = place.agents.get(stage.device);
  if (agent === undefined) throw new MeshError('not-found', `${stage.id} is planned for ${stage.device}, which is not in the mesh`);
  return agent;
}
