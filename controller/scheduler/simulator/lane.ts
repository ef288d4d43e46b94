/**
 * A route at work, both ends and the way between: what mesh/link's Outbox and Inbox do, with credit as they count it.
 *
 *     offer ─▶ [credit?] ─▶ producer's thread ─▶ send buffer ─▶ media ─▶ latency ─▶ consumer's thread ─▶ frame complete: arrived
 *                 ▲──────────────── latency of the way back ──────────────────────────────────────────── consumed
 *
 * Frames travel in messages of equal size. A frame larger than the byte window goes alone. A frame is
 * sent when the send buffer has taken in all of it.
 */
import { maskOf, type Turns } from '../../../mesh/turns.ts';
import { Credits } from './credits.ts';
import { Delay } from './delay.ts';
import type { EventQueue } from './event-queue.ts';
import { Flow, type Medium, type Network } from './network.ts';
import { NumberRing } from './ring.ts';
import type { Draw } from './samples.ts';
import type { Task, Thread } from './thread.ts';

export interface LaneOptions {
  readonly from: string;
  readonly to: string;
  readonly turns: Turns | undefined;
  /** Of a frame. */
  readonly rawBytes: number;
  readonly wireBytes: number;
  readonly messages: number;
  readonly windowFrames: number;
  readonly windowBytes: number;
  readonly bufferBytes: number;
  readonly producer: Thread;
  readonly consumer: Thread;
  /** Per frame. */
  readonly sendMs: Draw;
  readonly receiveMs: Draw;
  readonly latencyMs: number;
  readonly backLatencyMs: number;
  /** Comes to the latency of a message. */
  readonly jitterMs: Draw;
  readonly media: readonly Medium[];
}

export class Lane {
  readonly options: LaneOptions;
  readonly #queue: EventQueue;
  #sent!: (frame: number) => void;
  #arrived!: (frame: number) => void;
  /** Frames of its turns: 1 where it carries one. */
  readonly #turns: Uint8Array | undefined;
  readonly #flow: Flow;
  readonly #forth: Delay;
  readonly #credits: Credits;
  readonly #sending: Task;
  readonly #receiving: Task;
  readonly #messageBytes: number;
  /** Messages that the send buffer holds. */
  readonly #bufferMessages: number;
  /** Frames that wait for credit, or for the one before to be sent, and since when. */
  readonly #offered = new NumberRing();
  readonly #offeredMs = new NumberRing();
  /** What is being sent. */
  #leaving: number | undefined;
  readonly #startsMs = new NumberRing();
  /** The frame of each message that waits for the media. */
  readonly #waiting = new NumberRing();
  #transmitting = false;
  /** Messages so far. */
  #takenIn = 0;
  #through = 0;
  #reached = 0;
  #received = 0;
  #receiveCostMs = 0;
  #sentFrames = 0;
  #consumedFrames = 0;
  #frames = 0;
  #transferMs = 0;
  #creditWaitMs = 0;
  #outstandingMax = 0;

  constructor(queue: EventQueue, network: Network, options: LaneOptions) {
    this.options = options;
    this.#queue = queue;
    this.#turns = options.turns === undefined ? undefined : maskOf(options.turns, options.turns.of);
    this.#messageBytes = options.wireBytes / options.messages;
    this.#bufferMessages = Math.max(1, Math.floor(options.bufferBytes / this.#messageBytes));
    this.#flow = new Flow(network, queue, options.media, () => this.#passed());
    this.#forth = new Delay(queue, (frame) => this.#reach(frame));
    this.#credits = new Credits(queue, () => this.#begin());
    this.#sending = { done: (frame) => this.#handOver(frame) };
    this.#receiving = { done: (frame) => this.#receive(frame) };
  }

  /** Frames that have arrived. */
  get frames(): number {
    return this.#frames;
  }

  /** Credit had → arrived, and the word of it back: as producers measure it. Mean over the frames. */
  get transferMs(): number {
    return this.#frames === 0 ? 0 : this.#transferMs / this.#frames + this.options.backLatencyMs;
  }

