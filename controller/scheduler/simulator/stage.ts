/**
 * One stage at work, as agent/stage does it: what a frame's routes bring is joined, the session takes frames one after the other, and credit
 * goes back when the outputs are on their way.
 *
 *     lanes in ──▶ join ──▶ session's thread ──▶ handover ──▶ sender ──▶ lanes out
 *        ▲──────────────────── consumed ────────────────────────┘
 */
import { Delay } from './delay.ts';
import type { EventQueue } from './event-queue.ts';
import { Join } from './join.ts';
import type { Lane } from './lane.ts';
import { NumberRing } from './ring.ts';
import type { Draw } from './samples.ts';
import { Sender } from './sender.ts';
import type { Task, Thread } from './thread.ts';

export interface StageParts {
  readonly session: Thread;
  readonly computeMs: Draw;
  readonly handoverMs: Draw;
  readonly frames: number;
}

export class Stage implements Task {
  readonly #queue: EventQueue;
  readonly #parts: StageParts;
  readonly #join: Join;
  readonly #handover: Delay;
  readonly #sender: Sender;
  readonly #readyMs = new NumberRing();
  #frames = 0;
  #busyMs = 0;
  #queueMs = 0;
  #queuedMax = 0;

  constructor(queue: EventQueue, parts: StageParts, inputs: readonly Lane[], outputs: readonly Lane[]) {
    this.#queue = queue;
    this.#parts = parts;
    this.#join = new Join(inputs, parts.frames, (frame) => this.#ready(frame));
    this.#handover = new Delay(queue, (frame) => this.#sender.send(frame));
    for (const lane of inputs) lane.tellArrived((frame) => this.#join.add(frame));
    this.#sender = new Sender(outputs, parts.frames, (frame) => this.#join.consumed(frame));
  }

  /** Frames computed. */
  get frames(): number {
    return this.#frames;
  }

  /** Time in which the session was at work, waiting for the processor included. */
  get busyMs(): number {
    return this.#busyMs;
  }

  /** All inputs there → the session takes the frame, sum. */
  get queueMs(): number {
    return this.#queueMs;
  }

  /** Most frames that were complete and not yet computed. */
  get queuedMax(): number {
    return this.#queuedMax;
  }

  done(frame: number, startMs: number): void {
    this.#frames += 1;
    this.#busyMs += this.#queue.nowMs - startMs;
    this.#queueMs += startMs - this.#readyMs.shift();
    const handoverMs = this.#parts.handoverMs();
    if (handoverMs === 0) this.#sender.send(frame);
    else this.#handover.send(frame, handoverMs);
  }

  #ready(frame: number): void {
    this.#readyMs.push(this.#queue.nowMs);
    this.#queuedMax = Math.max(this.#queuedMax, this.#readyMs.length);
    this.#parts.session.add(this, frame, this.#parts.computeMs());
  }
}
