/**
 * Where frames start. Each gets an id, goes into the ledger and on its way; the ledger keeps it until the sink has acknowledged it.
 *
 *     input ──▶ [ next frame, prepared ahead ] ── ledger not full, its time has come ──▶ ledger ──▶ the way of the epoch
 *                                                                                     ▲ cursor: the next to be sent
 *
 * A frame follows when the one before has left the source; where routes take turns, when so many have left that no replica waits for another.
 * Ways come and go with the epochs of the run: while there is none frames wait; a new one takes over with the next frame, or begins again with
 * the first that is not acknowledged.
 *
 * Closed loop: a frame goes as soon as the window allows. Open loop: frame i is due at start + i/rate, whether or not the pipeline keeps
 * up; its latency counts from then.
 */
import { type Clock, pause } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import type { FrameId } from '../../mesh/frame.ts';
import type { Outbox } from '../../mesh/link/outbox.ts';
import type { Tensor } from '../../mesh/tensor.ts';
import type { Flow } from '../../partition/flow/flow.ts';
import { abortable, Bell } from '../abortable.ts';
import type { FrameInput } from './frame-input.ts';
import { Ledger } from './ledger.ts';
import { Pace } from './pace.ts';

export interface SourceOptions {
  readonly input: FrameInput;
  /** Ids are below. */
  readonly frames: number;
  /** Where to begin; default 0. */
  readonly first?: FrameId;
  readonly window: number | 'auto';
  /** Frames per second; undefined: closed loop. */
  readonly rateFps: number | undefined;
  /** How frames will flow at first. */
  readonly flow: Flow;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** How frames leave the source in one epoch. */
export interface Way {
  readonly flow: Flow;
  readonly outbox: Pick<Outbox, 'send'>;
}

interface Sent {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** When its latency begins. */
  readonly startMs: number;
}

/** A way in use, and the frames that wait at its routes. */
interface Leaving {
  readonly way: Way;
  count: number;
}

export class Source {
  readonly #options: SourceOptions;
  readonly #ledger: Ledger<Sent>;
  readonly #bell = new Bell();
  readonly #pace: Pace;
  /** Undefined: no epoch is there to take frames. */
  #leaving: Leaving | undefined;
  #held = false;
  /** The next frame to be sent; everything below has been, on some way. */
  #cursor: FrameId;
  #atOnceMax = Number.POSITIVE_INFINITY;
  /** Why a frame could not leave. */
  #failed: { readonly error: unknown } | undefined;

  constructor(options: SourceOptions) {
    this.#options = options;
    this.#pace = new Pace(options.flow, options.rateFps === undefined);
    this.#ledger = new Ledger(options.window === 'auto' ? this.#pace.window : options.window, options.first);
    this.#cursor = this.#ledger.next;
  }

