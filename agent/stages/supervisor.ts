/**
 * All stages of this device: loads, starts, renews and retires them, and tells whoever watches what happens to them. It stays up whatever
 * a stage does. Stages that have ended are remembered until their run is retired, so that a late question still gets the reason.
 */

import type { CodecCycle } from '../../mesh/codec-cycle.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Epoch } from '../../mesh/frame.ts';
import { formatStage, type StageEvent, type StageKey, type StageStatus, type StageUse } from '../../mesh/stage.ts';
import type { DeviceGroup, StageGroup } from '../cgroup/device-group.ts';
import type { CgroupLimits } from '../cgroup/hierarchy.ts';
import { EpochFence } from './epoch-fence.ts';
import { Leases } from './leases.ts';
import { PlacedStage } from './placed-stage.ts';
import { stageResources } from './resources.ts';
import type { LoadedStage, StageOrder, StageStart } from './stage-order.ts';
import type { Workspaces } from './workspace.ts';

export interface SupervisorOptions {
  readonly device: string;
  readonly cores: number;
  readonly limits: CgroupLimits;
  /** Undefined: this agent may not make groups. */
  readonly group: DeviceGroup | undefined;
  readonly workspaces: Workspaces;
  /** The stage program and the Node that runs it. */
  readonly program: string;
  readonly node: string;
  readonly env: Readonly<Record<string, string>>;
  /** HOST:0 on the interface the agent listens on. */
  readonly listen: string;
  readonly insecure: boolean;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly onEvent: (event: StageEvent) => void;
  /** Publishes what a stage measured; false when it was dropped. */
  readonly onMeasures: (key: StageKey, batch: Uint8Array, sequence: number) => boolean;
  readonly retirePatienceMs: number;
  /** Something went wrong that nobody waits for; for the log. */
  readonly onProblem: (error: unknown) => void;
}

/** Ended stages remembered. */
const ENDED_MAX = 256;

export class StageSupervisor {
  readonly #options: SupervisorOptions;
  readonly #stages = new Map<string, PlacedStage>();
  /** The last event of each stage in `#stages`. */
  readonly #lastEvents = new Map<string, StageEvent>();
  readonly #watchers = new Map<string, Set<(event: StageEvent) => void>>();
  readonly #fence = new EpochFence();
  readonly #leases = new Leases();
  /** Stages whose folder is being made; the promises never reject. */
  readonly #preparing = new Map<string, Promise<unknown>>();
  #draining = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Stages that have not ended. */
  get alive(): number {
    return this.#living().length + this.#preparing.size;
  }

