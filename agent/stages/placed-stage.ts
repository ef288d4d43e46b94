/**
 * One epoch of a stage on this device, from the order to load it until it is over. A state machine over what the process says of its flow:
 *
 *     loading ──opened──▶ ready ──start──▶ running ──retire──▶ retired
 *        └────────────────┴───────────────┴──── failed, crashed, killed ──▶ failed
 *                                         └──── lost its peer ──▶ failed, and parked: its process waits for the next epoch
 *
 * The first reason counts: a stage that reported why it fails is not said to have "ended with code 1" afterwards. The process belongs to all epochs
 * that go through it (stage-host.ts); it is gone with the last one, and then what they used together is known.
 */
import type { Clock } from '../../mesh/clock.ts';
import type { CodecCycle } from '../../mesh/codec-cycle.ts';
import { MeshError } from '../../mesh/error.ts';
import { formatStage, type StageEvent, type StageKey, type StageState, type StageStatus, type StageUse } from '../../mesh/stage.ts';
import type { FlowProgress, FlowReport, OpenOrder } from '../stage/protocol.ts';
import { errorCode, type HostedFlow, type Ready, type StageHost } from './stage-host.ts';
import type { StageStart } from './stage-order.ts';

/** How long a process may take to end by itself after its only flow failed. */
const FAILED_PATIENCE_MS = 1_000;

export interface PlacedStageOptions {
  readonly key: StageKey;
  readonly host: StageHost;
  readonly flow: OpenOrder;
  readonly clock: Clock;
  /** Called at each change of state. */
  readonly onEvent: (event: Omit<StageEvent, 'device'>) => void;
  /** Publishes an encoded batch; false when it was dropped. `sequence` counts from 0. */
  readonly onMeasures: (batch: Uint8Array, sequence: number) => boolean;
}

export class PlacedStage implements HostedFlow {
  readonly key: StageKey;
  readonly #options: PlacedStageOptions;
  readonly #consumers: ReadonlySet<string>;
  readonly #ready = Promise.withResolvers<Ready>();
  readonly #over = Promise.withResolvers<void>();
  /** It has reported that it retired, or will not any more. */
  readonly #left = Promise.withResolvers<void>();
  #leaving: Promise<void> | undefined;
  #state: StageState = 'loading';
  #parked = false;
  #inputs: string | undefined;
  #progress: FlowProgress = { frames: 0, held: 0, blocked: 0 };
  #sequence = 0;
  #measureBatches = 0;
  #cpuMs: number | undefined;
  #peakMemoryBytes: number | undefined;
  #retireReason: string | undefined;

  constructor(options: PlacedStageOptions) {
    const { key, host, flow } = options;
    this.key = key;
    this.#options = options;
    this.#consumers = new Set(flow.routes.map(({ to }) => to));
    // Whoever waits for readiness sees the error; when nobody does, the event has told it.
    this.#ready.promise.catch(() => {});
    this.#emit('', undefined);
    host.open(flow, this);
  }

  get host(): StageHost {
    return this.#options.host;
  }

  get alive(): boolean {
    return this.#state !== 'failed' && this.#state !== 'retired';
  }

  /** It failed because it lost a peer, and keeps its process for the next epoch until it is retired. */
  get parked(): boolean {
    return this.#parked && this.#leaving === undefined && this.host.usable;
  }

