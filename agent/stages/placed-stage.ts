/**
 * One stage placed on this device, from the order to load it until its process is gone. A state machine over what the process reports:
 *
 *     loading ──ready──▶ ready ──start──▶ running ──retire──▶ retired
 *        └───────────────┴───────────────┴──── failed, crashed, killed ──▶ failed
 *
 * The first reason counts: a stage that reported why it fails is not said to have "ended with code 1" afterwards. Whatever the end, its
 * process is gone, its group and folder are removed, and what it used is known.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { CodecCycle } from '../../mesh/codec-cycle.ts';
import { type ErrorCode, MeshError } from '../../mesh/error.ts';
import { formatStage, type StageEvent, type StageKey, type StageState, type StageStatus, type StageUse } from '../../mesh/stage.ts';
import type { StageGroup } from '../cgroup/device-group.ts';
import type { CgroupUsage } from '../cgroup/hierarchy.ts';
import type { LoadOrder, Report } from '../stage/protocol.ts';
import { exitReason } from './exit-reason.ts';
import { processUsage } from './proc-usage.ts';
import { type ChildEnd, StageChild, type StageLaunch } from './stage-child.ts';
import type { StageStart } from './stage-order.ts';

/** How long a stage may take to end by itself after it said that it failed. */
const FAILED_PATIENCE_MS = 1_000;

export interface PlacedStageOptions {
  readonly key: StageKey;
  readonly launch: StageLaunch;
  readonly order: LoadOrder;
  readonly group: StageGroup | undefined;
  /** For messages. */
  readonly memoryLimitBytes: number | undefined;
  /** Called at each change of state. */
  readonly onEvent: (event: Omit<StageEvent, 'device'>) => void;
  /** Publishes an encoded batch; false when it was dropped. `sequence` counts from 0. */
  readonly onMeasures: (batch: Uint8Array, sequence: number) => boolean;
  /** Called once, when the process is gone: removes its folder. Must not reject. */
  readonly onGone: () => Promise<void>;
}

export type Ready = Extract<Report, { kind: 'ready' }>;

export class PlacedStage {
  readonly key: StageKey;
  /** Resolves when the process is gone and cleaned up after. */
  readonly gone: Promise<void>;
  readonly #options: PlacedStageOptions;
  readonly #child: StageChild;
  readonly #ready = Promise.withResolvers<Ready>();
  readonly #gone = Promise.withResolvers<void>();
  #state: StageState = 'loading';
  readonly #consumers: ReadonlySet<string>;
  #inputs: string | undefined;
  #frames = 0;
  #sequence = 0;
  #measureBatches = 0;
  #usage: CgroupUsage = { oomKills: 0 };
  #retireReason: string | undefined;

  constructor(options: PlacedStageOptions) {
    this.key = options.key;
    this.#consumers = new Set(options.order.routes.map(({ to }) => to));
    this.#options = options;
    this.gone = this.#gone.promise;
    // Whoever waits for readiness sees the error; when nobody does, the event has told it.
    this.#ready.promise.catch(() => {});
    this.#emit('', undefined);
    this.#child = new StageChild(options.launch, {
      report: (report) => this.#take(report),
      ended: (end) => this.#end(end),
    });
    this.#child.send(options.order);
  }

  get alive(): boolean {
    return this.#state !== 'failed' && this.#state !== 'retired';
  }

  get status(): StageStatus {
    const pid = this.alive ? this.#child.pid : undefined;
    return { key: this.key, state: this.#state, ...(pid === undefined ? {} : { pid }), frames: this.#frames };
  }

  /** What it used; complete once it is gone. */
  get use(): StageUse {
    const { cpuMs, peakMemoryBytes } = this.#usage;
    return {
      key: this.key,
      frames: this.#frames,
      ...(cpuMs === undefined ? {} : { cpuMs }),
      ...(peakMemoryBytes === undefined ? {} : { peakMemoryBytes }),
      measureBatches: this.#measureBatches,
    };
  }

  /** Rejects with the reason when the stage ends before it is ready. */
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
    this.#child.send({ kind: 'start', ...start });
    this.#enter('running', '');
  }

  /** Error `conflict` when it has no such route, is still loading or does not live any more. */
  recode(to: string, codecs: CodecCycle): void {
    if (this.#state !== 'ready' && this.#state !== 'running') throw new MeshError('conflict', `${formatStage(this.key)} is ${this.#state}`);
    if (!this.#consumers.has(to)) throw new MeshError('conflict', `${formatStage(this.key)} has no route to ${to}`);
    this.#child.send({ kind: 'recode', to, codecs });
  }

  /** Asks it to end, and ends it after `patienceMs`. Resolves when it is gone. Idempotent; the first reason counts. */
  async retire(reason: string, patienceMs: number): Promise<void> {
    if (this.alive && this.#retireReason === undefined) {
      this.#retireReason = reason;
      this.#ready.reject(new MeshError('cancelled', `${formatStage(this.key)} was retired while it was loading: ${reason}`));
      this.#measureUse();
      this.#child.send({ kind: 'retire' });
    }
    await this.#goneWithin(patienceMs);
  }

  /** Ends it now, as failed with this reason. */
  async abandon(reason: MeshError): Promise<void> {
    this.#fail(reason, undefined);
    await this.#goneWithin(0);
  }

  async #goneWithin(patienceMs: number): Promise<void> {
    const patience = new AbortController();
    const kill = delay(patienceMs, undefined, { signal: patience.signal }).then(
      () => this.#child.kill(),
      () => {},
    );
    await this.gone;
    patience.abort();
    await kill;
  }

  #take(report: Report): void {
    switch (report.kind) {
      case 'ready':
        if (this.#state !== 'loading') return;
        this.#enter('ready', '');
        this.#ready.resolve(report);
        return;
      case 'progress':
      case 'retired':
        this.#frames = Math.max(this.#frames, report.frames);
        return;
      case 'measure':
        if (this.#options.onMeasures(report.batch, this.#sequence)) this.#measureBatches += 1;
        this.#sequence += 1;
        return;
      case 'failed':
        this.#fail(new MeshError(errorCode(report.code), report.reason), report.lostPeer);
        void this.#goneWithin(FAILED_PATIENCE_MS);
    }
  }

  #end(end: ChildEnd): void {
    const { group, memoryLimitBytes } = this.#options;
    if (group !== undefined) this.#usage = group.usage();
    if (this.#retireReason === undefined) this.#fail(exitReason({ ...end, oomKills: this.#usage.oomKills, memoryLimitBytes }), undefined);
    else this.#enter('retired', this.#retireReason);
    group?.remove();
    void this.#options.onGone().then(this.#gone.resolve);
  }

  #fail(reason: MeshError, lostPeer: string | undefined): void {
    if (!this.alive || this.#retireReason !== undefined) return;
    this.#measureUse();
    this.#enter('failed', reason.message, lostPeer);
    this.#ready.reject(reason);
  }

  /** Without a cgroup only a living process can be asked. */
  #measureUse(): void {
    const { pid } = this.#child;
    if (this.#options.group === undefined && pid !== undefined) this.#usage = processUsage(pid);
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
      frames: this.#frames,
    });
  }
}

const knownCodes: ReadonlySet<string> = new Set<ErrorCode>([
  'invalid',
  'exhausted',
  'unsupported',
  'lost',
  'unreachable',
  'timeout',
  'denied',
  'conflict',
]);

function errorCode(code: string): ErrorCode {
  return knownCodes.has(code) ? (code as ErrorCode) : 'failed';
}