  status(): StageStatus[] {
    return [...this.#stages.values()].map((stage) => stage.status);
  }

  /**
   * Resolves when the stage is ready to be started. Errors: `conflict` (draining, older epoch, already here), `not-found` (a blob),
   * `denied` (limits can't be enforced), and what the stage itself reports: `invalid` for a model that the runtime refuses,
   * `unsupported` for an operator it does not know, `exhausted` for lack of memory. Aborting `signal` abandons the stage.
   */
  async load(order: StageOrder, signal: AbortSignal): Promise<LoadedStage> {
    const { key } = order;
    const id = idOf(key);
    if (this.#draining) throw new MeshError('conflict', `${this.#options.device} is draining and takes no new stages`);
    this.#fence.accept(key.run, key.epoch);
    if (this.#preparing.has(id) || this.#stages.get(id)?.alive === true) {
      throw new MeshError('conflict', `${formatStage(key)} is on ${this.#options.device} already`);
    }
    const placing = this.#place(order, signal);
    const prepared = placing.catch(() => {});
    this.#preparing.set(id, prepared);
    const { placed, threads } = await placing.finally(() => this.#preparing.delete(id));
    const abandon = (): void => void placed.abandon(new MeshError('cancelled', 'whoever asked for the stage no longer waits for it'));
    if (signal.aborted) abandon();
    else signal.addEventListener('abort', abandon, { once: true });
    try {
      const { kind: _, ...ready } = await placed.ready();
      this.#leases.extend(key.run, order.leaseMs, this.#options.now());
      return { ...ready, session: { ...order.session, intraOpThreads: threads } };
    } finally {
      signal.removeEventListener('abort', abandon);
    }
  }

  /** Errors: `not-found`, `conflict` when it is not ready or runs with other inputs. */
  start(key: StageKey, start: StageStart): void {
    const stage = this.#stages.get(idOf(key));
    if (stage === undefined) throw new MeshError('not-found', `${formatStage(key)} is not on ${this.#options.device}`);
    stage.start(start);
  }

  /** Errors: `not-found`, `conflict` when it has no such route, is still loading or does not live any more. */
  recode(key: StageKey, to: string, codecs: CodecCycle): void {
    const stage = this.#stages.get(idOf(key));
    if (stage === undefined) throw new MeshError('not-found', `${formatStage(key)} is not on ${this.#options.device}`);
    stage.recode(to, codecs);
  }

  /** Ends the stages of a run (one, or all when `stage` is empty) up to and including `epoch`. What is not here is no error. */
  async retire(run: string, stage: string, epoch: Epoch, reason = 'retired by its controller'): Promise<StageUse[]> {
    const retired = [...this.#stages.values()].filter(
      ({ key }) => key.run === run && (stage === '' || key.stage === stage) && key.epoch <= epoch,
    );
    await Promise.all(retired.map((placed) => placed.retire(reason, this.#options.retirePatienceMs)));
    for (const { key } of retired) this.#forget(key);
    return retired.map((placed) => placed.use);
  }

  /** How many living stages the lease covers. Error `not-found` when there are none. */
  renew(run: string, leaseMs: number): number {
    const stages = this.#living().filter(({ key }) => key.run === run).length;
    if (stages === 0) throw new MeshError('not-found', `no stage of run ${run} is on ${this.#options.device}`);
    this.#leases.extend(run, leaseMs, this.#options.now());
    return stages;
  }

  /** Retires runs that were not renewed in time. To be called a few times a second. */
  expireLeases(): void {
    for (const run of this.#leases.expired(this.#options.now())) {
      this.#leases.forget(run);
      for (const stage of this.#living()) {
        if (stage.key.run === run) void stage.retire('its lease ended: the controller did not renew it', this.#options.retirePatienceMs);
      }
    }
  }

  /** Calls `listener` with the last event of each stage of the run, then with each further one. Returns the function that stops it. */
  watch(run: string, listener: (event: StageEvent) => void): () => void {
    for (const event of this.#lastEvents.values()) if (event.key.run === run) listener(event);
    const listeners = this.#watchers.get(run) ?? new Set();
    this.#watchers.set(run, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#watchers.get(run) === listeners) this.#watchers.delete(run);
    };
  }

  /** No new stages from now on. */
  drain(): void {
    this.#draining = true;
  }

  /** Resolves when no stage lives any more, or `signal` aborts. */
  async idle(signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    const stop = (): void => aborted.resolve();
    signal.addEventListener('abort', stop, { once: true });
    while (this.alive > 0 && !signal.aborted) {
      await Promise.race([...this.#living().map((stage) => stage.gone), ...this.#preparing.values(), aborted.promise]);
    }
    signal.removeEventListener('abort', stop);
  }

  /** Ends every stage; those that do not end by themselves within `patienceMs` are killed. */
  async stop(reason: string, patienceMs: number): Promise<void> {
    this.#draining = true;
    await Promise.all([...this.#stages.values()].map((stage) => stage.retire(reason, patienceMs)));
  }

  async #place(order: StageOrder, signal: AbortSignal): Promise<{ placed: PlacedStage; threads: number }> {
    const { key, session } = order;
    const options = this.#options;
    const limits: CgroupLimits = {
      ...(order.cpuQuotaCores === undefined ? {} : { cpuQuotaCores: order.cpuQuotaCores }),
      ...(order.memoryLimitBytes === undefined ? {} : { memoryLimitBytes: order.memoryLimitBytes }),
    };
    if (Object.keys(limits).length > 0 && options.group === undefined) {
      throw new MeshError('denied', `${options.device} can't enforce limits on a stage: its agent may not make cgroups`, {
        hint: 'run the agent as root or as a systemd service with Delegate=yes, or plan without limits per stage',
      });
    }
    // A stage of the same key that has failed may still be on its way out.
    await this.#stages.get(idOf(key))?.gone;
    const modelPath = await this.#prepareFolder(order, signal);
    const resources = stageResources(options.cores, options.limits, limits, session);
    const group = await this.#addGroup(key, limits);
    const placed = new PlacedStage({
      key,
      group,
      memoryLimitBytes: resources.memoryLimitBytes,
      launch: {
        program: options.program,
        node: options.node,
        heapMiBMax: resources.heapMiBMax,
        procsFiles: group?.procsFiles ?? [],
        env: options.env,
      },
      order: {
        kind: 'load',
        ...key,
        modelPath,
        inputs: order.inputs,
        outputs: order.outputs,
        session: { ...session, intraOpThreads: resources.intraOpThreads },
        warmupRuns: order.warmupRuns,
        listen: options.listen,
        insecure: options.insecure,
        windowFrames: order.windowFrames,
        windowBytes: order.windowBytes,
        routes: order.routes,
      },
      onEvent: (event) => this.#announce({ ...event, device: options.device }),
      onMeasures: (batch, sequence) => options.onMeasures(key, batch, sequence),
      onGone: () => this.#removeFolder(key),
    });
    this.#remember(placed);
    return { placed, threads: resources.intraOpThreads };
  }

  async #prepareFolder(order: StageOrder, signal: AbortSignal): Promise<string> {
    try {
      const modelPath = await this.#options.workspaces.create(order);
      if (signal.aborted || this.#draining)
        throw new MeshError('cancelled', `${formatStage(order.key)} was cancelled before it was loaded`);
      return modelPath;
    } catch (error) {
      await this.#removeFolder(order.key);
      throw error;
    }
  }

  async #addGroup(key: StageKey, limits: CgroupLimits): Promise<StageGroup | undefined> {
    try {
      return this.#options.group?.addStage(limits);
    } catch (error) {
      await this.#removeFolder(key);
      throw error;
    }
  }

  async #removeFolder(key: StageKey): Promise<void> {
    await this.#options.workspaces.remove(key).catch(this.#options.onProblem);
  }

  #living(): PlacedStage[] {
    return [...this.#stages.values()].filter((stage) => stage.alive);
  }

  #remember(placed: PlacedStage): void {
    this.#stages.set(idOf(placed.key), placed);
    const ended = [...this.#stages.values()].filter((stage) => !stage.alive);
    for (const { key } of ended.slice(0, -ENDED_MAX)) this.#forget(key);
  }

  #forget(key: StageKey): void {
    this.#stages.delete(idOf(key));
    this.#lastEvents.delete(idOf(key));
    if (![...this.#stages.values()].some((stage) => stage.key.run === key.run)) this.#leases.forget(key.run);
  }

  #announce(event: StageEvent): void {
    this.#lastEvents.set(idOf(event.key), event);
    this.#options.onEvent(event);
    for (const listener of [...(this.#watchers.get(event.key.run) ?? [])]) listener(event);
  }
}

function idOf({ run, stage, epoch }: StageKey): string {
  return `${run} ${stage} ${epoch}`;
}
