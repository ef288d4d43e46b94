/**
 * One direction of a relayed connection: a queue in which each chunk waits until its time has come.
 *
 *     due(chunk) = max(arrival + delay + jitter, when the chunk before was through) + bytes / bandwidth
 *
 * The queue is bounded, so that the sender feels a slow network as backpressure. The end of a stream waits in the queue like a chunk.
 */
import type { Socket } from 'node:net';

export interface LaneOptions {
  /** One way. Default 0. */
  readonly delayMs?: number;
  /** Up to so much more, another amount every few milliseconds, as on a radio link; order is kept. Default 0. */
  readonly jitterMs?: number;
  /** Default: no limit. */
  readonly bytesPerSecond?: number;
}

/** How long a jitter lasts: chunks of one message mostly share it. */
const JITTER_LASTS_MS = 20;

/** Bytes under way; enough for 1 Gbit/s with 60 ms of delay. */
const QUEUE_BYTES_MAX = 8 * 1024 * 1024;

interface Waiting {
  /** Undefined: the end of the stream. */
  readonly chunk: Buffer | undefined;
  readonly arrivedMs: number;
  readonly jitterMs: number;
}

export class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #queue: Waiting[] = [];
  #options: LaneOptions;
  #bytes = 0;
  #freeAtMs = 0;
  #held = false;
  #draining = false;
  #timer: NodeJS.Timeout | undefined;
  #jitter = { share: 0, untilMs: 0 };

  constructor(from: Socket, to: Socket, options: LaneOptions) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
    from.on('data', (chunk: Buffer) => this.#enter(chunk));
    from.on('end', () => this.#enter(undefined));
    to.on('drain', () => {
      this.#draining = false;
      this.#advance();
    });
  }

  set(options: LaneOptions): void {
    this.#options = options;
    this.#advance();
  }

  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#advance();
  }

  stop(): void {
    this.#held = true;
    clearTimeout(this.#timer);
    this.#queue.length = 0;
  }

  #enter(chunk: Buffer | undefined): void {
    const arrivedMs = performance.now();
    this.#queue.push({ chunk, arrivedMs, jitterMs: this.#jitterMs(arrivedMs) });
    this.#bytes += chunk?.byteLength ?? 0;
    if (this.#bytes > QUEUE_BYTES_MAX) this.#from.pause();
    this.#advance();
  }

  #advance(): void {
    clearTimeout(this.#timer);
    while (!this.#held && !this.#draining && this.#queue.length > 0) {
      const waitMs = this.#dueMs(this.#queue[0]!) - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#advance(), waitMs);
        return;
      }
      this.#pass(this.#queue.shift()!);
    }
  }

  #jitterMs(nowMs: number): number {
    if (nowMs >= this.#jitter.untilMs) this.#jitter = { share: Math.random(), untilMs: nowMs + JITTER_LASTS_MS };
    return this.#jitter.share * (this.#options.jitterMs ?? 0);
  }

  #dueMs({ chunk, arrivedMs, jitterMs }: Waiting): number {
    const { delayMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY } = this.#options;
    return Math.max(arrivedMs + delayMs + jitterMs, this.#freeAtMs) + ((chunk?.byteLength ?? 0) / bytesPerSecond) * 1000;
  }

  #pass(waiting: Waiting): void {
    this.#freeAtMs = this.#dueMs(waiting);
    if (waiting.chunk === undefined) {
      this.#to.end();
      return;
    }
    this.#bytes -= waiting.chunk.byteLength;
    if (this.#bytes <= QUEUE_BYTES_MAX) this.#from.resume();
    this.#draining = !this.#to.write(waiting.chunk);
  }
}
