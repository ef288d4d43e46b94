/**
 * Virtual time: a heap of events; hours take as long as what happens in them.
 *
 *     pop the earliest ──▶ now = its time ──▶ call it ──▶ one turn of the real event loop: all promise work settles ──▶ next
 *
 * One turn is enough: between two turns the runtime empties its queue of microtasks, also of those that come while it does, so a chain of promises
 * of any length has settled. What would outlast a turn (a real timer, a file, a socket) has no place in a simulation; real-work.ts finds it.
 * Events of the same time come in an order that the seed decides.
 */

import type { Clock, Timer } from '../../mesh/clock.ts';
import type { Random } from '../../mesh/random.ts';
import { EventHeap } from './event-heap.ts';
import type { Trace } from './trace.ts';

export interface RunUntil {
  /** Virtual time at which to stop, milliseconds. */
  readonly untilMs: number;
  /** Asked after each event: true ends it. */
  readonly done?: () => boolean;
  /** Called after each event; what it throws ends the run of the clock. */
  readonly check?: () => void;
  /** Takes one turn of the real event loop, then calls back. Absent: `setImmediate`. */
  readonly turn?: (step: () => void) => void;
}

export class VirtualClock implements Clock {
  readonly #heap = new EventHeap();
  readonly #random: Random;
  readonly #trace: Trace;
  #nowMs = 0;

  constructor(random: Random, trace: Trace) {
    this.#random = random;
    this.#trace = trace;
  }

  readonly now = (): number => this.#nowMs;

  readonly after = (ms: number, then: () => void): Timer => this.at(this.#nowMs + Math.max(0, ms), 'timer', then);

  /** `label`: for the trace. A time that has passed is now. */
  at(atMs: number, label: string, then: () => void): Timer {
    const event = { atMs: Math.max(atMs, this.#nowMs), tie: this.#random.bits(), label, call: then as (() => void) | undefined };
    this.#heap.push(event);
    return {
      cancel: () => {
        event.call = undefined;
      },
    };
  }

  /** Says something in the trace that is no event by itself. */
  note(what: string): void {
    this.#trace.say(this.#nowMs, what);
  }

  /** Resolves when `done`, when nothing is left to happen, or at `untilMs`. Rejects with what an event or `check` threw. */
  run(how: RunUntil): Promise<void> {
    const turn = how.turn ?? setImmediate;
    return new Promise((resolve, reject) => {
      const step = (): void => {
        try {
          how.check?.();
          if (how.done?.() === true || !this.#next(how.untilMs)) resolve();
          else turn(step);
        } catch (error) {
          reject(error as Error);
        }
      };
      // What was begun before the clock runs settles first.
      turn(step);
    });
  }

  /** False when nothing is left before `untilMs`. */
  #next(untilMs: number): boolean {
    for (let event = this.#heap.first; event !== undefined && event.atMs <= untilMs; event = this.#heap.first) {
      this.#heap.pop();
      const { call } = event;
      if (call === undefined) continue;
      event.call = undefined;
      this.#nowMs = event.atMs;
      this.#trace.say(event.atMs, event.label);
      call();
      return true;
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
    return false;
  }
}
