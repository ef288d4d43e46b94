/**
 * The processor of a device: threads that have work share its cores equally, each gets at most what it can use, and the quota holds for all.
 *
 *     cores 2, three threads     each runs at 2/3 of a core       (processor sharing: Kleinrock, Queueing Systems II, ch. 4)
 */
import type { EventQueue, Timed } from './event-queue.ts';
import type { Quota } from './quota.ts';
import { Ring } from './ring.ts';

/** What a thread does: told when it is done, with the frame it was for and how long it took. */
export interface Task {
  done(frame: number, startMs: number): void;
}

/** Remaining work that counts as none: a tenth of a nanosecond. */
const NOTHING_MS = 1e-7;

/** Does one thing at a time, in the order it was given. */
export class Thread {
  readonly #processor: Processor;
  readonly #queue: EventQueue;
  readonly #tasks = new Ring<Task>();
  readonly #frames = new Ring<number>();
  readonly #works = new Ring<number>();
  #startMs = 0;
  #busy = false;
  /** Of what it does now, CPU milliseconds. */
  workMs = 0;
  /** Cores it can use at once. */
  readonly cores: number;

  constructor(processor: Processor, queue: EventQueue, cores = 1) {
    this.#processor = processor;
    this.#queue = queue;
    this.cores = cores;
  }

  /** `workMs`: CPU milliseconds. */
  add(task: Task, frame: number, workMs: number): void {
    this.#tasks.push(task);
    this.#frames.push(frame);
    this.#works.push(workMs);
    if (!this.#busy) this.#begin();
  }

  /** The processor has done the work. */
  finished(): void {
    const task = this.#tasks.shift();
    const frame = this.#frames.shift();
    this.#works.shift();
    const startMs = this.#startMs;
    this.#busy = false;
    // What comes next begins before what follows from this: it has waited longer.
    if (this.#tasks.length > 0) this.#begin();
    task.done(frame, startMs);
  }

  #begin(): void {
    this.#busy = true;
    this.#startMs = this.#queue.nowMs;
    this.workMs = this.#works.first;
    this.#processor.run(this);
  }
}

export class Processor implements Timed {
  readonly #queue: EventQueue;
  readonly #timer: number;
  readonly #cores: number;
  readonly #quota: Quota | undefined;
  readonly #running: Thread[] = [];
  #atMs = 0;
  #stopped = false;
  #dispatching = false;
  #next: Thread | undefined;
  #busyMs = 0;
  #cpuMs = 0;

  constructor(queue: EventQueue, cores: number, quota: Quota | undefined) {
    this.#queue = queue;
    this.#timer = queue.timer(this);
    this.#cores = cores;
    this.#quota = quota;
  }

  /** Time in which something ran or wanted to. */
  get busyMs(): number {
    return this.#busyMs;
  }

  get cpuMs(): number {
    return this.#cpuMs;
  }

  get throttledMs(): number {
    return this.#quota?.throttledMs ?? 0;
  }

  run(thread: Thread): void {
    this.#advance();
    this.#running.push(thread);
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
    if (this.#next !== undefined) this.#next.workMs = 0;
    this.#dispatching = true;
    for (let index = 0; index < this.#running.length; ) {
      const thread = this.#running[index]!;
      if (thread.workMs > NOTHING_MS) {
        index += 1;
        continue;
      }
      this.#running.splice(index, 1);
      thread.finished();
    }
    this.#dispatching = false;
    this.#plan();
  }

  /** Settles what was done since it was last looked at. */
  #advance(): void {
    const nowMs = this.#queue.nowMs;
    if (nowMs <= this.#atMs) return;
    const wanted = this.#stopped ? 0 : this.#wantedCores();
    const passedMs = nowMs - this.#atMs;
    const activeMs = this.#quota === undefined ? (wanted > 0 ? passedMs : 0) : this.#quota.advance(nowMs, wanted);
    this.#atMs = nowMs;
    if (wanted === 0) return;
    this.#busyMs += passedMs;
    this.#cpuMs += activeMs * wanted;
    const level = this.#level();
    for (const thread of this.#running) thread.workMs -= activeMs * Math.min(thread.cores, level);
  }

  #plan(): void {
    this.#next = undefined;
    let activeMs = Number.POSITIVE_INFINITY;
    if (!this.#stopped && this.#running.length > 0) {
      const level = this.#level();
      for (const thread of this.#running) {
        const needsMs = Math.max(0, thread.workMs) / Math.min(thread.cores, level);
        if (needsMs < activeMs) {
          activeMs = needsMs;
          this.#next = thread;
        }
      }
    }
    if (this.#next === undefined) this.#queue.clear(this.#timer);
    else this.#queue.at(this.#timer, this.#dueAt(activeMs));
  }

  #dueAt(activeMs: number): number {
    if (this.#quota === undefined || activeMs === 0) return this.#queue.nowMs + activeMs;
    return this.#quota.when(activeMs, this.#wantedCores());
  }

  #wantedCores(): number {
    let wanted = 0;
    for (const thread of this.#running) wanted += thread.cores;
    return Math.min(wanted, this.#cores);
  }

  /** What a thread gets that could use more: the cores that are left, divided equally among those. */
  #level(): number {
    const count = this.#running.length;
    const equal = this.#cores / count;
    let wanted = 0;
    let fits = true;
    for (const { cores } of this.#running) {
      wanted += cores;
      if (cores > equal) fits = false;
    }
    if (fits || wanted <= this.#cores) return Number.POSITIVE_INFINITY;
    let left = this.#cores;
    let sharing = count;
    let level = equal;
    for (const cores of this.#running.map((thread) => thread.cores).sort((a, b) => a - b)) {
      level = left / sharing;
      if (cores >= level) break;
      left -= cores;
      sharing -= 1;
    }
    return level;
  }
}
