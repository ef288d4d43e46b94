/**
 * One epoch of a stage at work: frames flow from the inbox through the session to the outbox; everything overlaps.
 *
 *     Inbox ──▶ ready frames ──▶ session thread (one runs, one waits) ──▶ finished frames ──▶ Outbox
 *       ▲                                                                                      │
 *       └────────── release: credit for one more, once its outputs are sent ◀─────────────────┘
 *
 * So it holds at most `windowFrames` frames. Stages are deterministic functions of their inputs; order is kept from end to end. Once a flow has ended,
 * nothing of it is computed any more: the one frame that runs may finish, and its outputs go nowhere.
 */
import { BufferPool } from '../../mesh/buffer-pool.ts';
import { BufferSweep } from '../../mesh/buffer-sweep.ts';
import type { Codec } from '../../mesh/codec.ts';
import { MeshError } from '../../mesh/error.ts';
import { type InboundFrame, Inbox } from '../../mesh/link/inbox.ts';
import type { Link, PushStream } from '../../mesh/link/link.ts';
import { Outbox } from '../../mesh/link/outbox.ts';
import { formatSpec, type Tensor } from '../../mesh/tensor.ts';
import { EndFlag } from './end-flag.ts';
import type { MeasureBatcher } from './measure-batcher.ts';
import type { FlowProgress, LoadOrder, OpenOrder, RecodeOrder, StartOrder } from './protocol.ts';
import type { ThreadTensor } from './session/protocol.ts';
import type { Ran, Session } from './session.ts';

/** Frames given to the session thread at once: while one runs, the next waits in its queue, so that it never idles. */
const FRAMES_AT_SESSION = 2;

export interface StageFlowOptions {
  readonly stage: Pick<LoadOrder, 'run' | 'stage' | 'inputs'>;
  readonly order: OpenOrder;
  readonly session: Session;
  readonly link: Link;
  readonly codecs: ReadonlyMap<string, Codec>;
  readonly measures: MeasureBatcher;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** The flow has ended by itself. Called at most once. */
  readonly onFailed: (failure: FlowFailure) => void;
}

export interface FlowFailure {
  readonly error: MeshError;
  /** The stage that was lost, when that is the cause. */
  readonly lostPeer?: string;
  /** The session may be broken: no flow should go on with it. */
  readonly ofSession: boolean;
}

interface Ready {
  readonly frame: InboundFrame;
  readonly readyMs: number;
}

export class StageFlow {
  readonly #options: StageFlowOptions;
  readonly #pool: BufferPool;
  readonly #sweep = new BufferSweep('frames');
  readonly #outbox: Outbox;
  readonly #ready: Ready[] = [];
  #inbox: Inbox | undefined;
  readonly #endFlag = new EndFlag();
  #atSession = 0;
  #sending = 0;
  #frames = 0;
  #lastOutputBytes = 0;

