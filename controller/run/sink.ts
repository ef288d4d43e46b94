/**
 * Where frames end, and the only place where exactly-once is decided.
 *
 *     inbox ──▶ commits (first wins, in order) ──▶ consumers (verify, output file) ──▶ durable ──▶ acknowledge
 *
 * Frames that arrive while a write is on its way are written together (group commit). The acknowledgement is cumulative and goes out after
 * each group; a repeated frame is acknowledged again.
 */
import type { FrameId } from '../../mesh/frame.ts';
import type { InboundFrame } from '../../mesh/link/inbox.ts';
import type { Tensor } from '../../mesh/tensor.ts';
import { Commits } from './commits.ts';
import { Delivery, type DeliveryCount } from './delivery.ts';

/**
 * Takes outputs in order, each frame once. `index`: of the frame in the input, where some may have been dropped; otherwise the id as a number.
 * The tensors' bytes are its to read until the promise settles.
 */
export interface OutputConsumer {
  take(id: FrameId, tensors: ReadonlyMap<string, Tensor>, index: number): Promise<void>;
  /** In the place of `take`: this frame has no outputs, because its stage failed on it again and again. */
  skip(id: FrameId, index: number): Promise<void>;
  /** Resolves when everything taken so far is safe. */
  sync(): Promise<void>;
}

export interface SinkOptions {
  readonly consumers: readonly OutputConsumer[];
  /** All frames below are with the consumers already; default 0. */
  readonly first?: FrameId;
  /** Which frame of the input it is; asked before it is acknowledged. */
  readonly indexOf: (id: FrameId) => number;
  readonly acknowledge: (next: FrameId) => void;
  /** Called when a frame arrived for the first time, in the order of arrival. */
  readonly onArrival: (id: FrameId, atMs: number) => void;
  readonly onFailed: (error: unknown) => void;
  readonly now: () => number;
}

/** In the place of a frame's outputs. */
const FAILED = Symbol('failed');

interface Committed {
  readonly id: FrameId;
  readonly frame: InboundFrame | typeof FAILED;
}

export class Sink {
  readonly #options: SinkOptions;
  readonly #commits: Commits<InboundFrame | typeof FAILED>;
  readonly #delivery: Delivery;
  #waiting: Committed[] = [];
  #writing = false;
  #safe: FrameId;

  constructor(options: SinkOptions) {
    this.#options = options;
    this.#commits = new Commits(options.first);
    this.#delivery = new Delivery(options.first);
    this.#safe = this.#commits.next;
  }

  take(frame: InboundFrame): void {
    const atMs = this.#options.now();
    const leaving = this.#commits.commit(frame.id, frame);
    if (leaving === undefined) {
      frame.release();
      this.#options.acknowledge(this.#safe);
      return;
    }
    this.#options.onArrival(frame.id, atMs);
    this.#leave(leaving);
  }

  /** Commits a frame without outputs, unless it was committed before. */
  fail(id: FrameId): void {
    this.#leave(this.#commits.commit(id, FAILED) ?? []);
  }

  #leave(leaving: readonly Committed[]): void {
    this.#waiting.push(...leaving);
    if (!this.#writing) void this.#write();
  }

  /** All frames below are safe: what an acknowledgement says. */
  get safe(): FrameId {
    return this.#safe;
  }

  /** All frames below are committed: safe, or about to be. */
  get next(): FrameId {
    return this.#commits.next;
  }

  count(sent: number): DeliveryCount {
    return this.#delivery.count(sent);
  }

  async #write(): Promise<void> {
    this.#writing = true;
    try {
      while (this.#waiting.length > 0) {
        const group = this.#waiting;
        this.#waiting = [];
        for (const { id, frame } of group) await this.#consume(id, frame);
        for (const consumer of this.#options.consumers) await consumer.sync();
        this.#safe = group.at(-1)!.id + 1n;
        this.#options.acknowledge(this.#safe);
      }
      this.#writing = false;
    } catch (error) {
      this.#options.onFailed(error);
    }
  }

  async #consume(id: FrameId, frame: InboundFrame | typeof FAILED): Promise<void> {
    const { consumers, indexOf } = this.#options;
    const index = indexOf(id);
    if (frame === FAILED) {
      for (const consumer of consumers) await consumer.skip(id, index);
      return;
    }
    for (const consumer of consumers) await consumer.take(id, frame.tensors, index);
    this.#delivery.out(id);
    frame.release();
  }
}
