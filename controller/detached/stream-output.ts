/**
 * Outputs into a stream of the mesh's NATS server. While the server is away or has no room the sink waits, and with it the source: nothing is
 * dropped.
 */
import type { OutputStreamWriter } from '../../mesh/bus/nats-outputs.ts';
import { type Clock, pause } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import type { FrameId } from '../../mesh/frame.ts';
import type { Tensor } from '../../mesh/tensor.ts';
import type { ContinuedTarget } from './continued-output.ts';

const AGAIN_MS = 250;

export interface StreamOutputOptions {
  readonly writer: Pick<OutputStreamWriter, 'next' | 'append' | 'flush'>;
  readonly clock: Clock;
  /** Ends a wait. */
  readonly signal: AbortSignal;
  /** What it waits for; empty: it waits no more. */
  readonly onWait: (note: string) => void;
  /** Another process writes this run's outputs. */
  readonly onReplaced: () => void;
}

export class StreamOutput implements ContinuedTarget {
  readonly #options: StreamOutputOptions;

  constructor(options: StreamOutputOptions) {
    this.#options = options;
  }

  get next(): number {
    return Number(this.#options.writer.next);
  }

  async take(id: FrameId, tensors: ReadonlyMap<string, Tensor>): Promise<void> {
    this.#options.writer.append(id, tensors);
  }

  async skip(id: FrameId): Promise<void> {
    this.#options.writer.append(id, undefined);
  }

  async sync(): Promise<void> {
    const { writer, clock, signal, onWait, onReplaced } = this.#options;
    for (let waited = false; ; waited = true) {
      try {
        await writer.flush();
        if (waited) onWait('');
        return;
      } catch (error) {
        const { code, message } = MeshError.from(error);
        if (code === 'conflict') onReplaced();
        if (code !== 'unreachable') throw error;
        onWait(`waits: ${message}`);
        await pause(clock, AGAIN_MS, signal);
      }
    }
  }

  /** What is in the stream stays there. */
  async keep(): Promise<void> {}

  async leave(): Promise<void> {}

  async close(): Promise<void> {}
}
