/**
 * Follows what a run uses: ten times a second, and once at each end.
 *
 *     start ──┬──┬──┬──┬──┬──┬── stop          counters: end − start       levels: the highest seen; peaks: the kernel's own
 *
 * The control group's accounting is the record; where there is none, the processes are asked one by one.
 */
import { UseSeries } from '../../mesh/bench/series.ts';
import type { ResourceUse } from '../../mesh/bench/use.ts';
import { type Clock, every, type Timer } from '../../mesh/clock.ts';
import { optional } from '../../mesh/wire-number.ts';
import type { BenchGroup, GroupReading } from '../cgroup/bench-group.ts';
import type { NetworkBytes } from './device-network.ts';
import type { TreeMeter, TreeReading } from './process-tree.ts';
import type { RecentUse } from './thrashing.ts';

const SAMPLE_MS = 100;
/** What is looked at to tell a run that thrashes from one that is slow. */
const RECENT_MS = 2_000;

export interface SamplerOptions {
  readonly group: BenchGroup | undefined;
  readonly tree: TreeMeter;
  readonly processes: () => readonly number[];
  readonly network: () => NetworkBytes | undefined;
  /** Joules so far. */
  readonly energy: (nowMs: number) => number | undefined;
  /** Power before the run. */
  readonly idleW: number | undefined;
  readonly clock: Clock;
}

interface Reading extends Partial<GroupReading> {
  readonly atMs: number;
}

export class UseSampler {
  readonly #options: SamplerOptions;
  readonly #series = new UseSeries();
  readonly #recent: Reading[] = [];
  #timer: Timer | undefined;
  #startMs: number | undefined;
  #endMs: number | undefined;
  #first: Reading = { atMs: 0 };
  #last: Reading = { atMs: 0 };
  #tree: TreeReading | undefined;
  #networkFirst: NetworkBytes | undefined;
  #energyFirst: number | undefined;
  #energyLast: number | undefined;
  #unreclaimableMax = 0;
  #swapMax = 0;

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  /** The program begins now. */
  start(): void {
    const { clock, network, energy } = this.#options;
    this.#networkFirst = network();
    this.#energyFirst = energy(clock.now());
    this.#first = this.#read();
    // Looking takes a millisecond, which is not the program's.
    this.#startMs = clock.now();
    this.#timer = every(clock, SAMPLE_MS, () => this.#sample());
  }

  /** Since the program began, until it has ended. 0 before. */
  get elapsedMs(): number {
    return this.#startMs === undefined ? 0 : (this.#endMs ?? this.#options.clock.now()) - this.#startMs;
  }

  get series(): UseSeries['samples'] {
    return this.#series.samples;
  }

  /** Of its last two seconds. */
  recent(): RecentUse {
    const { group } = this.#options;
    const newest = this.#recent.at(-1) ?? this.#last;
    const oldest = this.#recent[0] ?? this.#first;
    const tookMs = Math.max(1, newest.atMs - oldest.atMs);
    const perMs = (name: 'memoryStalledFullMs' | 'majorFaults' | 'cpuUserMs'): number | undefined => {
      const grew = difference(newest[name], oldest[name]);
      return grew === undefined ? undefined : grew / tookMs;
    };
    const userCores = perMs('cpuUserMs');
    const { memoryLimitBytes: limitBytes, cpuQuotaCores = 1 } = group?.limits ?? {};
    return {
      memoryShare: limitBytes === undefined ? undefined : (newest.totalBytes ?? 0) / limitBytes,
      memoryStall: perMs('memoryStalledFullMs'),
      majorFaultsPerS: (perMs('majorFaults') ?? 0) * 1000,
      userShare: userCores === undefined ? undefined : userCores / Math.min(1, cpuQuotaCores),
    };
  }

  /** The program has ended. Returns what it used. */
  stop(): ResourceUse {
    const { network, idleW, clock, group } = this.#options;
    this.#endMs = clock.now();
    const wallMs = this.elapsedMs;
    this.close();
    this.#sample();
    const first = this.#first;
    const last = this.#last;
    const networkLast = network();
    const joules = difference(this.#energyLast, this.#energyFirst);
    const grown = (name: (typeof counters)[number]) => optional(name, difference(last[name], first[name]));
    return {
      wallMs,
      ...Object.assign({}, ...counters.map(grown)),
      ...optional('peakMemoryBytes', last.peakMemoryBytes),
      ...(group === undefined ? {} : { peakUnreclaimableBytes: this.#unreclaimableMax, oomKills: last.oomKills ?? 0 }),
      ...optional('treeHighWaterBytes', this.#tree?.highWaterBytes),
      ...(last.swapBytes === undefined ? {} : { peakSwapBytes: this.#swapMax }),
      ...optional('receivedBytes', difference(networkLast?.receivedBytes, this.#networkFirst?.receivedBytes)),
      ...optional('sentBytes', difference(networkLast?.sentBytes, this.#networkFirst?.sentBytes)),
      ...optional('energyJ', joules),
      ...optional('idleW', idleW),
      ...optional('energyAboveIdleJ', joules === undefined || idleW === undefined ? undefined : joules - (idleW * wallMs) / 1000),
    };
  }

  /** Looks no more. Idempotent. */
  close(): void {
    this.#timer?.cancel();
  }

  #sample(): void {
    const reading = this.#read();
    // A sensor that tells power, not energy, has to be asked often.
    this.#energyLast = this.#options.energy(this.#options.clock.now());
    this.#recent.push(reading);
    while (this.#recent.length > 2 && reading.atMs - this.#recent[1]!.atMs >= RECENT_MS) this.#recent.shift();
    const { atMs, unreclaimableBytes = 0, totalBytes = 0, swapBytes = 0, cpuMs = 0, throttledMs = 0, majorFaults = 0 } = reading;
    this.#unreclaimableMax = Math.max(this.#unreclaimableMax, unreclaimableBytes);
    this.#swapMax = Math.max(this.#swapMax, swapBytes);
    this.#series.add({
      atMs,
      memoryBytes: unreclaimableBytes,
      totalBytes,
      swapBytes,
      cpuMs: cpuMs - (this.#first.cpuMs ?? 0),
      throttledMs: throttledMs - (this.#first.throttledMs ?? 0),
      majorFaults: majorFaults - (this.#first.majorFaults ?? 0),
    });
  }

  #read(): Reading {
    const { group, tree, processes } = this.#options;
    this.#tree = tree.read(processes());
    const { residentBytes, cpuMs, majorFaults, readBytes, writtenBytes } = this.#tree;
    const io = { ...optional('readBytes', readBytes), ...optional('writtenBytes', writtenBytes) };
    const asked = { cpuMs, majorFaults, ...io, unreclaimableBytes: residentBytes, totalBytes: residentBytes };
    this.#last = { ...asked, ...group?.read(), atMs: this.elapsedMs };
    return this.#last;
  }
}

const counters = [
  'cpuMs',
  'cpuUserMs',
  'cpuSystemMs',
  'quotaPeriods',
  'throttledPeriods',
  'throttledMs',
  'majorFaults',
  'cpuStalledMs',
  'memoryStalledSomeMs',
  'memoryStalledFullMs',
  'ioStalledFullMs',
  'readBytes',
  'writtenBytes',
] as const;

function difference(last: number | undefined, first: number | undefined): number | undefined {
  return last === undefined || first === undefined ? undefined : last - first;
}
