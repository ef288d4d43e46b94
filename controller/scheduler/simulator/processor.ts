/**
 * The processor of a device: threads that have work share its cores equally, each gets at most what it can use, and a quota holds for all.
 *
 *     cores 2, three threads     each runs at 2/3 of a core       (processor sharing: Kleinrock, Queueing Systems II, ch. 4)
 */
import type { CpuLimit, Share } from './cpu-limit.ts';
import type { EventQueue, Timed } from './event-queue.ts';

/** What runs on it: a thread with something to do. */
export interface Runner extends Share {
  /** Cores it can use at once. */
  readonly cores: number;
  /** Whether the processor has it; the processor's own note. */
  running: boolean;
  /** Its work is done. It may run again at once. */
  finished(): void;
}

/** Remaining work that counts as none: a tenth of a nanosecond. */
const NOTHING_MS = 1e-7;
const NONE: readonly Runner[] = [];

export class Processor implements Timed {
  readonly #queue: EventQueue;
  readonly #timer: number;
  readonly #cores: number;
  readonly #limit: CpuLimit;
  readonly #running: Runner[] = [];
  /** What the running threads could use together, cores. */
  #wanted = 0;
  #crowded = false;
  #atMs = 0;
  #stopped = false;
  #dispatching = false;
  /** Whose work is done right now. */
  #finishing: Runner | undefined;
  #busyMs = 0;
  #cpuMs = 0;

  constructor(queue: EventQueue, cores: number, limit: CpuLimit) {
    this.#queue = queue;
    this.#timer = queue.timer(this);
    this.#cores = cores;
    this.#limit = limit;
  }

  /** Time in which something ran or wanted to. */
  get busyMs(): number {
    return this.#busyMs;
  }

  get cpuMs(): number {
    return this.#cpuMs;
  }

  get throttledMs(): number {
    return this.#limit.throttledMs;
  }

  run(thread: Runner): void {
    // While threads are told that they are done, time stands still, and what they begin is planned when all were told.
    if (!this.#dispatching) this.#advance();
    this.#running.push(thread);
    this.#wanted += thread.cores;
    thread.rate = thread.cores;
    thread.running = true;
    if (this.#finishing !== thread) this.#limit.wake(thread);
    if (!this.#dispatching) this.#plan();
  }

  /** Nothing runs until it goes on. */
  stop(stopped: boolean): void {
    this.#advance();
    this.#stopped = stopped;
    this.#plan();
  }

  due(): void {
    this.#advance();
    this.#dispatching = true;
    for (let index = 0; index < this.#running.length; ) {
      const thread = this.#running[index]!;
      if (thread.workMs > NOTHING_MS) {
        index += 1;
        continue;
      }
      // By hand: splice makes a list of what it took.
      for (let next = index + 1; next < this.#running.length; next += 1) this.#running[next - 1] = this.#running[next]!;
      this.#running.pop();
      this.#wanted = this.#running.length === 0 ? 0 : this.#wanted - thread.cores;
      thread.running = false;
      this.#finishing = thread;
      thread.finished();
      this.#finishing = undefined;
      // Whoever has run on at once has not slept.
      if (!thread.running) this.#limit.sleep(thread);
    }
    this.#dispatching = false;
    this.#plan();
  }

  /** Settles what was done since it was last looked at. */
  #advance(): void {
    const nowMs = this.#queue.nowMs;
    if (nowMs <= this.#atMs) return;
    const running = this.#stopped ? NONE : this.#running;
    if (running.length > 0) this.#busyMs += nowMs - this.#atMs;
    this.#cpuMs += this.#limit.advance(nowMs, running);
    this.#atMs = nowMs;
  }

  #plan(): void {
    if (this.#crowded || this.#wanted > this.#cores) this.#share();
    const dueMs = this.#stopped || this.#running.length === 0 ? Number.POSITIVE_INFINITY : this.#limit.firstDone(this.#running);
    this.#queue.at(this.#timer, dueMs);
  }

  /** What the modest leave is divided equally among the others. */
  #share(): void {
    this.#crowded = this.#wanted > this.#cores;
    let left = this.#cores;
    let sharing = this.#running.length;
    for (const thread of this.#running.toSorted((a, b) => a.cores - b.cores)) {
      thread.rate = Math.min(thread.cores, left / sharing);
      left -= thread.rate;
      sharing -= 1;
    }
  }
}
