/**
 * The producer's side of all its routes: frames wait here for credit, are cut into chunks, encoded and sent.
 *
 *     send(frame) ──▶ route to A: [credit?] ─▶ chunk ─▶ encode ─▶ stream A
 *                └──▶ route to B: [credit?] ─▶ chunk ─▶ encode ─▶ stream B      resolves when both took it
 *
 * A route carries the frames whose turn it is and knows nothing of others. Credit: a consumer says how much it may hold (`window`) and what it has consumed; in between is what is outstanding. A frame larger
 * than the byte window goes alone. Frames of one route keep their order; those of one route do not wait for those of another. A route whose consumer has not connected yet has no credit.
 */
import { type Codec, NO_CODEC } from '../codec.ts';
import type { CodecCycle } from '../codec-cycle.ts';
import { MeshError } from '../error.ts';
import type { Tensor } from '../tensor.ts';
import { carrier, formatTurns, sameTurns, type Turns } from '../turns.ts';
import { chunksOf } from './chunks.ts';
import type { Progress, PushStream } from './link.ts';
import { encodeChunk, RouteEncoder } from './route-encoder.ts';
import { type Transfer, Transfers } from './transfers.ts';

/**
 * Chunks handed to the stream before the first is known to be out. The stream takes one at a time and copies it then, so these are views that
 * wait; with 2 the stream ran dry between turns of the event loop, and a 0.6 MB frame took 1.8 ms instead of 1.3.
 */
const CHUNKS_IN_FLIGHT = 8;

export interface OutRoute {
  readonly to: string;
  readonly tensors: readonly string[];
  /** How its frames travel, until `recode`. */
  readonly codecs: CodecCycle;
  /** The frames this route carries. Absent: every frame. */
  readonly turns?: Turns;
}

