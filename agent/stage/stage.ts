/**
 * One stage at work: frames flow from the inbox through the session to the outbox; everything overlaps.
 *
 *     Inbox ──▶ ready frames ──▶ session thread (one runs, one waits) ──▶ finished frames ──▶ Outbox
 *       ▲                                                                                      │
 *       └────────── release: credit for one more, once its outputs are sent ◀─────────────────┘
 *
 * So it holds at most `windowFrames` frames. Stages are deterministic functions of their inputs; order is kept from end to end.
 */
import { BufferPool } from '../../mesh/buffer-pool.ts';
import { BufferSweep } from '../../mesh/buffer-sweep.ts';
import type { Codec } from '../../mesh/codec.ts';
import { MeshError } from '../../mesh/error.ts';
import { type InboundFrame, Inbox } from '../../mesh/link/inbox.ts';
import type { Link, PushStream } from '../../mesh/link/link.ts';
import { Outbox } from '../../mesh/link/outbox.ts';
import { formatSpec, type Tensor } from '../../mesh/tensor.ts';
import type { MeasureBatcher } from './measure-batcher.ts';
import type { LoadOrder, RecodeOrder, StartOrder } from './protocol.ts';
import type { ThreadTensor } from './session/protocol.ts';
import type { Ran, SessionThread } from './session-thread.ts';

/** Frames given to the session thread at once: while one runs, the next waits in its queue, so that it never idles. */
const FRAMES_AT_SESSION = 2;

export interface StageOptions {
  readonly order: LoadOrder;
  readonly session: SessionThread;
  readonly link: Link;
  readonly codecs: ReadonlyMap<string, Codec>;
  readonly measures: MeasureBatcher;
  readonly now: () => number;
  /** The stage can't go on; `peer` when the cause is a lost peer. Called at most once. */
  readonly onFailed: (error: MeshError, peer?: string) => void;
}

interface Ready {
  readonly frame: InboundFrame;
  readonly readyMs: number;
}

export class Stage {
  readonly #options: StageOptions;
  readonly #pool: BufferPool;
  readonly #sweep = new BufferSweep('frames');
  readonly #outbox: Outbox;
  readonly #ready: Ready[] = [];
  #inbox: Inbox | undefined;
  #atSession = 0;
  #frames = 0;
  #lastOutputBytes = 0;
  #ended = false;

