/**
 * Where frames start. Each gets an id, goes into the ledger and on its way; the ledger keeps it until the sink has acknowledged it.
 *
 *     input ──▶ [ next frame, prepared ahead ] ── ledger not full, its time has come ──▶ ledger ──▶ outbox
 *
 * A frame follows when the one before has left the source; where routes take turns, when so many have left that no replica waits for another.
 *
 * Closed loop: a frame goes as soon as the window allows. Open loop: frame i is due at start + i/rate, whether or not the pipeline keeps
 * up; its latency counts from then.
 */
import { MeshError } from '../../mesh/error.ts';
import type { FrameId } from '../../mesh/frame.ts';
import type { Outbox } from '../../mesh/link/outbox.ts';
import type { Tensor } from '../../mesh/tensor.ts';
import type { Flow } from '../../partition/flow/flow.ts';
import { autoWindow, RATE_FRAMES } from '../../partition/flow/window.ts';
import { abortable, Bell, pause } from '../abortable.ts';
import type { FrameInput } from './frame-input.ts';
import { Ledger } from './ledger.ts';

export interface SourceOptions {
  readonly input: FrameInput;
  /** How many frames to send. */
  readonly frames: number;
  readonly window: number | 'auto';
  /** Frames per second; undefined: closed loop. */
  readonly rateFps: number | undefined;
  readonly flow: Flow;
  readonly outbox: Pick<Outbox, 'send'>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

interface Sent {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** When its latency begins. */
  readonly startMs: number;
}

export class Source {
  readonly #options: SourceOptions;
  readonly #ledger: Ledger<Sent>;
  readonly #bell = new Bell();
  readonly #startMs: number[] = [];
  #recentAcks: { readonly next: FrameId; readonly atMs: number }[] = [];
  #acknowledged = 0;
  /** Way → the shortest latency of its frames, milliseconds. */
  readonly #baseLatencyMs = new Map<number, number>();
  /** Frames that wait at a route. */
  #leaving = 0;
  /** Why a frame could not leave. */
  #failed: { readonly error: unknown } | undefined;

  constructor(options: SourceOptions) {
    this.#options = options;
    const { window } = options;
    this.#ledger = new Ledger(window === 'auto' ? this.#autoWindow() : window);
  }

  get sent(): number {
    return Number(this.#ledger.next);
  }

  get window(): number {
    return this.#ledger.window;
  }

  /** When the latency of a frame begins, by `now`. */
  startMs(id: FrameId): number {
    return this.#startMs[Number(id)]!;
  }

  /** Resolves when every frame is sent and acknowledged. Rejects with the signal's reason, or what the input or outbox failed with, but for `lost`. */
  async run(): Promise<void> {
    const { frames, flow, now, signal } = this.#options;
    const beginMs = now();
    let prepared = this.#prepare(0);
    for (let index = 0; index < frames; index += 1) {
      const tensors = await abortable(prepared, signal);
      prepared = this.#prepare(index + 1);
      const dueMs = await this.#due(index, beginMs);
      while (this.#ledger.full) await this.#wait();
      const startMs = dueMs ?? now();
      this.#startMs.push(startMs);
      const id = this.#ledger.admit({ tensors, startMs });
      this.#send(id, tensors);
      while (this.#leaving >= flow.ahead) await this.#wait();
    }
    while (this.#ledger.size > 0) await this.#wait();
  }

  #send(id: FrameId, tensors: ReadonlyMap<string, Tensor>): void {
    this.#leaving += 1;
    this.#options.outbox.send(id, tensors).then(
      () => {
        this.#leaving -= 1;
        this.#bell.ring();
      },
      (error: unknown) => {
        // Whoever listens to the outbox knows of a lost stream and finds out what was lost; that ends the run, by the signal.
        if (MeshError.from(error).code === 'lost') return;
        this.#failed ??= { error };
        this.#bell.ring();
      },
    );
  }

  /** Until something has happened that may end a wait. */
  async #wait(): Promise<void> {
    if (this.#failed === undefined) await abortable(this.#bell.wait(), this.#options.signal);
    if (this.#failed !== undefined) throw this.#failed.error;
  }

  /** The sink has committed all frames below `next`. */
  acknowledge(next: FrameId): void {
    const { window, flow, now } = this.#options;
    const left = this.#ledger.acknowledge(next);
    if (left.length === 0) return;
    const alone = this.#probing;
    this.#acknowledged += left.length;
    const atMs = now();
    for (const { id, frame } of left) {
      const way = flow.ways(id);
      this.#baseLatencyMs.set(way, Math.min(this.#baseLatencyMs.get(way) ?? Number.POSITIVE_INFINITY, atMs - frame.startMs));
    }
    // Frames that travel alone say nothing about the rate.
    if (!alone) this.#recentAcks = [...this.#recentAcks, { next, atMs }].slice(-RATE_FRAMES);
    if (window === 'auto') this.#ledger.window = this.#autoWindow();
    this.#bell.ring();
  }

  #prepare(index: number): Promise<ReadonlyMap<string, Tensor>> {
    const { frames, input } = this.#options;
    if (index >= frames) return Promise.resolve(new Map());
    const prepared = input.frame(BigInt(index));
    prepared.catch(() => {});
    return prepared;
  }

  async #due(index: number, beginMs: number): Promise<number | undefined> {
    const { rateFps, now, signal } = this.#options;
    if (rateFps === undefined) return undefined;
    const dueMs = beginMs + (index * 1000) / rateFps;
    const waitMs = dueMs - now();
    if (waitMs > 0) await pause(waitMs, signal);
    return dueMs;
  }

  /** The first frames of a closed loop travel alone, so that the latency of an empty pipeline is known. */
  get #probing(): boolean {
    return this.#options.rateFps === undefined && this.#acknowledged < this.#options.flow.probeFrames;
  }

  #autoWindow(): number {
    const { flow } = this.#options;
    if (this.#probing) return flow.probesAtOnce;
    // Outputs leave in order: those of the slowest way hold up the others.
    const baseLatencyMs = this.#baseLatencyMs.size === 0 ? undefined : Math.max(...this.#baseLatencyMs.values());
    return autoWindow({ stages: flow.depth, baseLatencyMs, rateFps: this.#rateFps() });
  }

  #rateFps(): number | undefined {
    const first = this.#recentAcks[0];
    const last = this.#recentAcks.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
    return (Number(last.next - first.next) * 1000) / (last.atMs - first.atMs);
  }
}