export interface OutboxOptions {
  readonly run: string;
  readonly epoch: bigint;
  readonly producer: string;
  readonly routes: readonly OutRoute[];
  readonly codecs: ReadonlyMap<string, Codec>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly onTransfer?: (transfer: Transfer) => void;
  /** A consumer's stream broke. A consumer that ends in order is no loss: sends to it reject with `cancelled`. */
  readonly onLost?: (consumer: string, error: MeshError) => void;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #routes: ReadonlyMap<string, RouteOut>;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#routes = new Map(options.routes.map((route) => [route.to, new RouteOut(route, options)]));
  }

  /** Takes a consumer's stream. Error `conflict` when run, epoch, producer or tensors are not those of this outbox. */
  accept(stream: PushStream): void {
    const { run, epoch, producer } = this.#options;
    const { open } = stream;
    if (open.run !== run || open.producer !== producer) {
      throw new MeshError('conflict', `${open.consumer} wants ${open.producer} of run ${open.run}, but this is ${producer} of run ${run}`);
    }
    if (open.epoch !== epoch)
      throw new MeshError('conflict', `${open.consumer} pulls for epoch ${open.epoch}, but ${producer} is at epoch ${epoch}`);
    const route = this.#routes.get(open.consumer);
    if (route === undefined) throw new MeshError('conflict', `the plan has no route from ${producer} to ${open.consumer}`);
    route.attach(stream);
  }

  /**
   * Sends a frame on every route that carries it; resolves when all took it and its bytes may be reused. Frames are sent in the order of the
   * calls. Rejects with `lost` when a consumer's stream broke, with `cancelled` when it or this outbox was closed.
   */
  async send(id: bigint, tensors: ReadonlyMap<string, Tensor>): Promise<{ readonly encodeUs: number }> {
    const encodeUs = await Promise.all([...this.#routes.values()].map((route) => route.send(id, tensors)));
    return { encodeUs: encodeUs.reduce((sum, us) => sum + us, 0) };
  }

  /** Frames sent to `consumer` from now on travel so. Errors: `conflict` when there is no such route; those of `checkCodecCycle`. */
  recode(consumer: string, codecs: CodecCycle): void {
    const route = this.#routes.get(consumer);
    if (route === undefined) throw new MeshError('conflict', `the plan has no route from ${this.#options.producer} to ${consumer}`);
    route.recode(codecs);
  }

  /** Resolves when every consumer pulls, or is gone. */
  async connected(): Promise<void> {
    await Promise.all([...this.#routes.values()].map((route) => route.connected()));
  }

  /** Resolves when every frame sent has been confirmed by its consumers, or those are gone. */
  async settled(): Promise<void> {
    await Promise.all([...this.#routes.values()].map((route) => route.settled()));
  }

  /** Ends all streams, in order or with a reason. Idempotent. */
  close(error?: MeshError): void {
    for (const route of this.#routes.values()) route.close(error);
  }
}

class RouteOut {
  readonly #route: OutRoute;
  readonly #options: OutboxOptions;
  readonly #encoder: RouteEncoder;
  readonly #transfers: Transfers;
  #stream: PushStream | undefined;
  #progress: Progress = { receivedFrames: 0, consumedFrames: 0, consumedBytes: 0 };
  #sentFrames = 0;
  #sentBytes = 0;
  #confirmedFrames = 0;
  #closed: MeshError | undefined;
  /** Settled when the frame sent last is out, or has failed. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #carries: (id: bigint) => boolean;
  readonly #waiting: (() => void)[] = [];

  constructor(route: OutRoute, options: OutboxOptions) {
    this.#route = route;
    this.#options = options;
    this.#carries = carrier(route.turns);
    this.#transfers = new Transfers(route.to);
    this.#encoder = new RouteEncoder(route.codecs, options.codecs);
  }

  recode(codecs: CodecCycle): void {
    this.#encoder.change(codecs);
  }

  attach(stream: PushStream): void {
    const { producer } = this.#options;
    if (this.#stream !== undefined) throw new MeshError('conflict', `${this.#route.to} pulls from ${producer} already`);
    if (this.#closed !== undefined) throw this.#closed;
    const { open } = stream;
    if (open.tensors.join('\n') !== this.#route.tensors.join('\n')) {
      throw new MeshError(
        'conflict',
        `${open.consumer} wants [${open.tensors.join(', ')}] from ${producer}, the plan says [${this.#route.tensors.join(', ')}]`,
      );
    }
    if (!sameTurns(open.turns, this.#route.turns)) {
      const [wants, says] = [formatTurns(open.turns), formatTurns(this.#route.turns)];
      throw new MeshError('conflict', `${open.consumer} wants frames ${wants} from ${producer}, the plan says ${says}`);
    }
    this.#stream = stream;
    stream.onProgress((progress) => this.#advance(progress));
    stream.onClose((error) => this.#lose(error));
    this.#wake();
  }

  /** Microseconds spent on encoding. */
  async send(id: bigint, tensors: ReadonlyMap<string, Tensor>): Promise<number> {
    if (!this.#carries(id)) return 0;
    const frame = this.#route.tensors.map((name) => {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new MeshError('invalid', `frame ${id} has no tensor "${name}", which ${this.#route.to} needs`);
      return tensor;
    });
    const before = this.#last;
    const out = before.then(() => this.#sendNow(id, frame));
    this.#last = out.catch(() => {});
    return await out;
  }

  async #sendNow(id: bigint, frame: readonly Tensor[]): Promise<number> {
    const rawBytes = frame.reduce((sum, tensor) => sum + tensor.data.byteLength, 0);
    const stream = await this.#credit(rawBytes);
    this.#sentFrames += 1;
    this.#sentBytes += rawBytes;
    const codec = this.#encoder.codecOf(id);
    const record = this.#transfers.begin(id, rawBytes, codec?.name ?? NO_CODEC, this.#options.now());
    const inFlight: Promise<void>[] = [];
    for (const chunk of chunksOf(frame)) {
      const startMs = this.#options.now();
      const encoded = encodeChunk(codec, chunk.raw, chunk.layout);
      record.encodeMs += this.#options.now() - startMs;
      record.wireBytes += encoded.payload.byteLength;
      record.used.add(encoded.codec);
      inFlight.push(stream.send({ frame: id, ...chunk.place, codec: encoded.codec, payload: encoded.payload }));
      if (inFlight.length >= CHUNKS_IN_FLIGHT) await inFlight.shift();
    }
    await Promise.all(inFlight);
    return record.encodeMs * 1000;
  }

  async connected(): Promise<void> {
    while (this.#stream === undefined && this.#closed === undefined) await this.#changed();
  }

  async settled(): Promise<void> {
    while (this.#transfers.open > 0 && this.#closed === undefined) await this.#changed();
  }

  close(error: MeshError | undefined): void {
    if (this.#closed !== undefined) return;
    this.#closed = error ?? new MeshError('cancelled', `${this.#options.producer} has ended`);
    this.#stream?.end(error);
    this.#wake();
  }

  async #credit(bytes: number): Promise<PushStream> {
    for (;;) {
      if (this.#closed !== undefined) throw this.#closed;
      const stream = this.#stream;
      if (stream !== undefined && this.#fits(bytes, stream)) return stream;
      await this.#changed();
    }
  }

  /** Resolves with the next progress, attachment or end. */
  #changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #fits(bytes: number, stream: PushStream): boolean {
    const outstanding = this.#sentFrames - this.#progress.consumedFrames;
    if (outstanding === 0) return true;
    const outstandingBytes = this.#sentBytes - this.#progress.consumedBytes;
    return outstanding < stream.open.windowFrames && outstandingBytes + bytes <= stream.open.windowBytes;
  }

  #advance(progress: Progress): void {
    const before = this.#progress;
    const sane =
      progress.receivedFrames <= this.#sentFrames &&
      progress.consumedFrames <= progress.receivedFrames &&
      progress.consumedBytes <= this.#sentBytes &&
      progress.receivedFrames >= before.receivedFrames &&
      progress.consumedFrames >= before.consumedFrames &&
      progress.consumedBytes >= before.consumedBytes;
    if (!sane) throw new MeshError('invalid', `${this.#route.to} confirms frames that ${this.#options.producer} has not sent`);
    this.#progress = progress;
    while (this.#confirmedFrames < progress.receivedFrames) this.#confirm();
    this.#wake();
  }

  #confirm(): void {
    this.#confirmedFrames += 1;
    const transfer = this.#transfers.confirm(this.#options.now());
    this.#options.onTransfer?.(transfer);
  }

  #lose(error: MeshError | undefined): void {
    if (this.#closed !== undefined) return;
    const { to } = this.#route;
    const { producer } = this.#options;
    if (error === undefined) {
      this.#closed = new MeshError('cancelled', `${to} has ended its stream from ${producer}`);
      this.#wake();
      return;
    }
    this.#closed = new MeshError('lost', `${to} no longer pulls from ${producer}: ${error.message}`, { cause: error });
    this.#wake();
    this.#options.onLost?.(to, this.#closed);
  }
}
