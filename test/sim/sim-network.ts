/**
 * The network between the simulated hosts: how long things take, who can't reach whom, and the lines (sim-line.ts) over it.
 *
 *     d1 ── delay of the pair, its jitter, now and then a straggler ──▶ d2        each direction can be blocked by itself
 *
 * Whatever changes (a block, a pause, a crash) is announced with `changed`, and every line looks at what it means for itself.
 */

import type { Carrier, LineEnds } from '../../mesh/link/carrier.ts';
import type { Random } from '../../mesh/random.ts';
import { type LineNetwork, SimLine } from './sim-line.ts';
import type { SimHost, SimProcess } from './sim-process.ts';
import { between, chance } from './streams.ts';
import type { VirtualClock } from './virtual-clock.ts';

const BASE_DELAY_MS = { min: 0.1, max: 1 };
/** One in a hundred takes so much longer. */
const STRAGGLER = { probability: 0.01, factor: 20 };
/** Whatever storms come together: a packet that takes longer is repeated. */
const DELAY_MS_MAX = 2_000;
/** A keepalive waits so long for its answer. */
const OVERSLEPT_MS = 1_000;
/** TCP repeats after 200 ms at the earliest, then after twice as long each time. */
const RETRY_MS = { min: 1, max: 400 };

export class SimNetwork implements LineNetwork {
  readonly clock: VirtualClock;
  readonly #random: Random;
  readonly #hosts = new Map<string, SimHost>();
  readonly #processes = new Map<string, SimProcess>();
  readonly #owners = new Map<string, SimProcess>();
  readonly #baseMs = new Map<string, number>();
  readonly #blocks = new Map<string, number>();
  readonly #lines = new Set<SimLine>();
  readonly #watchers: (() => void)[] = [];
  /** Storms: every delay is multiplied. */
  delayFactor = 1;

  constructor(clock: VirtualClock, random: Random) {
    this.clock = clock;
    this.#random = random;
  }

  addHost(host: SimHost): void {
    this.#hosts.set(host.name, host);
  }

  host(name: string): SimHost {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`there is no host ${name} in this simulation`);
    return host;
  }

  /** Makes a process known under its name. */
  addProcess(process: SimProcess): void {
    this.#processes.set(process.name, process);
    process.onEnd(() => {
      this.#processes.delete(process.name);
      this.changed();
    });
  }

  process(name: string): SimProcess | undefined {
    return this.#processes.get(name);
  }

  /** Who answers at an address (`HOST:PORT`) as long as it lives. */
  own(address: string, process: SimProcess): void {
    this.#owners.set(address, process);
    process.onEnd(() => {
      if (this.#owners.get(address) === process) this.#owners.delete(address);
    });
  }

  ownerOf(address: string): SimProcess | undefined {
    return this.#owners.get(address);
  }

  /** For MemoryNetwork; places are the names of processes. */
  readonly carrier: Carrier = (from, address, ends) => {
    const client = this.#processes.get(from);
    if (client === undefined) throw new Error(`${from} is no process that could open a stream`);
    return this.connect(client, address, ends);
  };

  connect(client: SimProcess, address: string, ends: LineEnds): SimLine {
    const line = new SimLine(this, client, address, ends, () => this.#lines.delete(line));
    this.#lines.add(line);
    return line;
  }

  /** Nothing gets from one host to the other until as many calls of `unblock`. */
  block(from: string, to: string): void {
    const way = `${from}>${to}`;
    this.#blocks.set(way, (this.#blocks.get(way) ?? 0) + 1);
    this.changed();
  }

  unblock(from: string, to: string): void {
    const way = `${from}>${to}`;
    this.#blocks.set(way, Math.max(0, (this.#blocks.get(way) ?? 0) - 1));
    this.changed();
  }

  /** Whether a packet would get from one host to the other now. */
  passes(from: string, to: string): boolean {
    return (this.#blocks.get(`${from}>${to}`) ?? 0) === 0 && this.host(to).up;
  }

  /** Milliseconds for the next packet. */
  delayMs(from: string, to: string): number {
    if (from === to) return 0.02 + this.#random.next() * 0.05;
    const pair = `${from}>${to}`;
    const baseMs = this.#baseMs.get(pair) ?? between(this.#random, BASE_DELAY_MS.min, BASE_DELAY_MS.max);
    this.#baseMs.set(pair, baseMs);
    const jitter = 1 + this.#random.next();
    const straggling = chance(this.#random, STRAGGLER.probability) ? STRAGGLER.factor : 1;
    return Math.min(DELAY_MS_MAX, baseMs * jitter * this.delayFactor * straggling);
  }

  retryMs(): number {
    return between(this.#random, RETRY_MS.min, RETRY_MS.max);
  }

  random(low: number, high: number): number {
    return between(this.#random, low, high);
  }

  /** `process` goes on after a pause. Some of its connections don't survive a long one. */
  resumed(process: SimProcess, pausedMs: number): void {
    if (pausedMs < OVERSLEPT_MS) return;
    for (const line of [...this.#lines]) if (chance(this.#random, 0.3)) line.overslept(process);
  }

  /** Someone else who wants to know of changes. */
  onChanged(listener: () => void): void {
    this.#watchers.push(listener);
  }

  /** A host, a process or a way is not what it was. */
  changed(): void {
    for (const line of [...this.#lines]) line.look();
    for (const listener of this.#watchers) listener();
  }
}
