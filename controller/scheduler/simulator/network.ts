/**
 * Links and what they share. A transfer crosses one or more media (the sender's interface, a switch, the receiver's), at most one per route at a
 * time; transfers that meet in a medium share it.
 *
 *     a ═══╗            rates: max-min fair, as long TCP flows settle to (Bertsekas and Gallager, Data Networks, 6.5.2):
 *     b ═══╬══▶ c       the medium with the least per transfer is divided equally, what it leaves elsewhere goes to the others
 *
 * When a transfer starts or ends, only the rates that this can reach are computed anew. A medium that has idled lets a burst through at once.
 */
import type { EventQueue, Timed } from './event-queue.ts';

export interface MediumSpec {
  readonly name: string;
  readonly bytesPerS: number;
  /** What passes at once after a pause, as a token bucket lets it. Default 0. */
  readonly burstBytes?: number;
}

export class Medium {
  readonly name: string;
  readonly flows: Flow[] = [];
  /** Notes of the network while it computes rates: seen, bandwidth not yet given away, transfers without a rate. */
  mark = 0;
  left = 0;
  waiting = 0;
  bytes = 0;
  busyMs = 0;
  readonly #burstBytes: number;
  #bytesPerMs: number;
  #tokens: number;
  #usedPerMs = 0;
  #atMs = 0;

  constructor({ name, bytesPerS, burstBytes = 0 }: MediumSpec) {
    this.name = name;
    this.#bytesPerMs = bytesPerS / 1000;
    this.#burstBytes = burstBytes;
    this.#tokens = burstBytes;
  }

  get bytesPerMs(): number {
    return this.#bytesPerMs;
  }

