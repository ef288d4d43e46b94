/**
 * The process of a benchmark run, followed from its first instruction until nothing of it is left.
 *
 *     process, waiting ──▶ counters at 0 ──▶ go ══ samples, words ══▶ ended, or killed: deadline, thrashing, cancelled ──▶ nobody left ──▶ record
 *
 * What breaks on the agent's side meanwhile (a file of the kernel that can't be read) ends the run with an error, never the agent.
 */
import type { BenchEvent } from '../../mesh/bench/event.ts';
import type { BenchOrder } from '../../mesh/bench/order.ts';
import type { Outcome } from '../../mesh/bench/outcome.ts';
import type { BenchEnvironment, BenchRecord } from '../../mesh/bench/record.ts';
import type { ResourceUse } from '../../mesh/bench/use.ts';
import { type Clock, every, type Timer } from '../../mesh/clock.ts';
import { optional } from '../../mesh/wire-number.ts';
import type { BenchGroup } from '../cgroup/bench-group.ts';
import { BenchChild, type BenchChildEnd } from './bench-child.ts';
import { readNetworkBytes } from './device-network.ts';
import type { EnergyMeter } from './energy.ts';
import { liveView } from './live-view.ts';
import { type EndFacts, outcomeOf } from './outcome.ts';
import { attachPerf, type PerfCounters } from './perf-counters.ts';
import { killTree, processesOf, TreeMeter } from './process-tree.ts';
import { endText, RunServer } from './run-server.ts';
import { UseSampler } from './sampler.ts';
import { isThrashing, ThrashWatch } from './thrashing.ts';
import { Told } from './told.ts';
import { markerOf, type Workplace } from './workplace.ts';

export interface Circumstances {
  readonly order: BenchOrder;
  readonly workplace: Workplace;
  readonly environment: BenchEnvironment;
  readonly group: BenchGroup | undefined;
  readonly energy: EnergyMeter;
  /** Power before the run; undefined where nothing tells. */
  readonly idleW: number | undefined;
  readonly tell: (event: BenchEvent) => void;
  /** Those that are found here are added. */
  readonly warnings: string[];
  /** `/`, or a folder that stands for it in a test. */
  readonly root: string;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/** How often it is looked whether it thrashes. */
const LOOK_MS = 1_000;

/** Node's and ONNX Runtime's words. */
const ALLOCATION_FAILED = /JavaScript heap out of memory|std::bad_alloc|Failed to allocate memory/;

type KillReason = NonNullable<EndFacts['killed']>;

export class Measurement {
  readonly #on: Circumstances;
  readonly #told: Told;
  readonly #sampler: UseSampler;
  /** Rejects when the agent can't follow it any more. */
  readonly #broken = Promise.withResolvers<never>();
  #pid = 0;
  /** Why its server, and so the program, could not begin. */
  #notReady: string | undefined;
  /** Why it was, and whether its last seconds were spent thrashing. */
  #killed: { readonly why: KillReason; readonly thrashing: boolean } | undefined;

  constructor(on: Circumstances) {
    this.#on = on;
    const { order, group, energy, idleW, root, tell } = on;
    this.#broken.promise.catch(() => {});
    this.#sampler = new UseSampler({
      ...{ group, idleW, clock: this.#guardedClock() },
      tree: new TreeMeter(root),
      processes: () => this.#processes(),
      network: () => readNetworkBytes(root),
      energy: (nowMs) => energy.read(nowMs),
    });
    this.#told = new Told(order.workload.kind === 'command', () => this.#sampler.elapsedMs, tell);
  }