  get status(): StageStatus {
    const pid = this.alive ? this.host.pid : undefined;
    return { key: this.key, state: this.#state, ...(pid === undefined ? {} : { pid }), frames: this.#progress.frames };
  }

  /** Resolves when it does not live any more, and neither does its process unless that serves other epochs or waits for one. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** How far it is, while it runs. */
  get running(): Omit<StageEvent, 'device'> | undefined {
    if (this.#state !== 'running') return undefined;
    const { frames, held, blocked } = this.#progress;
    return { key: this.key, state: this.#state, reason: '', frames, progress: { held, blocked, silentMs: Math.round(this.host.silentMs) } };
  }

  /** What it used; complete once it is over. */
  get use(): StageUse {
    return {
      key: this.key,
      frames: this.#progress.frames,
      ...(this.#cpuMs === undefined ? {} : { cpuMs: this.#cpuMs }),
      ...(this.#peakMemoryBytes === undefined ? {} : { peakMemoryBytes: this.#peakMemoryBytes }),
      measureBatches: this.#measureBatches,
    };
  }

  /** What the session showed when it was loaded, whenever that was. Rejects with the reason when the stage ends before it is ready. */
  ready(): Promise<Ready> {
    return this.#ready.promise;
  }

  /** Idempotent for the same inputs. Error `conflict` when it is not ready or runs with other inputs. */
  start(start: StageStart): void {
    const wanted = JSON.stringify([`${start.first}`, start.inputs]);
    if (this.#state === 'running' && this.#inputs === wanted) return;
    if (this.#state !== 'ready') {
      const found = this.#state === 'running' ? 'is running with other inputs' : `is ${this.#state}`;
      throw new MeshError('conflict', `${formatStage(this.key)} can't be started: it ${found}`);
    }
    this.#inputs = wanted;
    this.host.send({ kind: 'start', epoch: this.key.epoch, ...start });
    this.#enter('running', '');
  }

  /** Error `conflict` when it has no such route, is still loading or does not live any more. */
  recode(to: string, codecs: CodecCycle): void {
    if (this.#state !== 'ready' && this.#state !== 'running') throw new MeshError('conflict', `${formatStage(this.key)} is ${this.#state}`);
    if (!this.#consumers.has(to)) throw new MeshError('conflict', `${formatStage(this.key)} has no route to ${to}`);
    this.host.send({ kind: 'recode', epoch: this.key.epoch, to, codecs });
  }

  /**
   * Asks it to end, and goes on without its answer after `patienceMs`. Resolves when it is over, together with its process if no other epoch goes
   * through that. Idempotent; the first reason counts, and the shortest patience.
   */
  async retire(reason: string, patienceMs: number): Promise<void> {
    if (this.alive && this.#retireReason === undefined) {
      this.#retireReason = reason;
      this.#ready.reject(new MeshError('cancelled', `${formatStage(this.key)} was retired while it was loading: ${reason}`));
      this.host.send({ kind: 'retire', epoch: this.key.epoch });
    }
    this.#leaving ??= this.#leave();
    const impatient = this.#options.clock.after(patienceMs, () => this.#hurry());
    await this.#leaving;
    impatient.cancel();
  }

  /** Ends it now, as failed with this reason. */
  async abandon(reason: MeshError): Promise<void> {
    this.#fail(reason, undefined);
    this.host.send({ kind: 'retire', epoch: this.key.epoch });
    await this.retire('', 0);
  }

  take(report: FlowReport): void {
    switch (report.kind) {
      case 'opened':
        if (this.#state !== 'loading' || this.host.ready === undefined) return;
        this.#enter('ready', '');
        this.#ready.resolve(this.host.ready);
        return;
      case 'progress':
        this.#progress = report;
        return;
      case 'measure':
        if (this.#options.onMeasures(report.batch, this.#sequence)) this.#measureBatches += 1;
        this.#sequence += 1;
        return;
      case 'retired':
        this.#progress = { frames: Math.max(this.#progress.frames, report.frames), held: 0, blocked: 0 };
        this.#left.resolve();
        return;
      case 'failed':
        // One that is told to retire at the same moment still says so.
        if (!this.alive || this.#retireReason !== undefined) return;
        this.#parked = report.lostPeer !== undefined;
        this.#fail(new MeshError(errorCode(report.code), report.reason), report.lostPeer);
        if (this.#parked) this.#over.resolve();
        else void this.retire('', FAILED_PATIENCE_MS);
    }
  }

  hostLost(reason: MeshError): void {
    this.#fail(reason, undefined);
    this.#left.resolve();
    this.#leaving ??= this.#leave();
  }

  async #leave(): Promise<void> {
    const { host } = this.#options;
    const counts = this.alive;
    if (counts) {
      host.measure();
      await this.#left.promise;
      host.measure();
    }
    const last = await host.remove(this.key.epoch);
    // The process goes on with other epochs: what it used from now on, and since this one failed, is theirs.
    if (counts || last) this.#account();
    if (this.#retireReason !== undefined) this.#enter('retired', this.#retireReason);
    this.#over.resolve();
  }

  #hurry(): void {
    this.#left.resolve();
    this.host.hurry(this.key.epoch);
  }

  #fail(reason: MeshError, lostPeer: string | undefined): void {
    if (!this.alive || this.#retireReason !== undefined) return;
    this.host.measure();
    this.#account();
    this.#enter('failed', reason.message, lostPeer);
    this.#ready.reject(reason);
  }

  #account(): void {
    const { cpuMs, peakMemoryBytes } = this.host.takeUse();
    if (cpuMs !== undefined) this.#cpuMs = (this.#cpuMs ?? 0) + cpuMs;
    this.#peakMemoryBytes = peakMemoryBytes ?? this.#peakMemoryBytes;
  }

  #enter(state: StageState, reason: string, lostPeer?: string): void {
    this.#state = state;
    this.#emit(reason, lostPeer);
  }

  #emit(reason: string, lostPeer: string | undefined): void {
    this.#options.onEvent({
      key: this.key,
      state: this.#state,
      reason,
      ...(lostPeer === undefined ? {} : { lostPeer }),
      frames: this.#progress.frames,
    });
  }
}
