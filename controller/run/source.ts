/**
 * Where frames start. Each gets an id, goes into the ledger and on its way; the ledger keeps it until the sink has acknowledged it.
 *
 *     arrivals (indices) ── ledger not full, its time has come ──▶ [ taken: its tensors ] ──▶ ledger ──▶ the way of the epoch
 *                                                                                              ▲ cursor: the next to be sent
 *
 * A frame follows when the one before has left the source; where routes take turns, when so many have left that no replica waits for another.
 * Ways come and go with the epochs of the run: while there is none frames wait; a new one takes over with the next frame, or begins again with
 * the first that is not acknowledged.
 *
 * Closed loop: a frame goes as soon as the window allows. Open loop: frame i is due at start + i/rate, whether or not the pipeline keeps
 * up; its latency counts from then. Frames that may be dropped have no id before they are taken: ids have no gaps, and each keeps the index of
 * the input it came from.
 */
import { type Clock, pause } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import type { FrameId } from '../../mesh/frame.ts';
import type { Outbox } from '../../mesh/link/outbox.ts';
import type { Tensor } from '../../mesh/tensor.ts';
import type { Flow } from '../../partition/flow/flow.ts';
import { abortable, Bell } from '../abortable.ts';
import { type Arrival, Arrivals, type Dropping } from './arrivals.ts';
import type { FrameInput } from './frame-input.ts';
import { Ledger } from './ledger.ts';
import { Pace } from './pace.ts';

export interface SourceOptions {
  readonly input: FrameInput;
  /** How many frames there are: to be sent, or dropped. Without drops, ids are below. */
  readonly frames: number;
  /** Where to begin; default 0. */
  readonly first?: FrameId;
  readonly window: number | 'auto';
  /** Frames per second; undefined: closed loop. */
  readonly rateFps: number | undefined;
  /** Undefined: frames that can't go in time wait. */
  readonly dropping?: Dropping | undefined;
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

type Tensors = ReadonlyMap<string, Tensor>;

interface Sent {
  readonly tensors: Tensors;
  /** Of the frame in the input. */
  readonly index: number;
  /** When its latency begins. */
  readonly startMs: number;
}

interface Taken extends Arrival {
  readonly tensors: Promise<Tensors>;
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
  /** All frames below are acknowledged, whether or not the ledger still has them. */
  #safe: FrameId;
  /** Frames of the input that an earlier execution has sent; indices of arrivals count from there. */
  readonly #base: number;
  #atOnceMax = Number.POSITIVE_INFINITY;
  /** Undefined before the first is due. */
  #arrivals: Arrivals | undefined;
  /** Made ahead: it is sure to go. */
  #prepared: { readonly index: number; readonly tensors: Promise<Tensors> } | undefined;
  /** Has its place in the stream, and gets its id when its tensors are there and the ledger has room. */
  #taken: Taken | undefined;
  /** Why a frame could not leave. */
  #failed: { readonly error: unknown } | undefined;

  constructor(options: SourceOptions) {
    this.#options = options;
    this.#pace = new Pace(options.flow, options.rateFps === undefined);
    this.#ledger = new Ledger(options.window === 'auto' ? this.#pace.window : options.window, options.first);
    this.#cursor = this.#ledger.next;
    this.#safe = this.#ledger.next;
    this.#base = Number(this.#ledger.next);
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

  /** Which frame of the input it is that has this id and is not acknowledged. */
  indexOf(id: FrameId): number | undefined {
    return this.#ledger.get(id)?.index;
  }

  /** Frames that came so far, and those of them that were dropped. */
  get counts(): { readonly offered: number; readonly dropped: number } {
    return this.#arrivals?.counts(this.#options.clock.now()) ?? { offered: 0, dropped: 0 };
  }

  /** Frames that are still to be acknowledged or dropped. */
  get remaining(): number {
    return this.#options.frames - this.counts.dropped - Number(this.#ledger.acknowledged);
  }

  /** From now on frames leave so, beginning with `first`, or the first that is not acknowledged. What is below `first` must be committed. */
  replay(way: Way, first: FrameId = this.#ledger.acknowledged): void {
    this.#cursor = first;
    this.#forget();
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

  /** Resolves when every frame is acknowledged or dropped. Rejects with the signal's reason, or what the input or an outbox failed with, but for a lost way. */
  async run(): Promise<void> {
    const { frames, rateFps, dropping, clock, signal } = this.#options;
    const arrivals = new Arrivals(frames - this.#base, rateFps, dropping, clock.now());
    this.#arrivals = arrivals;
    this.#prepareAhead();
    for (;;) {
      if (this.#cursor < this.#ledger.next) {
        if (this.#mayLeave) this.#send();
        else await this.#wait();
      } else if (this.#taken === undefined && this.#ledger.size === 0 && arrivals.ended(clock.now())) {
        return;
      } else if (this.#ledger.full || !this.#mayLeave) {
        await this.#wait();
      } else if (this.#taken !== undefined) {
        // The window may get smaller meanwhile, or the way be taken away.
        const tensors = await abortable(this.#taken.tensors, signal);
        if (!this.#ledger.full && this.#mayLeave) this.#admit(this.#taken, tensors);
      } else {
        const next = arrivals.next(clock.now());
        if (next.kind === 'take') this.#take(next.arrival);
        else await this.#wait(next.kind === 'end' ? undefined : Math.max(0, next.atMs - clock.now()));
      }
    }
  }

  /** The sink has committed all frames below `next`. */
  acknowledge(next: FrameId): void {
    if (next > this.#safe) this.#safe = next;
    this.#forget();
  }

  /**
   * Frames leave the ledger when they are acknowledged and have gone on the present way, too: where routes join, stages wait for each frame from the first
   * on. (The sink may have had later ones from an epoch that is lost, and waited for the first of this one only.)
   */
  #forget(): void {
    let next = this.#safe;
    if (next > this.#cursor) next = this.#cursor;
    const left = this.#ledger.acknowledge(next);
    if (left.length === 0) return;
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
    this.#forget();
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

  #take({ index, dueMs }: Arrival): void {
    const tensors = this.#prepared?.index === index ? this.#prepared.tensors : this.#make(index);
    this.#taken = { index, dueMs, tensors };
    this.#prepared = undefined;
  }

  #admit({ index, dueMs }: Taken, tensors: Tensors): void {
    this.#ledger.admit({ index: this.#base + index, startMs: dueMs ?? this.#options.clock.now(), tensors });
    this.#taken = undefined;
    this.#prepareAhead();
  }

  #prepareAhead(): void {
    const index = this.#arrivals?.certain;
    if (index !== undefined) this.#prepared = { index, tensors: this.#make(index) };
  }

  #make(index: number): Promise<Tensors> {
    const made = this.#options.input.frame(BigInt(this.#base + index));
    made.catch(() => {});
    return made;
  }
}
