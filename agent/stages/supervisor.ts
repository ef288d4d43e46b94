/**
 * All stages of this device: loads, starts, renews and retires them, and tells whoever watches what happens to them. It stays up whatever
 * a stage does. Stages that have ended are remembered until their run is retired, so that a late question still gets the reason; those that lost a peer
 * keep their process as long, for the next epoch.
 */

import type { CodecCycle } from '../../mesh/codec-cycle.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Epoch } from '../../mesh/frame.ts';
import { formatStage, type StageEvent, type StageKey, type StageStatus, type StageUse } from '../../mesh/stage.ts';
import { within } from '../../mesh/within.ts';
import { EpochFence, type EpochMemory } from './epoch-fence.ts';
import { Leases } from './leases.ts';
import { PlacedStage } from './placed-stage.ts';
import type { StageHost } from './stage-host.ts';
import { StageHosts, type StageHostsOptions } from './stage-hosts.ts';
import type { LoadedStage, StageOrder, StageStart } from './stage-order.ts';

export interface SupervisorOptions extends StageHostsOptions {
  readonly onEvent: (event: StageEvent) => void;
  /** Publishes what a stage measured; false when it was dropped. */
  readonly onMeasures: (key: StageKey, batch: Uint8Array, sequence: number) => boolean;
  readonly retirePatienceMs: number;
  readonly epochs: EpochMemory;
  /** Error `conflict` while the device takes no stage besides those that are here. */
  readonly admit: () => void;
}

interface Preparing {
  readonly key: StageKey;
  /** Never rejects. */
  readonly done: Promise<unknown>;
  /** Aborted: nobody wants it any more. */
  readonly retired: AbortController;
}

/** How long a process whose session is loaded may take to open a flow, which takes it a millisecond. */
const REOPEN_MS = 1_000;
/** Ended stages remembered. */
const ENDED_MAX = 256;

export class StageSupervisor {
  readonly #options: SupervisorOptions;
  readonly #hosts: StageHosts;
  readonly #stages = new Map<string, PlacedStage>();
  /** The last event of each stage in `#stages`. */
  readonly #lastEvents = new Map<string, StageEvent>();
  readonly #watchers = new Map<string, Set<(event: StageEvent) => void>>();
  readonly #fence: EpochFence;
  readonly #leases = new Leases();
  /** Stages whose folder is being made. */
  readonly #preparing = new Map<string, Preparing>();
  #draining = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#hosts = new StageHosts(options);
    this.#fence = new EpochFence(options.epochs);
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Stages that have not ended. */
  get alive(): number {
    return this.#living().length + this.#preparing.size;
  }

  /** Memory that stages may take here, and what those that are here were admitted with, bytes. */
  get memory(): { readonly totalBytes: number; readonly reservedBytes: number } {
    return this.#hosts.memory;
  }

