/**
 * One benchmark run on this device, from its order to its record.
 *
 *     files ──▶ page cache ──▶ what the device is like ──▶ group ──▶ process, waiting ──▶ go ══ samples, words ══▶ ended, deadline, cancelled
 *                                                                                                        ──▶ nobody left ──▶ record
 */
import type { BenchEvent } from '../../mesh/bench/event.ts';
import type { BenchLimits, BenchOrder, PageCache } from '../../mesh/bench/order.ts';
import type { Outcome } from '../../mesh/bench/outcome.ts';
import type { BenchEnvironment, BenchRecord } from '../../mesh/bench/record.ts';
import type { ResourceUse } from '../../mesh/bench/use.ts';
import { type Clock, every, pause, type Timer } from '../../mesh/clock.ts';
import type { Device, DeviceLoad } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';
import { optional } from '../../mesh/wire-number.ts';
import type { BenchGroup } from '../cgroup/bench-group.ts';
import type { DeviceGroup } from '../cgroup/device-group.ts';
import { readPageBytes } from '../hardware.ts';
import { averageW } from '../sensors.ts';
import { BenchChild, type BenchChildEnd } from './bench-child.ts';
import { readNetworkBytes } from './device-network.ts';
import { EnergyMeter } from './energy.ts';
import { belowFloor } from './floors.ts';
import { liveView } from './live-view.ts';
import { readMachineState } from './machine-state.ts';
import { type EndFacts, outcomeOf } from './outcome.ts';
import { dropFiles, warmFiles } from './page-cache.ts';
import { attachPerf, type PerfCounters } from './perf-counters.ts';
import { killTree, processesOf, TreeMeter } from './process-tree.ts';
import { UseSampler } from './sampler.ts';
import { isThrashing, ThrashWatch } from './thrashing.ts';
import { Told } from './told.ts';
import { markerOf, type Workplace, type Workplaces } from './workplace.ts';

export interface BenchTools {
  readonly device: () => Device;
  /** Undefined: this agent may not make groups. */
  readonly group: DeviceGroup | undefined;
  readonly workplaces: Workplaces;
  readonly readLoad: () => DeviceLoad;
  /** Stages that are on the device. */
  readonly stages: () => number;
  /** `/`, or a folder that stands for it in a test. */
  readonly root: string;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/** How long power is looked at before the run. */
const IDLE_MS = 1_000;
/** How often it is looked whether it thrashes. */
const LOOK_MS = 1_000;

/**
 * Its turn has come. What the run itself does wrong is in its record; what the agent can't do is an error: `denied` (limits can't be enforced, commands are
 * not allowed), `not-found` (a blob), `exhausted` (disk). When `signal` aborts all of it is killed, and the record says so.
 */
export async function benchRun(
  order: BenchOrder,
  tools: BenchTools,
  tell: (event: BenchEvent) => void,
  signal: AbortSignal,
): Promise<BenchRecord> {
  const { workplaces } = tools;
  workplaces.check(order);
  if (order.enforce && tools.group === undefined) throw noGroups(tools.device().name);
  const workplace = await workplaces.prepare(order);
  try {
    const warnings = await setPageCache(order.pageCache, workplace.files);
    const environment = environmentOf(order, workplace, tools);
    if ((order.limits.swapBytes ?? 0) > 0 && environment.swapTotalBytes === 0)
      warnings.push('the device has no swap: it made no difference');
    const why =
      tooFewThreads(order, environment) ??
      belowFloor(order.limits, { cores: environment.device.cores, pageBytes: readPageBytes(tools.root) });
    if (why !== undefined) return { ...unbegun(order, environment, tools.wallClock()), outcome: { kind: 'refused', why }, warnings };
    const group = order.enforce ? tools.group!.addBench(order.limits) : undefined;
    try {
      warnings.push(...(group?.warnings ?? []));
      return await new BenchRun({ order, workplace, environment, group, tools, tell, warnings }).run(signal);
    } finally {
      group?.remove();
    }
  } finally {
    await workplace.remove();
  }
}

interface Circumstances {
  readonly order: BenchOrder;
  readonly workplace: Workplace;
  readonly environment: BenchEnvironment;
  readonly group: BenchGroup | undefined;
  readonly tools: BenchTools;
  readonly tell: (event: BenchEvent) => void;
  readonly warnings: string[];
}

class BenchRun {
  readonly #on: Circumstances;
  readonly #told: Told;
  #sampler: UseSampler | undefined;
  #pid = 0;
  /** Why it was, and whether its last seconds were spent thrashing. */
  #killed: { readonly why: NonNullable<EndFacts['killed']>; readonly thrashing: boolean } | undefined;