  /** All frames below have been sent. */
  get sent(): number {
    return Number(this.#ledger.next);
  }

  get window(): number {
    return this.#ledger.window;
  }

  /** All frames below are acknowledged. */
  get acknowledged(): FrameId {
    return this.#ledger.acknowledged;
  }

  /** When the latency of a frame that is not acknowledged begins, by the clock. */
  startMs(id: FrameId): number | undefined {
    return this.#ledger.get(id)?.startMs;
  }

  /** From now on frames leave so, beginning with `first`, or the first that is not acknowledged. What is below `first` must be committed. */
  replay(way: Way, first: FrameId = this.#ledger.acknowledged): void {
    this.#cursor = first;
    this.follow(way);
  }

  /** From now on frames leave so, beginning with the next. */
  follow(way: Way): void {
    this.#leaving = { way, count: 0 };
    this.#held = false;
    this.#pace.flow = way.flow;
    this.#bell.ring();
  }

  /** No frame leaves until `replay`, `follow` or `release`. Returns the next that will. */
  hold(): FrameId {
    this.#held = true;
    return this.#cursor;
  }

  /** Frames leave again as before. */
  release(): void {
    this.#held = false;
    this.#bell.ring();
  }

  /** The first frame that is not sent yet. */
  get next(): FrameId {
    return this.#cursor;
  }

  /** At most so many frames are on their way; undefined: as many as the window allows. */
  limit(frames: number | undefined): void {
    this.#atOnceMax = frames ?? Number.POSITIVE_INFINITY;
    this.#bell.ring();
  }

  /** Resolves when every frame is sent and acknowledged. Rejects with the signal's reason, or what the input or an outbox failed with, but for a lost way. */
  async run(): Promise<void> {
    const { frames, clock } = this.#options;
    const beginMs = clock.now();
    let prepared = this.#prepare(this.sent);
    for (;;) {
      if (this.#cursor < this.#ledger.next) {
        if (this.#mayLeave) this.#send();
        else await this.#wait();
      } else if (this.sent === frames) {
        if (this.#ledger.size === 0) return;
        await this.#wait();
      } else if (this.#ledger.full || !this.#mayLeave) {
        await this.#wait();
      } else {
        const tensors = await abortable(prepared, this.#options.signal);
        const dueMs = this.#dueMs(beginMs);
        // What happens meanwhile may send frames again, or take the way away.
        if (dueMs !== undefined && dueMs > clock.now()) await this.#wait(dueMs - clock.now());
        else {
          this.#ledger.admit({ tensors, startMs: dueMs ?? clock.now() });
          prepared = this.#prepare(this.sent);
        }
      }
    }
  }

  /** The sink has committed all frames below `next`. */
  acknowledge(next: FrameId): void {
    const left = this.#ledger.acknowledge(next);
    if (left.length === 0) return;
    if (this.#cursor < this.#ledger.acknowledged) this.#cursor = this.#ledger.acknowledged;
    this.#pace.acknowledged(
      left.map(({ id, frame }) => ({ id, startMs: frame.startMs })),
      next,
      this.#options.clock.now(),
    );
    if (this.#options.window === 'auto') this.#ledger.window = this.#pace.window;
    this.#bell.ring();
  }

  get #mayLeave(): boolean {
    const leaving = this.#leaving;
    if (leaving === undefined || this.#held || Number(this.#cursor - this.#ledger.acknowledged) >= this.#atOnceMax) return false;
    return leaving.count < leaving.way.flow.ahead;
  }

  #send(): void {
    const leaving = this.#leaving!;
    const id = this.#cursor;
    this.#cursor += 1n;
    leaving.count += 1;
    leaving.way.outbox.send(id, this.#ledger.get(id)!.tensors).then(
      () => {
        leaving.count -= 1;
        this.#bell.ring();
      },
      (error: unknown) => {
        // A way that is lost or closed: whoever listens to it finds out why, and the frame is in the ledger.
        const { code } = MeshError.from(error);
        if (code === 'lost' || code === 'cancelled') return;
        this.#failed ??= { error };
        this.#bell.ring();
      },
    );
  }

  /** Until something has happened that may end a wait, or `ms` have passed. */
  async #wait(ms?: number): Promise<void> {
    const { clock, signal } = this.#options;
    if (this.#failed === undefined) {
      const over = new AbortController();
      const rung = abortable(this.#bell.wait(), signal);
      const late = ms === undefined ? rung : pause(clock, ms, over.signal);
      late.catch(() => {});
      await Promise.race([rung, late]).finally(() => over.abort());
    }
    if (this.#failed !== undefined) throw this.#failed.error;
  }

  #prepare(index: number): Promise<ReadonlyMap<string, Tensor>> {
    const { frames, input } = this.#options;
    if (index >= frames) return Promise.resolve(new Map());
    const prepared = input.frame(BigInt(index));
    prepared.catch(() => {});
    return prepared;
  }

  /** Undefined: as soon as it can. */
  #dueMs(beginMs: number): number | undefined {
    const { rateFps, first = 0n } = this.#options;
    return rateFps === undefined ? undefined : beginMs + ((this.sent - Number(first)) * 1000) / rateFps;
  }
}
