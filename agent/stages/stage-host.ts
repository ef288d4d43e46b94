/**
 * One stage process and what it takes on this device: its group, its folder, its memory. It serves flows, one per epoch, and ends with the last of
 * them, whatever they ended with:
 *
 *     launch ──▶ loading ──▶ ready ══ flows come and go ══▶ the last one is removed ──▶ ending ──▶ gone
 *                  └───────────┴──── failed, crashed, killed: all its flows have lost their host ──▶ gone
 *
 * A flow that lost its peer stays here, so that a host without running flows waits for the next epoch (placed-stage.ts).
 */
import type { Clock, Timer } from '../../mesh/clock.ts';
import { type ErrorCode, MeshError } from '../../mesh/error.ts';
import type { Epoch } from '../../mesh/frame.ts';
import type { StageGroup } from '../cgroup/device-group.ts';
import type { CgroupUsage } from '../cgroup/hierarchy.ts';
import type { FlowReport, LoadOrder, OpenOrder, Order, Report } from '../stage/protocol.ts';
import { exitReason } from './exit-reason.ts';
import type { Launch, LaunchEnd, LaunchedStage, StageSurroundings } from './launch.ts';

/** How long a process may take to end by itself after it said that it failed. */
const FAILED_PATIENCE_MS = 1_000;

export interface StageHostOptions {
  /** Two orders with the same are served by the same process. */
  readonly identity: string;
  readonly order: LoadOrder;
  readonly launch: Launch;
  readonly surroundings: StageSurroundings;
  readonly group: StageGroup | undefined;
  /** For messages. */
  readonly memoryLimitBytes: number | undefined;
  readonly clock: Clock;
  /** Called once, when the process is gone: gives back what it took. Must not reject. */
  readonly onGone: () => Promise<void>;
}

export interface HostedFlow {
  take(report: FlowReport): void;
  /** The process failed, or is gone. Called at most once. */
  hostLost(reason: MeshError): void;
}

export type Ready = Extract<Report, { kind: 'ready' }>;

export interface HostUse {
  /** Since this was asked last. */
  readonly cpuMs?: number;
  /** So far. */
  readonly peakMemoryBytes?: number;
}

export class StageHost {
  readonly identity: string;
  /** Resolves when the process is gone and cleaned up after. */
  readonly gone: Promise<void>;
  readonly #options: StageHostOptions;
  readonly #child: LaunchedStage;
  readonly #flows = new Map<Epoch, HostedFlow>();
  /** Epochs whose flows nobody waits for any longer. */
  readonly #hurried = new Set<Epoch>();
  readonly #gone = Promise.withResolvers<void>();
  readonly #timers: Timer[] = [];
  #ready: Ready | undefined;
  #usable = true;
  #usage: CgroupUsage = { oomKills: 0 };
  #countedCpuMs = 0;
  #heardMs: number;

  /** Starts the process. */
  constructor(options: StageHostOptions) {
    this.#options = options;
    this.identity = options.identity;
    this.gone = this.#gone.promise;
    this.#heardMs = options.clock.now();
    this.#child = options.launch(options.surroundings, {
      report: (report) => this.#take(report),
      ended: (end) => this.#end(end),
    });
    this.#child.send(options.order);
  }

  /** It can serve more flows. */
  get usable(): boolean {
    return this.#usable;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get order(): LoadOrder {
    return this.#options.order;
  }

  /** What the session showed; there is one when a flow has been opened. */
  get ready(): Ready | undefined {
    return this.#ready;
  }

  /** Milliseconds since the process spoke last, or was started. */
  get silentMs(): number {
    return this.#options.clock.now() - this.#heardMs;
  }

  /** The flow is told what the process says of it. */
  open(order: OpenOrder, flow: HostedFlow): void {
    this.#flows.set(order.epoch, flow);
    this.#child.send(order);
  }

  send(order: Order): void {
    this.#child.send(order);
  }

  /** The flow needs the process no more. False: others do. True, when the process is gone: that was the last one. */
  async remove(epoch: Epoch): Promise<boolean> {
    this.#flows.delete(epoch);
    if (this.#flows.size > 0) return false;
    if (this.#usable) {
      this.#usable = false;
      this.measure();
      this.#child.send({ kind: 'end' });
    }
    this.#killIfHurried(epoch);
    await this.gone;
    return true;
  }

  /** Nobody waits for this flow: the process is killed, unless it serves others. */
  hurry(epoch: Epoch): void {
    this.#hurried.add(epoch);
    this.#killIfHurried(epoch);
  }

  /** It hangs: all its flows are lost. */
  kill(): void {
    this.#usable = false;
    this.#child.kill();
  }

  /** Without a cgroup only a living process can be asked what it used. */
  measure(): void {
    this.#usage = this.#options.group?.usage() ?? this.#child.usage() ?? this.#usage;
  }

  /** Every millisecond is counted once, for whoever asks first. */
  takeUse(): HostUse {
    const { cpuMs, peakMemoryBytes } = this.#usage;
    const counted = this.#countedCpuMs;
    this.#countedCpuMs = Math.max(counted, cpuMs ?? 0);
    return {
      ...(cpuMs === undefined ? {} : { cpuMs: this.#countedCpuMs - counted }),
      ...(peakMemoryBytes === undefined ? {} : { peakMemoryBytes }),
    };
  }

  #killIfHurried(epoch: Epoch): void {
    const wanted = [...this.#flows.keys()].some((other) => !this.#hurried.has(other));
    if (!wanted && this.#hurried.has(epoch)) this.#child.kill();
  }

  #take(report: Report): void {
    this.#heardMs = this.#options.clock.now();
    if (report.kind === 'ready') this.#ready ??= report;
    else if (report.epoch !== undefined) this.#flows.get(report.epoch)?.take(report);
    else {
      this.#timers.push(this.#options.clock.after(FAILED_PATIENCE_MS, () => this.#child.kill()));
      this.measure();
      this.#lose(new MeshError(errorCode(report.code), report.reason));
    }
  }

  #end(end: LaunchEnd): void {
    const { group, memoryLimitBytes, onGone } = this.#options;
    for (const timer of this.#timers) timer.cancel();
    if (group !== undefined) this.#usage = group.usage();
    this.#lose(exitReason({ ...end, oomKills: this.#usage.oomKills, memoryLimitBytes }));
    group?.remove();
    void onGone().then(this.#gone.resolve);
  }

  #lose(reason: MeshError): void {
    this.#usable = false;
    for (const flow of [...this.#flows.values()]) flow.hostLost(reason);
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

/** What a stage process says is not believed blindly. */
export function errorCode(code: string): ErrorCode {
  return knownCodes.has(code) ? (code as ErrorCode) : 'failed';
}
