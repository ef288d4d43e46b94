/**
 * Open loop, too fast: frames come at their times, whether or not the window has room. Which go on, which are dropped.
 *
 *     due          0 1 2 3 4 5 6 7 8 9 …          room now ─▶ offer
 *     wait         ──▶ 0 1 2 3 4 5 …              all, ever later
 *     oldest       ──▶ ✕ ✕ ✕ ✕ 4 5 6 7 …          those that waited longer than the deadline are dropped when there is room again
 *     newest       ──▶ 0 1 2 ✕ ✕ ✕ ✕ 7 …          those that find as many waiting as come within the deadline are not let in
 *
 * `oldest` is for who wants fresh results, `newest` for who wants each that was begun with. Waiting frames are indices, not yet made: a
 * queue of ranges, one range but for `newest`, whose queue is no longer than its limit. So an overload of any length takes no memory.
 *
 * Pure: time is an argument, in milliseconds of a monotonic clock; it never goes back between calls.
 */
export type DropPolicy = 'wait' | 'oldest' | 'newest';

export interface AdmissionOptions {
  /** When frame 0 is due. */
  readonly startMs: number;
  readonly rateFps: number;
  /** How many frames come in all; may be infinite. */
  readonly frames: number;
  readonly policy: DropPolicy;
  /** How long a frame may wait. Not used by `wait`. */
  readonly deadlineMs: number;
}

export type Offer =
  /** To be admitted now; counted as admitted. */
  | { readonly kind: 'admit'; readonly index: number; readonly dueMs: number }
  /** None waits; the next is due then. */
  | { readonly kind: 'later'; readonly atMs: number }
  /** There are no more. */
  | { readonly kind: 'end' };

/** offered = admitted + dropped + waiting. */
export interface AdmissionCounts {
  readonly offered: number;
  readonly admitted: number;
  readonly dropped: number;
  readonly waiting: number;
}

export class Admission {
  readonly #options: AdmissionOptions;
  /** Waiting frames, ascending: [first, end). */
  readonly #waiting: { first: number; end: number }[] = [];
  #waits = 0;
  #offered = 0;
  #admitted = 0;
  #dropped = 0;

  constructor(options: AdmissionOptions) {
    const { rateFps, deadlineMs, policy } = options;
    if (!(rateFps > 0)) throw new RangeError(`a rate of ${rateFps} frames per second is not above 0`);
    if (policy !== 'wait' && !(deadlineMs >= 0)) throw new RangeError(`a deadline of ${deadlineMs} ms is not 0 or more`);
    this.#options = options;
  }

  /** There is room for a frame: which one, or when to ask again. Indices grow from call to call. */
  offer(nowMs: number): Offer {
    this.#arrive(nowMs);
    const range = this.#waiting[0];
    if (range === undefined) {
      const next = this.#offered;
      return next >= this.#options.frames ? { kind: 'end' } : { kind: 'later', atMs: this.dueMs(next) };
    }
    const index = range.first;
    this.#leave(1);
    this.#admitted += 1;
    return { kind: 'admit', index, dueMs: this.dueMs(index) };
  }

  counts(nowMs: number): AdmissionCounts {
    this.#arrive(nowMs);
    return { offered: this.#offered, admitted: this.#admitted, dropped: this.#dropped, waiting: this.#waits };
  }

  /** No frame waits, and none will come. */
  ended(nowMs: number): boolean {
    this.#arrive(nowMs);
    return this.#waits === 0 && this.#offered >= this.#options.frames;
  }

  /** The index that will be admitted next, whenever that is; undefined when it depends on when, or there is none. */
  get certain(): number | undefined {
    const next = this.#waiting[0]?.first ?? this.#offered;
    // A frame that finds nobody waiting is let in by `newest`, too.
    return this.#options.policy === 'oldest' || next >= this.#options.frames ? undefined : next;
  }

  /** How many ranges it remembers: what it needs of memory. */
  get size(): number {
    return this.#waiting.length;
  }

  dueMs(index: number): number {
    return this.#options.startMs + (index * 1000) / this.#options.rateFps;
  }

  #arrive(nowMs: number): void {
    const { policy, deadlineMs } = this.#options;
    const first = this.#offered;
    this.#offered = this.#dueBy(nowMs, first);
    const come = this.#offered - first;
    const taken = policy === 'newest' ? Math.min(come, Math.max(0, this.#waitingMax() - this.#waits)) : come;
    this.#dropped += come - taken;
    this.#enter(first, first + taken);
    if (policy !== 'oldest') return;
    const range = this.#waiting[0];
    if (range === undefined) return;
    const inTime = Math.min(range.end, Math.max(range.first, this.#firstDueFrom(nowMs - deadlineMs)));
    this.#dropped += inTime - range.first;
    this.#leave(inTime - range.first);
  }

  /** As many as come within the deadline, and one at least. */
  #waitingMax(): number {
    const { deadlineMs, rateFps } = this.#options;
    return Math.max(1, Math.floor((deadlineMs * rateFps) / 1000));
  }

  /** How many frames are due by `nowMs`; at least `known`. By `dueMs` itself, so that rounding makes no frame early or late. */
  #dueBy(nowMs: number, known: number): number {
    const { frames } = this.#options;
    let due = Math.min(frames, Math.max(known, this.#firstDueFrom(nowMs)));
    while (due < frames && this.dueMs(due) <= nowMs) due += 1;
    return due;
  }

  /** The first frame that is due at `atMs` or later. */
  #firstDueFrom(atMs: number): number {
    const { startMs, rateFps } = this.#options;
    let index = Math.max(0, Math.ceil(((atMs - startMs) * rateFps) / 1000));
    while (index > 0 && this.dueMs(index - 1) >= atMs) index -= 1;
    while (this.dueMs(index) < atMs) index += 1;
    return index;
  }

  #enter(first: number, end: number): void {
    if (end <= first) return;
    const last = this.#waiting.at(-1);
    if (last?.end === first) last.end = end;
    else this.#waiting.push({ first, end });
    this.#waits += end - first;
  }

  /** From the first range; never more than it holds. */
  #leave(count: number): void {
    const range = this.#waiting[0]!;
    range.first += count;
    if (range.first === range.end) this.#waiting.shift();
    this.#waits -= count;
  }
}