  constructor(on: Circumstances) {
    this.#on = on;
    this.#told = new Told(on.order.workload.kind === 'command', () => this.#sampler?.elapsedMs ?? 0, on.tell);
  }

  async run(signal: AbortSignal): Promise<BenchRecord> {
    const { workplace, group, order, tools, tell, environment } = this.#on;
    const energy = new EnergyMeter(tools.root);
    const idleW = await idlePower(energy, tools.clock, signal);
    const child = new BenchChild(
      { ...workplace, procsFiles: group?.procsFiles ?? [], order: workplace.order },
      { line: (stream, line) => this.#told.line(stream, line), report: (message) => this.#told.report(message) },
    );
    if (child.pid === undefined) await child.ended;
    this.#pid = child.pid!;
    let perf: PerfCounters | undefined;
    let live: Disposable | undefined;
    const timers: Timer[] = [];
    const stop = (): void => this.#kill('cancelled');
    try {
      perf = await attachPerf(this.#pid);
      this.#sampler = new UseSampler({
        group,
        tree: new TreeMeter(tools.root),
        processes: () => this.#processes(),
        network: () => readNetworkBytes(tools.root),
        energy: (nowMs) => energy.read(nowMs),
        idleW,
        cores: group?.limits.cpuQuotaCores ?? environment.device.cores,
        clock: tools.clock,
      });
      const startedMs = tools.wallClock();
      tell({ kind: 'started', environment });
      live = liveView(() => this.#processes(), tools.clock, tell);
      this.#sampler.start();
      child.go();
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
      const watch = new ThrashWatch();
      timers.push(
        tools.clock.after(order.deadlineMs, () => this.#kill('past its deadline')),
        every(tools.clock, LOOK_MS, () => {
          if (watch.look(this.#sampler!.recent(), tools.clock.now())) this.#kill('thrashing');
        }),
      );
      const end = await child.ended;
      const use = { ...this.#sampler.stop(), ...(await perf?.stop()) };
      perf = undefined;
      await this.#clearAway();
      await child.settled();
      return this.#record(end, use, startedMs);
    } finally {
      signal.removeEventListener('abort', stop);
      for (const timer of timers) timer.cancel();
      live?.[Symbol.dispose]();
      await perf?.stop();
      await this.#killAll();
    }
  }

  #processes(): number[] {
    const { group, order, tools } = this.#on;
    return group?.processes() ?? processesOf(this.#pid, markerOf(order.run), tools.root);
  }

  #kill(why: NonNullable<EndFacts['killed']>): void {
    this.#killed ??= { why, thrashing: this.#sampler !== undefined && isThrashing(this.#sampler.recent()) };
    void this.#killAll();
  }

  /** True when none is left. */
  async #killAll(): Promise<boolean> {
    const { group, order, tools } = this.#on;
    if (group === undefined) return await killTree(this.#pid, markerOf(order.run), tools.root);
    group.kill();
    return group.processes().length === 0;
  }

  /** A program that has ended may have left others behind, which would disturb the next run. */
  async #clearAway(): Promise<void> {
    const left = this.#processes().filter((pid) => pid !== this.#pid).length;
    const none = await this.#killAll();
    if (!none) this.#on.warnings.push('some of its processes could not be killed');
    if (left > 0 && this.#killed === undefined)
      this.#on.warnings.push(
        left === 1 ? 'a process that it had left behind was killed' : `${left} processes that it had left behind were killed`,
      );
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
      series: this.#sampler!.series,
      ...this.#told.facts(),
    };
  }

  #outcome({ code, signal }: BenchChildEnd, { oomKills = 0 }: ResourceUse): Outcome {
    const { failure, computed, lastWords } = this.#told;
    const { why, thrashing = false } = this.#killed ?? {};
    const ended = outcomeOf({ code, signal, oomKills, killed: why, thrashing, allocationFailed: ALLOCATION_FAILED.test(lastWords) });
    // The runtime does not take the model: there was nothing to measure.
    return ended.kind === 'crashed' && failure !== undefined && !computed ? { kind: 'refused', why: failure } : ended;
  }
}

/** Threads of a process of Node's besides those that compute: with fewer it aborts or hangs (Node 24 ran with 8, hung with 4). */
const THREADS_OWN = 12;

function tooFewThreads({ workload, limits }: BenchOrder, { intraOpThreads = 1 }: BenchEnvironment): string | undefined {
  const least = THREADS_OWN + intraOpThreads;
  if (workload.kind !== 'inference' || limits.pids === undefined || limits.pids >= least) return undefined;
  return `${limits.pids} processes and threads were asked for, and inference wants ${least}: those that compute, and Node's own`;
}

/** Node's and ONNX Runtime's words. */
const ALLOCATION_FAILED = /JavaScript heap out of memory|std::bad_alloc|Failed to allocate memory/;

function noGroups(device: string): MeshError {
  return new MeshError('denied', `${device} can't limit a benchmark: its agent may not make cgroups`, {
    hint: 'run the agent as root or as a systemd service with Delegate=yes; or run the benchmark without limits: --no-limits',
  });
}

async function setPageCache(wanted: PageCache, files: readonly string[]): Promise<string[]> {
  if (wanted === 'warm') await warmFiles(files);
  return wanted === 'cold' ? await dropFiles(files) : [];
}

/** Watts of the device as it is before the run; undefined where nothing tells. */
async function idlePower(energy: EnergyMeter, clock: Clock, signal: AbortSignal): Promise<number | undefined> {
  const startMs = clock.now();
  const before = energy.read(startMs);
  if (before === undefined) return undefined;
  await pause(clock, IDLE_MS, signal);
  const endMs = clock.now();
  const after = energy.read(endMs);
  return after === undefined ? undefined : averageW({ joules: before, nowMs: startMs }, { joules: after, nowMs: endMs });
}

function environmentOf(order: BenchOrder, { intraOpThreads, heapMiBMax, env, folder }: Workplace, tools: BenchTools): BenchEnvironment {
  const device = tools.device();
  return {
    device,
    ...readMachineState(tools.root),
    ...optional('cpuBusyCores', tools.readLoad().cpuBusyCores),
    ...(order.enforce && tools.group !== undefined ? { cgroup: tools.group.version } : {}),
    ...optional('intraOpThreads', intraOpThreads),
    ...optional('heapMiBMax', heapMiBMax),
    pageCache: order.pageCache,
    stages: tools.stages(),
    env,
    workingFolder: folder,
  };
}

function unbegun({ run, limits }: BenchOrder, environment: BenchEnvironment, startedMs: number): Omit<BenchRecord, 'outcome' | 'warnings'> {
  const nothing: Pick<BenchRecord, 'exit' | 'phases' | 'use' | 'series' | 'metrics'> = {
    exit: {},
    phases: [],
    use: {},
    series: [],
    metrics: [],
  };
  return { run, limits: limits satisfies BenchLimits, environment, startedMs, ...nothing, metricsLost: 0, lastWords: '' };
}
