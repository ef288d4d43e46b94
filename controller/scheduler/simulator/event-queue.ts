/**
 * Virtual time: timers in a heap with four children per node. Each timer has at most one due time and is moved in place, so nothing stale is
 * ever in the queue and it never grows.
 *
 *     at(timer, 12.5) ──▶ [ 3.1 │ 4.0 7.2 5.5 12.5 │ … ] ──▶ step(): now = 3.1, its owner's due()
 *
 * Timers that are due at the same time go in the order in which they were set, so that a simulation repeats exactly.
 */

/** What happens when a timer is due. It may set it again. */
export interface Timed {
  due(): void;
}

const ARITY = 4;
const ABSENT = -1;

export class EventQueue {
  readonly #owners: Timed[] = [];
  #dueMs = new Float64Array(64);
  #order = new Float64Array(64);
  #position = new Int32Array(64).fill(ABSENT);
  #heap = new Int32Array(64);
  #size = 0;
  #orders = 0;
  #events = 0;
  #nowMs = 0;
  /** The timer that is due right now, as long as it was not set again. */
  #fired = ABSENT;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many timers have been due so far. */
  get events(): number {
    return this.#events;
  }

  /** A new timer, not set yet. */
  timer(owner: Timed): number {
    const timer = this.#owners.length;
    this.#owners.push(owner);
    if (timer === this.#heap.length) this.#grow();
    return timer;
  }

  /** Sets or moves a timer; Infinity takes it away. A time that has passed counts as now. */
  at(timer: number, dueMs: number): void {
    if (dueMs === Number.POSITIVE_INFINITY) {
      this.clear(timer);
      return;
    }
    const due = Math.max(dueMs, this.#nowMs);
    // Told the same again: it keeps its place.
    if (this.#dueMs[timer] === due && this.#position[timer] !== ABSENT && timer !== this.#fired) return;
    this.#dueMs[timer] = due;
    this.#order[timer] = this.#orders++;
    if (timer === this.#fired) this.#fired = ABSENT;
    let hole = this.#position[timer]!;
    if (hole === ABSENT) hole = this.#size++;
    this.#sift(timer, hole);
  }

  clear(timer: number): void {
    const hole = this.#position[timer]!;
    if (hole === ABSENT) return;
    this.#position[timer] = ABSENT;
    const last = this.#heap[--this.#size]!;
    if (last !== timer) this.#sift(last, hole);
  }

  /** Goes to the next timer that is due and tells its owner. False when there is none until `endMs`. */
  step(endMs = Number.POSITIVE_INFINITY): boolean {
    if (this.#size === 0) return false;
    const timer = this.#heap[0]!;
    const dueMs = this.#dueMs[timer]!;
    if (dueMs > endMs) return false;
    this.#nowMs = dueMs;
    this.#events += 1;
    // It stays on top, where nothing comes before it, until its owner has set it again or not.
    this.#fired = timer;
    this.#owners[timer]!.due();
    if (this.#fired === timer) this.clear(timer);
    this.#fired = ABSENT;
    return true;
  }

  #sift(timer: number, from: number): void {
    let hole = from;
    while (hole > 0) {
      const parent = ((hole - 1) / ARITY) | 0;
      const above = this.#heap[parent]!;
      if (!this.#before(timer, above)) break;
      this.#put(above, hole);
      hole = parent;
    }
    for (;;) {
      const first = hole * ARITY + 1;
      if (first >= this.#size) break;
      const end = Math.min(first + ARITY, this.#size);
      let child = first;
      for (let other = first + 1; other < end; other += 1) if (this.#before(this.#heap[other]!, this.#heap[child]!)) child = other;
      const below = this.#heap[child]!;
      if (!this.#before(below, timer)) break;
      this.#put(below, hole);
      hole = child;
    }
    this.#put(timer, hole);
  }

  #put(timer: number, at: number): void {
    this.#heap[at] = timer;
    this.#position[timer] = at;
  }

  #before(a: number, b: number): boolean {
    const first = this.#dueMs[a]!;
    const second = this.#dueMs[b]!;
    return first < second || (first === second && this.#order[a]! < this.#order[b]!);
  }

  #grow(): void {
    const size = this.#heap.length * 2;
    const copy = <T extends Float64Array | Int32Array>(into: T, from: T): T => {
      into.set(from);
      return into;
    };
    this.#dueMs = copy(new Float64Array(size), this.#dueMs);
    this.#order = copy(new Float64Array(size), this.#order);
    this.#position = copy(new Int32Array(size).fill(ABSENT), this.#position);
    this.#heap = copy(new Int32Array(size), this.#heap);
  }
}