  status(): StageStatus[] {
    return [...this.#stages.values()].map((stage) => stage.status);
  }

  /**
   * Resolves when the stage is ready to be started. Errors: `conflict` (draining, a benchmark runs, older epoch, already here), `not-found` (a blob),
   * `denied` (limits can't be enforced), `exhausted` (it does not fit beside the stages that are here), and what the stage itself reports: `invalid` for a model that the runtime refuses,
   * `unsupported` for an operator it does not know, `exhausted` for lack of memory. Aborting `signal` abandons the stage.
   */
  async load(order: StageOrder, signal: AbortSignal): Promise<LoadedStage> {
    const { key } = order;
    const id = idOf(key);
    this.#refuseDraining();
    this.#options.admit();
    this.#fence.accept(key.run, key.epoch);
    if (this.#preparing.has(id) || this.#stages.get(id)?.alive === true) {
      throw new MeshError('conflict', `${formatStage(key)} is on ${this.#options.device} already`);
    }
    const found = order.fresh ? undefined : this.#hosts.find(order);
    const reopened = found && (await this.#reopen(order, found));
    const placed = reopened ?? (await this.#place(order, signal));
    const nobody = new MeshError('cancelled', 'whoever asked for the stage no longer waits for it');
    const abandon = (): void => void placed.abandon(nobody);
    if (signal.aborted) abandon();
    else signal.addEventListener('abort', abandon, { once: true });
    try {
      const { kind: _, ...ready } = await placed.ready();
      await this.#fence.saved;
      // It was ready before that: in a process that is there already, or while the fence was saved.
      if (signal.aborted) throw nobody;
      this.#leases.extend(key.run, order.leaseMs, this.#options.clock.now());
      return { ...ready, session: placed.host.order.session, reused: reopened !== undefined };
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

  /**
   * Ends the stages of a run (one, or all when `stage` is empty) up to and including `epoch`. What is not here is no error; when all are meant, it is
   * not loaded any more either, should its order come late.
   */
  async retire(run: string, stage: string, epoch: Epoch, reason = 'retired by its controller'): Promise<StageUse[]> {
    if (stage === '') this.#fence.retire(run, epoch);
    const isMeant = ({ key }: { readonly key: StageKey }): boolean =>
      key.run === run && (stage === '' || key.stage === stage) && key.epoch <= epoch;
    for (const preparing of this.#preparing.values()) if (isMeant(preparing)) preparing.retired.abort();
    const retired = [...this.#stages.values()].filter(isMeant);
    await Promise.all([...retired.map((placed) => placed.retire(reason, this.#options.retirePatienceMs)), this.#fence.saved]);
    for (const { key } of retired) this.#forget(key);
    return retired.map((placed) => placed.use);
  }

  /** How many stages the lease covers: those that live, and those whose process waits for the next epoch. Error `not-found` when there are none. */
  renew(run: string, leaseMs: number): number {
    const stages = this.#leased().filter(({ key }) => key.run === run).length;
    if (stages === 0) throw new MeshError('not-found', `no stage of run ${run} is on ${this.#options.device}`);
    this.#leases.extend(run, leaseMs, this.#options.clock.now());
    return stages;
  }

  /** Retires runs that were not renewed in time. To be called a few times a second. */
  expireLeases(): void {
    for (const run of this.#leases.expired(this.#options.clock.now())) {
      this.#leases.forget(run);
      for (const stage of this.#leased()) {
        // One that is loading has a controller that waits for it: another than the one that renews no more, perhaps.
        if (stage.key.run === run && stage.status.state !== 'loading')
          void stage.retire('its lease ended: the controller did not renew it', this.#options.retirePatienceMs);
      }
    }
  }

  /** Tells whoever watches how far the running stages are. To be called twice a second. */
  tellProgress(): void {
    for (const stage of this.#living()) {
      const event = this.#watchers.has(stage.key.run) ? stage.running : undefined;
      if (event !== undefined) this.#tell({ ...event, device: this.#options.device });
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
      const preparing = [...this.#preparing.values()].map(({ done }) => done);
      await Promise.race([...this.#living().map((stage) => stage.over), ...preparing, aborted.promise]);
    }
    signal.removeEventListener('abort', stop);
  }

  /** Ends every stage; those that do not end by themselves within `patienceMs` are killed. */
  async stop(reason: string, patienceMs: number): Promise<void> {
    this.#draining = true;
    await Promise.all([...this.#stages.values()].map((stage) => stage.retire(reason, patienceMs)));
  }

  /** In a process that is there; undefined when it hangs: then it is gone. */
  async #reopen(order: StageOrder, host: StageHost): Promise<PlacedStage | undefined> {
    const loaded = host.ready !== undefined;
    const placed = this.#open(order, host);
    if (!loaded || (await within(this.#options.clock, REOPEN_MS, placed.ready()))) return placed;
    host.kill();
    await placed.over;
    return undefined;
  }

  /** In a process of its own. */
  async #place(order: StageOrder, signal: AbortSignal): Promise<PlacedStage> {
    const { key } = order;
    const id = idOf(key);
    const retired = new AbortController();
    const unwanted = AbortSignal.any([signal, retired.signal]);
    const starting = this.#start(order, unwanted);
    this.#preparing.set(id, { key, done: starting.catch(() => {}), retired });
    const placed = this.#open(order, await starting.finally(() => this.#preparing.delete(id)));
    if (retired.signal.aborted) void placed.abandon(new MeshError('cancelled', `${formatStage(key)} was retired before it was loaded`));
    return placed;
  }

  async #start(order: StageOrder, unwanted: AbortSignal): Promise<StageHost> {
    // A stage of the same key that has failed may still be on its way out, or wait for a newer epoch.
    await this.#stages.get(idOf(order.key))?.retire('it is loaded anew', this.#options.retirePatienceMs);
    return this.#hosts.start(order, () => {
      if (unwanted.aborted) throw new MeshError('cancelled', `${formatStage(order.key)} was cancelled before it was loaded`);
      this.#refuseDraining();
    });
  }

  #refuseDraining(): void {
    if (this.#draining) throw new MeshError('conflict', `${this.#options.device} is draining and takes no new stages`);
  }

  #open(order: StageOrder, host: StageHost): PlacedStage {
    const { key, windowFrames, windowBytes, routes } = order;
    const { clock, device, onMeasures } = this.#options;
    const placed = new PlacedStage({
      key,
      host,
      flow: { kind: 'open', epoch: key.epoch, windowFrames, windowBytes, routes },
      clock,
      onEvent: (event) => this.#announce({ ...event, device }),
      onMeasures: (batch, sequence) => onMeasures(key, batch, sequence),
    });
    this.#remember(placed);
    return placed;
  }

  #living(): PlacedStage[] {
    return [...this.#stages.values()].filter((stage) => stage.alive);
  }

  /** What a lease keeps. */
  #leased(): PlacedStage[] {
    return [...this.#stages.values()].filter((stage) => stage.alive || stage.parked);
  }

  #remember(placed: PlacedStage): void {
    this.#stages.set(idOf(placed.key), placed);
    const ended = [...this.#stages.values()].filter((stage) => !stage.alive && !stage.parked);
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
    this.#tell(event);
  }

  #tell(event: StageEvent): void {
    for (const listener of [...(this.#watchers.get(event.key.run) ?? [])]) listener(event);
  }
}

function idOf({ run, stage, epoch }: StageKey): string {
  return `${run} ${stage} ${epoch}`;
}
