/**
 * A process of the simulated mesh and the host it runs on: when it is paused nothing of it runs, when it is gone nothing ever will again.
 *
 *     SimHost d1 ─┬─ agent        paused: timers and deliveries wait, time goes on; then they come one after another
 *                 └─ stage …      ended: timers and deliveries are dropped; who listens is told
 *
 * Code cannot be stopped between two lines; but it runs only in events and in the promises that settle right after, and both begin here.
 */
import type { Clock, Timer } from '../../mesh/clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Between two things that waited for a paused process. */
const CATCH_UP_MS = 0.01;

export class SimHost {
  readonly name: string;
  readonly clock: VirtualClock;
  /** What a monotonic clock says here at the beginning: no two hosts share one. */
  readonly clockOffsetMs: number;
  readonly #processes = new Set<SimProcess>();
  #up = true;
  #started = 0;

  constructor(name: string, clock: VirtualClock, clockOffsetMs: number) {
    this.name = name;
    this.clock = clock;
    this.clockOffsetMs = clockOffsetMs;
  }

  get up(): boolean {
    return this.#up;
  }

  get processes(): readonly SimProcess[] {
    return [...this.#processes];
  }

  /** Its name is its host's, its own and a number that no other has here. */
  start(name: string): SimProcess {
    if (!this.#up) throw new Error(`${this.name} is down, ${name} can't be started there`);
    this.#started += 1;
    const process = new SimProcess(`${this.name}/${name}.${this.#started}`, this, () => this.#processes.delete(process));
    this.#processes.add(process);
    return process;
  }

  pause(): void {
    for (const process of this.#processes) process.pause();
  }

  resume(): void {
    for (const process of this.#processes) process.resume();
  }

  /** Power is gone: no process says goodbye. */
  crash(): void {
    this.#up = false;
    for (const process of this.processes) process.end();
  }

  boot(): void {
    this.#up = true;
  }
}

export class SimProcess {
  readonly name: string;
  readonly host: SimHost;
  /** What everything in this process waits with. */
  readonly clock: Clock;
  readonly #waiting: { readonly label: string; readonly call: () => void }[] = [];
  readonly #endings: (() => void)[] = [];
  readonly #gone: () => void;
  #alive = true;
  #paused = false;
  #pausedMs = 0;
  #stoodStill = false;

  constructor(name: string, host: SimHost, gone: () => void) {
    this.name = name;
    this.host = host;
    this.#gone = gone;
    const { clock, clockOffsetMs } = host;
    this.clock = {
      now: () => clock.now() + clockOffsetMs,
      after: (ms, then) => this.#after(ms, then),
    };
  }

  get alive(): boolean {
    return this.#alive;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get running(): boolean {
    return this.#alive && !this.#paused;
  }

  /** It was paused once, or is. */
  get stoodStill(): boolean {
    return this.#stoodStill;
  }

  /** How long it has been paused, milliseconds; 0 when it is not. */
  get pausedForMs(): number {
    return this.#paused ? this.host.clock.now() - this.#pausedMs : 0;
  }

  /** `then` happens in this process: now, when it goes on, or never. In the order of the calls. */
  do(label: string, then: () => void): void {
    if (!this.#alive) return;
    if (!this.#paused && this.#waiting.length === 0) then();
    else this.#waiting.push({ label, call: then });
  }

  /** Called when the process ends, also when its host crashes. */
  onEnd(listener: () => void): void {
    this.#endings.push(listener);
  }

  pause(): void {
    if (!this.running) return;
    this.#paused = true;
    this.#stoodStill = true;
    this.#pausedMs = this.host.clock.now();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#catchUp();
  }

  /** Idempotent. */
  end(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#waiting.length = 0;
    this.#gone();
    for (const listener of this.#endings.splice(0)) listener();
  }

  #catchUp(): void {
    this.host.clock.at(this.host.clock.now() + CATCH_UP_MS, `${this.name} catches up`, () => {
      if (this.#paused) return;
      const next = this.#waiting[0];
      if (next === undefined) return;
      // It still counts as waiting while it runs, so that what it causes here queues behind the others.
      try {
        next.call();
      } finally {
        this.#waiting.shift();
      }
      if (this.#waiting.length > 0) this.#catchUp();
    });
  }

  #after(ms: number, then: () => void): Timer {
    const { clock } = this.host;
    let cancelled = false;
    const timer = clock.at(clock.now() + Math.max(0, ms), `${this.name} timer`, () =>
      this.do(`${this.name} timer`, () => {
        if (!cancelled) then();
      }),
    );
    return {
      cancel: () => {
        cancelled = true;
        timer.cancel();
      },
    };
  }
}
