/** A thread of a device: does one thing at a time, in the order it was given. */
import type { EventQueue } from './event-queue.ts';
import type { Processor, Runner } from './processor.ts';
import { NumberRing, Ring } from './ring.ts';

/** What a thread does: told when it is done, with the frame it was for and when it began. */
export interface Task {
  done(frame: number, startMs: number): void;
}

export class Thread implements Runner {
  readonly cores: number;
  workMs = 0;
  rate = 1;
  localMs = 0;
  throttled = false;
  running = false;
  readonly #processor: Processor;
  readonly #queue: EventQueue;
  readonly #tasks = new Ring<Task>();
  readonly #frames = new NumberRing();
  readonly #works = new NumberRing();
  #startMs = 0;
  #busy = false;

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

  finished(): void {
    const task = this.#tasks.shift();
    const frame = this.#frames.shift();
    const startMs = this.#startMs;
    this.#busy = false;
    // What comes next begins before what follows from this: it has waited longer.
    if (this.#tasks.length > 0) this.#begin();
    task.done(frame, startMs);
  }

  #begin(): void {
    this.#busy = true;
    this.#startMs = this.#queue.nowMs;
    this.workMs = this.#works.shift();
    this.#processor.run(this);
  }
}