  constructor(options: StageOptions) {
    this.#options = options;
    const { order, codecs, now, measures } = options;
    // Only inputs come from the pool: at most what the window allows to be in use. Outputs are the session's own.
    this.#pool = new BufferPool(order.windowBytes);
    this.#outbox = new Outbox({
      run: order.run,
      epoch: order.epoch,
      producer: order.stage,
      routes: order.routes,
      codecs,
      now,
      onTransfer: (transfer) => measures.transfer(transfer),
      onLost: (consumer, error) => this.#fail(error, consumer),
    });
  }

  get frames(): number {
    return this.#frames;
  }

  accept(stream: PushStream): void {
    this.#outbox.accept(stream);
  }

  /** Begins to pull. Starting again is harmless. */
  start({ inputs, first }: StartOrder): void {
    if (this.#inbox !== undefined || this.#ended) return;
    const { order, link, codecs, now } = this.#options;
    this.#inbox = new Inbox({
      run: order.run,
      epoch: order.epoch,
      consumer: order.stage,
      first,
      routes: inputs,
      windowFrames: order.windowFrames,
      windowBytes: order.windowBytes,
      link,
      codecs,
      now,
      pool: this.#pool,
      onFrame: (frame) => this.#take(frame),
      onLost: (producer, error) => this.#fail(error, producer),
    });
    this.#inbox.start();
  }

  /** Frames sent from now on travel so. */
  recode({ to, codecs }: RecodeOrder): void {
    if (!this.#ended) this.#outbox.recode(to, codecs);
  }

  /** Takes in nothing more; resolves when what was sent is confirmed. */
  async finish(): Promise<void> {
    this.#ended = true;
    this.#inbox?.close();
    await this.#outbox.settled();
  }

  /** Ends all streams in order. Idempotent. */
  close(): void {
    this.#ended = true;
    this.#inbox?.close();
    this.#outbox.close();
  }

  #take(frame: InboundFrame): void {
    const wrong = this.#mismatch(frame);
    if (wrong !== undefined) {
      this.#fail(wrong);
      return;
    }
    this.#ready.push({ frame, readyMs: this.#options.now() });
    this.#pump();
  }

  #pump(): void {
    while (this.#atSession < FRAMES_AT_SESSION && this.#ready.length > 0 && !this.#ended) {
      this.#atSession += 1;
      void this.#compute(this.#ready.shift()!);
    }
  }

  async #compute({ frame, readyMs }: Ready): Promise<void> {
    try {
      const inputs = this.#inputsOf(frame);
      const inputBytes = bytesOf(inputs);
      const running = this.#options.session.run({ inputs });
      // Now, while the session works, this thread has the time.
      this.#sweep.moved(inputBytes + this.#lastOutputBytes);
      const ran = await running;
      this.#lastOutputBytes = bytesOf(ran.outputs);
      this.#atSession -= 1;
      this.#frames += 1;
      this.#pump();
      // Frames come here in their order, and the outbox keeps it on each route: one that waits for its consumer does not hold up another's.
      void this.#send(frame, ran, readyMs);
    } catch (error) {
      const { order } = this.#options;
      this.#fail(new MeshError('failed', `${order.stage} failed on frame ${frame.id}: ${MeshError.from(error).message}`, { cause: error }));
    }
  }

  async #send(frame: InboundFrame, ran: Ran, readyMs: number): Promise<void> {
    const outputs = new Map(
      ran.outputs.map(({ name, dtype, dims, buffer }): [string, Tensor] => [name, { dtype, dims, data: new Uint8Array(buffer) }]),
    );
    try {
      const { encodeUs } = await this.#outbox.send(frame.id, outputs);
      this.#options.measures.frame({
        frame: frame.id,
        queueUs: Math.max(0, ran.startMs - readyMs) * 1000,
        decodeUs: frame.decodeUs,
        computeUs: (ran.endMs - ran.startMs) * 1000,
        encodeUs,
      });
      for (const buffer of ran.spent) this.#pool.give(buffer);
      // Freed now: it has outlived a few minor collections, and V8 would mark its whole heap to find that out.
      for (const { buffer } of ran.outputs) buffer.transfer(0);
      frame.release();
    } catch (error) {
      // A lost consumer has been reported by the outbox; one that ended in order wants nothing more.
      const cause = MeshError.from(error);
      if (cause.code !== 'lost' && cause.code !== 'cancelled') this.#fail(cause);
    }
  }

  #inputsOf(frame: InboundFrame): ThreadTensor[] {
    return this.#options.order.inputs.map(({ name }) => {
      const { dtype, dims, data } = frame.tensors.get(name)!;
      return { name, dtype, dims, buffer: data.buffer };
    });
  }

  #mismatch(frame: InboundFrame): MeshError | undefined {
    const { order } = this.#options;
    for (const spec of order.inputs) {
      const tensor = frame.tensors.get(spec.name);
      const fits =
        tensor !== undefined &&
        tensor.dtype === spec.dtype &&
        tensor.dims.length === spec.dims.length &&
        tensor.dims.every((dim, axis) => spec.dims[axis]! < 0 || spec.dims[axis] === dim);
      if (!fits) {
        const found = tensor === undefined ? 'nothing' : formatSpec(tensor);
        return new MeshError(
          'invalid',
          `${order.stage} expects ${formatSpec(spec)} for "${spec.name}" and got ${found} in frame ${frame.id}`,
        );
      }
    }
    return undefined;
  }

  #fail(error: MeshError, peer?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.onFailed(error, peer);
  }
}

function bytesOf(tensors: readonly ThreadTensor[]): number {
  return tensors.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}
