/**
 * The session of a simulated stage: computes `mix` of its inputs, one frame after the other, for as long as the device takes.
 *
 *     run(frame) ──▶ waits for those before ──▶ ended meanwhile? dropped ──▶ computes, by the virtual clock ──▶ outputs
 */

import type { LoadOrder } from '../../agent/stage/protocol.ts';
import type { Session, SessionFrame } from '../../agent/stage/session.ts';
import type { Clock } from '../../mesh/clock.ts';
import { pause } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Epoch } from '../../mesh/frame.ts';
import { mix } from './sim-model.ts';

export type Ran = Awaited<ReturnType<Session['run']>>;

export interface SimSessionOptions {
  readonly order: LoadOrder;
  readonly clock: Clock;
  /** Of the next frame. */
  readonly computeMs: () => number;
  /** A frame of this epoch begins to be computed. `inputs`: its tensors. */
  readonly onCompute: (epoch: Epoch, inputs: readonly Uint8Array[]) => void;
}

export class SimSession implements Session {
  readonly #options: SimSessionOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: SimSessionOptions) {
    this.#options = options;
  }

  run({ inputs, ...frame }: SessionFrame): Promise<Ran> {
    // Theirs from now on, as buffers that are posted to a thread: whoever gave them finds them empty.
    const taken = inputs.map((input) => ({ ...input, buffer: input.buffer.transfer() }));
    const before = this.#last;
    const running = before.then(() => this.#compute({ ...frame, inputs: taken }));
    this.#last = running.catch(() => {});
    return running;
  }

  async #compute({ epoch, inputs, ended }: SessionFrame): Promise<Ran> {
    if (ended.isSet) throw new MeshError('cancelled', 'nobody wants this frame any more');
    const { order, clock, computeMs, onCompute } = this.#options;
    const bytes = inputs.map(({ buffer }) => new Uint8Array(buffer));
    onCompute(epoch, bytes);
    const startMs = clock.now();
    await pause(clock, computeMs());
    const outputs = order.outputs.map((name) => {
      const { buffer } = mix(name, bytes);
      return { name, dtype: 'uint8' as const, dims: [buffer.byteLength], buffer };
    });
    return { outputs, spent: inputs.map(({ buffer }) => buffer), startMs, endMs: clock.now() };
  }
}