  async run(signal: AbortSignal): Promise<BenchRecord> {
    const { workplace, group, tell, environment, wallClock } = this.#on;
    signal.throwIfAborted();
    const child = await BenchChild.start(
      { ...workplace, procsFiles: group?.procsFiles ?? [], order: workplace.order },
      {
        line: (stream, line) => this.#told.line(stream, line),
        metricsLine: (line) => this.#told.metricsLine(line),
        report: (message) => this.#told.report(message),
      },
    );
    this.#pid = child.pid;
    let server: RunServer | undefined;
    let perf: PerfCounters | undefined;
    try {
      perf = await attachPerf(this.#pid);
      signal.throwIfAborted();
      const startedMs = wallClock();
      tell({ kind: 'started', environment });
      this.#sampler.start();
      server = await this.#startServer(signal);
      if (this.#notReady === undefined) child.go();
      else child.kill();
      const end = await this.#watched(child, signal);
      await this.#endServer(server);
      const use = { ...this.#sampler.stop(), ...(await perf?.stop()) };
      perf = undefined;
      await this.#clearAway();
      await child.settled();
      return this.#record(end, use, startedMs);
    } finally {
      this.#sampler.close();
      try {
        await perf?.stop();
        await this.#killAll();
      } finally {
        await server?.stop();
        // Also when nothing can be read any more.
        child.kill();
        await child.settled();
      }
    }
  }

  /** Undefined: there is none to start. */
  async #startServer(signal: AbortSignal): Promise<RunServer | undefined> {
    const { order, workplace, group } = this.#on;
    const wanted = order.workload.kind === 'command' ? order.workload.server : undefined;
    if (wanted === undefined) return undefined;
    this.#told.report({ kind: 'phase', name: 'server' });
    const { env, folder } = workplace;
    const server = await RunServer.start(wanted, { env, folder, procsFiles: group?.procsFiles ?? [] }, (stream, line) =>
      this.#told.serverLine(stream, line),
    );
    try {
      this.#notReady = await server.ready(signal);
    } catch (error) {
      await server.stop();
      throw error;
    }
    if (this.#notReady === undefined) this.#told.report({ kind: 'phase', name: 'program' });
    return server;
  }

  async #endServer(server: RunServer | undefined): Promise<void> {
    if (server === undefined) return;
    const { ended } = server;
    if (ended !== undefined && this.#notReady === undefined) this.#on.warnings.push(`its server ended before it: ${endText(ended)}`);
    await server.stop();
  }

  /** Until its process has ended. What comes later (its deadline, that nobody waits any more) says nothing about it. */
  async #watched(child: BenchChild, signal: AbortSignal): Promise<BenchChildEnd> {
    const { order, tell } = this.#on;
    const clock = this.#guardedClock();
    const watch = new ThrashWatch();
    const cancel = (): void => this.#kill('cancelled');
    const timers: readonly Timer[] = [
      clock.after(order.deadlineMs, () => this.#kill('past its deadline')),
      every(clock, LOOK_MS, () => {
        if (watch.look(this.#sampler.recent(), clock.now())) this.#kill('thrashing');
      }),
    ];
    using _live = liveView(() => this.#processes(), clock, tell);
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
    try {
      return await Promise.race([child.ended, this.#broken.promise]);
    } finally {
      signal.removeEventListener('abort', cancel);
      for (const timer of timers) timer.cancel();
    }
  }

  /** What fails when a timer calls would end the agent: here it ends the run. */
  #guardedClock(): Clock {
    const { clock } = this.#on;
    const guarded = (then: () => void) => (): void => {
      try {
        then();
      } catch (error) {
        this.#broken.reject(error);
      }
    };
    return { now: clock.now, after: (ms, then) => clock.after(ms, guarded(then)) };
  }

  #processes(): number[] {
    const { group, order, root } = this.#on;
    return group?.processes() ?? processesOf(this.#pid, markerOf(order.run), root);
  }

  #kill(why: KillReason): void {
    this.#killed ??= { why, thrashing: isThrashing(this.#sampler.recent()) };
    this.#killAll().catch((error: unknown) => this.#broken.reject(error));
  }

  /** True when none is left. */
  async #killAll(): Promise<boolean> {
    const { group, order, root } = this.#on;
    if (group === undefined) return await killTree(this.#pid, markerOf(order.run), root);
    group.kill();
    return group.processes().length === 0;
  }

  /** A program that has ended may have left others behind, which would disturb the next run. */
  async #clearAway(): Promise<void> {
    const { warnings } = this.#on;
    const left = this.#processes().filter((pid) => pid !== this.#pid).length;
    const none = await this.#killAll();
    if (!none) warnings.push('some of its processes could not be killed');
    if (left === 0 || this.#killed !== undefined) return;
    warnings.push(left === 1 ? 'a process that it had left behind was killed' : `${left} processes that it had left behind were killed`);
  }

  #record({ code, signal }: BenchChildEnd, use: ResourceUse, startedMs: number): BenchRecord {
    const { order, environment, group, warnings } = this.#on;
    return {
      run: order.run,
      outcome: this.#outcome({ code, signal }, use),
      limits: group?.limits ?? {},
      warnings,
      environment,
      startedMs,
      exit: { ...optional('code', code ?? undefined), ...optional('signal', signal ?? undefined) },
      use,
      series: this.#sampler.series,
      ...optional('backgroundLoad', order.backgroundLoad),
      ...this.#told.facts(),
    };
  }

  #outcome({ code, signal }: BenchChildEnd, { oomKills = 0 }: ResourceUse): Outcome {
    const { failure, computed, lastWords } = this.#told;
    const { why, thrashing = false } = this.#killed ?? {};
    if (this.#notReady !== undefined && oomKills === 0 && why === undefined) return { kind: 'refused', why: this.#notReady };
    const ended = outcomeOf({ code, signal, oomKills, killed: why, thrashing, allocationFailed: ALLOCATION_FAILED.test(lastWords) });
    // The runtime does not take the model: there was nothing to measure.
    return ended.kind === 'crashed' && failure !== undefined && !computed ? { kind: 'refused', why: failure } : ended;
  }
}