  /** From now on; the transfers that share it get their rates from the network. */
  change(nowMs: number, bytesPerMs: number): void {
    this.use(nowMs, this.#usedPerMs);
    this.#bytesPerMs = bytesPerMs;
  }

  /** Settles up to now, and from now on `usedPerMs` pass. */
  use(nowMs: number, usedPerMs: number): void {
    const passedMs = nowMs - this.#atMs;
    if (this.#usedPerMs > 0) this.busyMs += passedMs;
    if (this.#burstBytes > 0) this.#tokens = Math.min(this.#burstBytes, this.#tokens + (this.#bytesPerMs - this.#usedPerMs) * passedMs);
    this.#atMs = nowMs;
    this.#usedPerMs = usedPerMs;
  }

  get tokens(): number {
    return this.#burstBytes > 0 ? Math.max(0, this.#tokens) : 0;
  }

  takeTokens(bytes: number): void {
    this.#tokens -= bytes;
  }

  get usedPerMs(): number {
    return this.#usedPerMs;
  }
}

/** The way of one route through the network: at most one transfer at a time. */
export class Flow implements Timed {
  readonly media: readonly Medium[];
  readonly #network: Network;
  readonly #queue: EventQueue;
  readonly #timer: number;
  readonly #sent: () => void;
  mark = 0;
  /** Bytes per millisecond. */
  rate = 0;
  #leftBytes = 0;
  #atMs = 0;
  #held = false;
  #active = false;

  constructor(network: Network, queue: EventQueue, media: readonly Medium[], sent: () => void) {
    this.media = media;
    this.#network = network;
    this.#queue = queue;
    this.#timer = queue.timer(this);
    this.#sent = sent;
  }

  send(bytes: number): void {
    this.#active = true;
    this.#leftBytes = bytes;
    this.#atMs = this.#queue.nowMs;
    for (const medium of this.media) medium.bytes += bytes;
    if (this.media.length === 0) {
      this.rate = this.#held ? 0 : Number.POSITIVE_INFINITY;
      this.#plan();
    } else if (!this.#held) this.#join();
  }

  /** Nothing passes until it is let go again. */
  hold(held: boolean): void {
    if (this.#held === held) return;
    this.#held = held;
    if (!this.#active) return;
    if (this.media.length === 0) {
      this.rate = held ? 0 : Number.POSITIVE_INFINITY;
      this.#plan();
    } else if (held) {
      this.setRate(0);
      this.#network.leave(this);
    } else this.#join();
  }

  due(): void {
    this.#active = false;
    this.#leftBytes = 0;
    this.rate = 0;
    if (this.media.length > 0) this.#network.leave(this);
    this.#sent();
  }

  setRate(rate: number): void {
    if (rate === this.rate) return;
    this.#leftBytes -= this.rate * (this.#queue.nowMs - this.#atMs);
    this.#atMs = this.#queue.nowMs;
    this.rate = rate;
    this.#plan();
  }

  #join(): void {
    this.#leftBytes -= this.#network.burst(this.media, this.#leftBytes);
    this.rate = 0;
    this.#atMs = this.#queue.nowMs;
    this.#network.join(this);
  }

  #plan(): void {
    this.#queue.at(this.#timer, this.rate === 0 ? Number.POSITIVE_INFINITY : this.#queue.nowMs + Math.max(0, this.#leftBytes) / this.rate);
  }
}

export class Network {
  readonly #queue: EventQueue;
  #marks = 0;

  constructor(queue: EventQueue) {
    this.#queue = queue;
  }

  /** How much of `bytes` passes at once. */
  burst(media: readonly Medium[], bytes: number): number {
    let free = bytes;
    for (const medium of media) {
      medium.use(this.#queue.nowMs, medium.usedPerMs);
      free = Math.min(free, medium.tokens);
    }
    if (free > 0) for (const medium of media) medium.takeTokens(free);
    return free;
  }

  join(flow: Flow): void {
    let alone = true;
    let rate = Number.POSITIVE_INFINITY;
    for (const medium of flow.media) {
      if (medium.flows.push(flow) > 1) alone = false;
      rate = Math.min(rate, medium.bytesPerMs);
    }
    if (!alone) {
      this.#share(flow.media);
      return;
    }
    flow.setRate(rate);
    for (const medium of flow.media) medium.use(this.#queue.nowMs, rate);
  }

  leave(flow: Flow): void {
    let empty = true;
    for (const medium of flow.media) {
      const { flows } = medium;
      for (let next = flows.indexOf(flow) + 1; next < flows.length; next += 1) flows[next - 1] = flows[next]!;
      flows.pop();
      if (medium.flows.length > 0) empty = false;
    }
    if (!empty) this.#share(flow.media);
    else for (const medium of flow.media) medium.use(this.#queue.nowMs, 0);
  }

  changeBandwidth(medium: Medium, bytesPerS: number): void {
    medium.change(this.#queue.nowMs, bytesPerS / 1000);
    this.#share([medium]);
  }

  /** Computes the rates anew of all transfers that share, directly or through others, with these media. */
  #share(changed: readonly Medium[]): void {
    const media = this.#reached(changed);
    let open = 0;
    for (const medium of media) {
      medium.left = medium.bytesPerMs;
      medium.waiting = medium.flows.length;
      if (medium.waiting > 0) open += 1;
    }
    const fixed = ++this.#marks;
    while (open > 0) {
      let tightest: Medium | undefined;
      let rate = Number.POSITIVE_INFINITY;
      for (const medium of media) {
        if (medium.waiting > 0 && (tightest === undefined || medium.left / medium.waiting < rate)) {
          tightest = medium;
          rate = medium.left / medium.waiting;
        }
      }
      rate = Math.max(0, rate);
      for (const flow of tightest!.flows) {
        if (flow.mark === fixed) continue;
        flow.mark = fixed;
        flow.setRate(rate);
        for (const medium of flow.media) {
          medium.left -= rate;
          medium.waiting -= 1;
          if (medium.waiting === 0) open -= 1;
        }
      }
    }
    for (const medium of media) {
      let used = 0;
      for (const flow of medium.flows) used += flow.rate;
      medium.use(this.#queue.nowMs, used);
    }
  }

  #reached(changed: readonly Medium[]): Medium[] {
    const mark = ++this.#marks;
    const media: Medium[] = [];
    const add = (medium: Medium): void => {
      if (medium.mark === mark) return;
      medium.mark = mark;
      media.push(medium);
    };
    for (const medium of changed) add(medium);
    for (let index = 0; index < media.length; index += 1)
      for (const flow of media[index]!.flows) for (const medium of flow.media) add(medium);
    return media;
  }
}
