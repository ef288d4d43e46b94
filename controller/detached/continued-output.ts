/**
 * What a detached run writes, and how far it is: a file or a stream that a later process of the run can continue, or nothing at all.
 *
 *     take, take, sync ──▶ safe ──▶ committed(next)         ends: complete: kept │ stopped: kept so far │ died, left: to be continued
 */
import type { FrameId } from '../../mesh/frame.ts';
import type { Tensor } from '../../mesh/tensor.ts';
import type { RunOutput } from '../run/run-output.ts';
import type { OutputConsumer } from '../run/sink.ts';

export interface ContinuedTarget extends OutputConsumer {
  /** All frames below are in it. */
  readonly next: number;
  /** Puts it where it belongs. */
  keep(): Promise<void>;
  /** Leaves it to be continued. */
  leave(): Promise<void>;
  /** Removes what was not kept. */
  close(): Promise<void>;
}

export class ContinuedOutput implements RunOutput {
  readonly #target: ContinuedTarget | undefined;
  readonly #committed: (next: FrameId) => void;
  readonly #isStopped: () => boolean;
  #next: FrameId;
  #over = false;

  /** `first`: all frames below are committed. `isStopped`: whether somebody ended the run, asked when it is closed. */
  constructor(target: ContinuedTarget | undefined, first: FrameId, committed: (next: FrameId) => void, isStopped: () => boolean) {
    this.#target = target;
    this.#next = first;
    this.#committed = committed;
    this.#isStopped = isStopped;
  }

  async take(id: FrameId, tensors: ReadonlyMap<string, Tensor>, index: number): Promise<void> {
    await this.#target?.take(id, tensors, index);
    this.#next = id + 1n;
  }

  async skip(id: FrameId, index: number): Promise<void> {
    await this.#target?.skip(id, index);
    this.#next = id + 1n;
  }

  async sync(): Promise<void> {
    const next = this.#next;
    await this.#target?.sync();
    this.#committed(next);
  }

  async keep(): Promise<void> {
    this.#over = true;
    await this.#target?.keep();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#over || this.#target === undefined) return;
    this.#over = true;
    if (!this.#isStopped()) await this.#target.leave();
    else if (this.#target.next > 0) await this.#target.keep();
    else await this.#target.close();
  }
}
