/**
 * Where frames start: prepared ahead one by one, sent when they are due and the window has room, remembered until the sink's word.
 *
 *     prepare(i + 1) ─ frame i due? ─ ledger not full? ─▶ start of its latency ─▶ sent on all routes ─▶ i + 1
 *
 * The automatic window is that of controller/run: two frames alone, then rate × latency.
 */

import type { Flow } from '../../../partition/flow/flow.ts';
import { autoWindow, RATE_FRAMES } from '../../../partition/flow/window.ts';
import type { EventQueue, Timed } from './event-queue.ts';
import type { Lane } from './lane.ts';
import type { Draw } from './samples.ts';
import { Sender } from './sender.ts';
import type { Task, Thread } from './thread.ts';

export interface SourceOptions {
  readonly frames: number;
  readonly window: number | 'auto';
  /** When each frame is due; undefined: closed loop. */
  readonly dueMs: Float64Array | undefined;
  readonly flow: Flow;
  readonly thread: Thread;
  readonly prepareMs: Draw;
}

export class Source implements Task, Timed {
  readonly startMs: Float64Array;
  readonly #queue: EventQueue;
  readonly #options: SourceOptions;
  readonly #timer: number;
  readonly #sender: Sender;
  /** The next frame to admit; as many as were admitted. */
  #next = 0;
  /** Frames that are made. */
  #prepared = 0;
  #preparing = false;
  /** Frames that wait at the routes. */
  #leaving = 0;
  #acknowledged = 0;
  #window: number;
  /** Way → the shortest latency of its frames. */
  readonly #baseLatencyMs: (number | undefined)[] = [];
  readonly #recent: { readonly next: number; readonly atMs: number }[] = [];

  constructor(queue: EventQueue, options: SourceOptions, lanes: readonly Lane[]) {
    this.#queue = queue;
    this.#options = options;
    this.#timer = queue.timer(this);
    this.startMs = new Float64Array(options.frames);
    this.#sender = new Sender(lanes, options.frames, () => {
      this.#leaving -= 1;
      this.#advance();
    });
    this.#window = options.window === 'auto' ? this.#autoWindow() : options.window;
  }

  get sent(): number {
    return this.#next;
  }

  get window(): number {
    return this.#window;
  }

  start(): void {
    this.#prepare();
  }

  /** A frame is made. */
  done(): void {
    this.#prepared += 1;
    this.#preparing = false;
    this.#advance();
  }

  due(): void {
    this.#advance();
  }

  /** The sink has committed all frames below `next`. */
  acknowledge(next: number): void {
    const alone = this.#probing;
    const nowMs = this.#queue.nowMs;
    const { ways } = this.#options.flow;
    if (next <= this.#acknowledged) return;
    for (let frame = this.#acknowledged; frame < next; frame += 1) {
      const way = ways(BigInt(frame));
      this.#baseLatencyMs[way] = Math.min(this.#baseLatencyMs[way] ?? Number.POSITIVE_INFINITY, nowMs - this.startMs[frame]!);
    }
    this.#acknowledged = next;
    if (!alone) {
      this.#recent.push({ next, atMs: nowMs });
      if (this.#recent.length > RATE_FRAMES) this.#recent.shift();
    }
    if (this.#options.window === 'auto') this.#window = this.#autoWindow();
    this.#advance();
  }

  #prepare(): void {
    if (this.#preparing || this.#prepared >= this.#options.frames) return;
    this.#preparing = true;
    this.#options.thread.add(this, this.#prepared, this.#options.prepareMs());
  }

  #advance(): void {
    const { frames, dueMs } = this.#options;
    if (this.#leaving >= this.#options.flow.ahead || this.#next >= frames || this.#prepared <= this.#next) return;
    // Frame i + 1 is made before frame i goes: its turn is when that one is taken.
    if (this.#prepared === this.#next + 1 && this.#prepared < frames) {
      this.#prepare();
      return;
    }
    const frameMs = dueMs?.[this.#next];
    if (frameMs !== undefined && frameMs > this.#queue.nowMs) {
      this.#queue.at(this.#timer, frameMs);
      return;
    }
    if (this.#next - this.#acknowledged >= this.#window) return;
    const frame = this.#next;
    this.startMs[frame] = frameMs ?? this.#queue.nowMs;
    this.#next += 1;
    this.#leaving += 1;
    this.#sender.send(frame);
    // Where routes take turns, more may wait at them.
    if (this.#options.flow.ahead > 1) this.#advance();
  }

  get #probing(): boolean {
    return this.#options.dueMs === undefined && this.#acknowledged < this.#options.flow.probeFrames;
  }

  #autoWindow(): number {
    const { flow } = this.#options;
    if (this.#probing) return flow.probesAtOnce;
    // Outputs leave in order: those of the slowest way hold up the others.
    let slowestMs: number | undefined;
    for (const ms of this.#baseLatencyMs) if (ms !== undefined && ms > (slowestMs ?? 0)) slowestMs = ms;
    return autoWindow({ stages: flow.depth, baseLatencyMs: slowestMs, rateFps: this.#rateFps() });
  }

  #rateFps(): number | undefined {
    const first = this.#recent[0];
    const last = this.#recent.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
    return ((last.next - first.next) * 1000) / (last.atMs - first.atMs);
  }
}