  constructor(options: StageFlowOptions) {
    this.#options = options;
    const { stage, order, codecs, now, measures } = options;
    // Only inputs come from the pool: at most what the window allows to be in use. Outputs are the session's own.
    this.#pool = new BufferPool(order.windowBytes);
    this.#outbox = new Outbox({
      run: stage.run,
      epoch: order.epoch,
      producer: stage.stage,
      routes: order.routes,
      codecs,
      now,
      onTransfer: (transfer) => measures.transfer(transfer),
      onLost: (consumer, error) => this.#fail({ error, lostPeer: consumer, ofSession: false }),
    });
  }

  get progress(): FlowProgress {
    return { frames: this.#frames, held: this.#ready.length + this.#atSession + this.#sending, blocked: this.#sending };
  }

  accept(stream: PushStream): void {
    this.#outbox.accept(stream);
  }

  /** Begins to pull. Starting again is harmless. */
  start({ inputs, first }: StartOrder): void {
    if (this.#inbox !== undefined || this.#ended) return;
    const { stage, order, link, codecs, now } = this.#options;
    this.#inbox = new Inbox({
      run: stage.run,
      epoch: order.epoch,
      consumer: stage.stage,
      first,
      routes: inputs,
      windowFrames: order.windowFrames,
      windowBytes: order.windowBytes,
      link,
      codecs,
      now,
      pool: this.#pool,
      onFrame: (frame) => this.#take(frame),
      onLost: (producer, error) => this.#fail({ error, lostPeer: producer, ofSession: false }),
    });
    this.#inbox.start();
  }

  /** Frames sent from now on travel so. */
  recode({ to, codecs }: RecodeOrder): void {
    if (!this.#ended) this.#outbox.recode(to, codecs);
  }

  /** Takes in and computes nothing more; resolves when what was sent is confirmed. */
  async finish(): Promise<void> {
    this.#end();
    this.#inbox?.close();
    await this.#outbox.settled();
  }

  /** Ends all streams: producers learn that nobody was lost, consumers the same or why not. Idempotent. */
  close(error?: MeshError): void {
    this.#end();
    this.#inbox?.close();
    this.#outbox.close(error);
  }

  get #ended(): boolean {
    return this.#endFlag.isSet;
  }

  #end(): void {
    this.#endFlag.set();
    this.#ready.length = 0;
  }

  #take(frame: InboundFrame): void {
    if (this.#ended) return;
    const wrong = this.#mismatch(frame);
    if (wrong !== undefined) {
      this.#fail({ error: wrong, ofSession: false });
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
    const ran = await this.#run(frame);
    this.#atSession -= 1;
    if (ran === undefined || this.#ended) return;
    this.#lastOutputBytes = bytesOf(ran.outputs);
    this.#frames += 1;
    this.#pump();
    // Frames come here in their order, and the outbox keeps it on each route: one that waits for its consumer does not hold up another's.
    this.#sending += 1;
    await this.#send(frame, ran, readyMs);
    this.#sending -= 1;
  }

  /** Undefined when it did not come to its end; whoever has to know has been told. */
  async #run(frame: InboundFrame): Promise<Ran | undefined> {
    const { session, stage } = this.#options;
    try {
      const inputs = this.#inputsOf(frame);
      const inputBytes = bytesOf(inputs);
      const running = session.run({ epoch: this.#options.order.epoch, inputs, ended: this.#endFlag });
      // Now, while the session works, this thread has the time.
      this.#sweep.moved(inputBytes + this.#lastOutputBytes);
      return await running;
    } catch (thrown) {
      const cause = MeshError.from(thrown);
      const error = new MeshError('failed', `${stage.stage} failed on frame ${frame.id}: ${cause.message}`, { cause });
      this.#fail({ error, ofSession: true });
      return undefined;
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
        probeUs: (ran.probeMs ?? 0) * 1000,
      });
      for (const buffer of ran.spent) this.#pool.give(buffer);
      // Freed now: it has outlived a few minor collections, and V8 would mark its whole heap to find that out.
      for (const { buffer } of ran.outputs) buffer.transfer(0);
      frame.release();
    } catch (error) {
      // A lost consumer has been reported by the outbox; one that ended in order wants nothing more.
      const cause = MeshError.from(error);
      if (cause.code !== 'lost' && cause.code !== 'cancelled') this.#fail({ error: cause, ofSession: true });
    }
  }

  #inputsOf(frame: InboundFrame): ThreadTensor[] {
    return this.#options.stage.inputs.map(({ name }) => {
      const { dtype, dims, data } = frame.tensors.get(name)!;
      return { name, dtype, dims, buffer: data.buffer };
    });
  }

  #mismatch(frame: InboundFrame): MeshError | undefined {
    const { stage } = this.#options;
    for (const spec of stage.inputs) {
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
          `${stage.stage} expects ${formatSpec(spec)} for "${spec.name}" and got ${found} in frame ${frame.id}`,
        );
      }
    }
    return undefined;
  }

  #fail(failure: FlowFailure): void {
    if (this.#ended) return;
    this.#end();
    this.#options.onFailed(failure);
  }
}

function bytesOf(tensors: readonly ThreadTensor[]): number {
  return tensors.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}