  /** How long frames waited for credit, or for the one before, sum. */
  get creditWaitMs(): number {
    return this.#creditWaitMs;
  }

  /** Most frames that were sent and not yet known to be consumed. */
  get outstandingMax(): number {
    return this.#outstandingMax;
  }

  /** Who is told when all of a frame is on its way. Before the first frame. */
  tellSent(sent: (frame: number) => void): void {
    this.#sent = sent;
  }

  /** Who is told when the consumer has all of a frame. Before the first frame. */
  tellArrived(arrived: (frame: number) => void): void {
    this.#arrived = arrived;
  }

  carries(frame: number): boolean {
    return this.#turns === undefined || this.#turns[frame % this.#turns.length] === 1;
  }

  /** Frames go in the order in which they are offered. */
  offer(frame: number): void {
    this.#offered.push(frame);
    this.#offeredMs.push(this.#queue.nowMs);
    this.#begin();
  }

  /** The consumer is done with a frame. */
  consumed(): void {
    this.#credits.give(this.options.backLatencyMs);
  }

  /** Neither bytes nor credit arrive until it is let go again. */
  hold(held: boolean): void {
    this.#flow.hold(held);
    this.#forth.hold(held);
    this.#credits.hold(held);
  }

  #begin(): void {
    if (this.#leaving !== undefined || this.#offered.length === 0) return;
    this.#consumedFrames = this.#credits.arrived();
    if (!this.#fits()) {
      this.#credits.awaitNext();
      return;
    }
    const { messages, producer, sendMs } = this.options;
    const nowMs = this.#queue.nowMs;
    const frame = this.#offered.shift();
    this.#leaving = frame;
    this.#creditWaitMs += nowMs - this.#offeredMs.shift();
    this.#startsMs.push(nowMs);
    this.#sentFrames += 1;
    this.#outstandingMax = Math.max(this.#outstandingMax, this.#sentFrames - this.#consumedFrames);
    const workMs = sendMs() / messages;
    for (let message = 0; message < messages; message += 1) producer.add(this.#sending, frame, workMs);
  }

  #fits(): boolean {
    const { windowFrames, windowBytes, rawBytes } = this.options;
    const outstanding = this.#sentFrames - this.#consumedFrames;
    return outstanding === 0 || (outstanding < windowFrames && (outstanding + 1) * rawBytes <= windowBytes);
  }

  #handOver(frame: number): void {
    this.#waiting.push(frame);
    this.#takeIn();
    this.#transmit();
  }

  /** The buffer takes messages in while it has room, and one in any case. */
  #takeIn(): void {
    const { messages } = this.options;
    const handedOver = this.#through + this.#waiting.length;
    while (this.#takenIn < handedOver && this.#takenIn < this.#through + this.#bufferMessages) {
      this.#takenIn += 1;
      if (this.#takenIn % messages === 0) {
        const frame = this.#leaving!;
        this.#leaving = undefined;
        this.#sent(frame);
        this.#begin();
      }
    }
  }

  #transmit(): void {
    if (this.#transmitting || this.#waiting.length === 0) return;
    this.#transmitting = true;
    this.#flow.send(this.#messageBytes);
  }

  #passed(): void {
    const { latencyMs, jitterMs } = this.options;
    this.#transmitting = false;
    this.#through += 1;
    this.#forth.send(this.#waiting.shift(), latencyMs + jitterMs());
    this.#takeIn();
    this.#transmit();
  }

  #reach(frame: number): void {
    const { messages, consumer, receiveMs } = this.options;
    if (this.#reached % messages === 0) this.#receiveCostMs = receiveMs() / messages;
    this.#reached += 1;
    consumer.add(this.#receiving, frame, this.#receiveCostMs);
  }

  #receive(frame: number): void {
    this.#received += 1;
    if (this.#received % this.options.messages !== 0) return;
    this.#frames += 1;
    this.#transferMs += this.#queue.nowMs - this.#startsMs.shift();
    this.#arrived(frame);
  }
}
