/**
 * Shadow frames: one in so many frames is sent once more right behind, without loss, and what comes out of both is compared.
 *
 *     ids on their way   0  1  2  3  4  5  6  7  8  9  …
 *     frames             0  1  2  3  ·  4  5  6  7  ·        every 4th
 *     shadow of                      3              7
 *     codecs             q  q  q  q  =  q  q  q  q  =        q: as chosen, =: lossless
 *
 * The engine knows nothing of this: it carries ids. The source asks a wrapped input for them, the sink hands outputs to a wrapped consumer.
 */
import { CODEC_CYCLE_MAX } from '../../mesh/codec-cycle.ts';
import type { FrameId } from '../../mesh/frame.ts';
import { greatestDivisor } from '../../mesh/turns.ts';
import type { Delivery } from '../run/delivery.ts';
import type { FrameInput } from '../run/frame-input.ts';
import type { OutputConsumer } from '../run/sink.ts';
import type { MeasuredRows } from '../store/records.ts';
import { periodsFor } from './codec-schedule.ts';
import type { OutputError } from './error-budget.ts';
import { copied, type Outputs, outputError } from './output-error.ts';

export class ShadowFrames {
  readonly every: number;
  /** Ids after which the pattern repeats; the last of them is the shadow. */
  readonly period: number;

  /**
   * `turnsPeriod`: frames after which the turns of the plan's routes repeat. With a divisor in common the shadows of some replicas would never come by:
   * then a frame in less is repeated, or, where that is not possible, in more.
   */
  constructor(every: number, turnsPeriod = 1) {
    let period = every + 1;
    while (period > 1 && greatestDivisor(period, turnsPeriod) > 1) period -= 1;
    if (period === 1) period = periodsFor(every + 1, CODEC_CYCLE_MAX, turnsPeriod);
    this.every = period - 1;
    this.period = period;
  }

  /** Ids that so many frames need. */
  total(frames: number): number {
    return frames + Math.floor(frames / this.every);
  }

  isShadow(id: FrameId): boolean {
    return Number(id % BigInt(this.period)) === this.every;
  }

  /** The frame itself; of a shadow the one it repeats. */
  frameOf(id: FrameId): FrameId {
    const periods = id / BigInt(this.period);
    return id - periods - (this.isShadow(id) ? 1n : 0n);
  }

  /** The first frame of those whose ids are at least this. */
  firstFrom(id: FrameId): FrameId {
    return this.frameOf(this.isShadow(id) ? id + 1n : id);
  }

  input(inner: FrameInput): FrameInput {
    return {
      count: inner.count === undefined ? undefined : this.total(inner.count),
      title: inner.title,
      check: (ids) => inner.check(Number(this.frameOf(BigInt(ids)))),
      frame: (id) => inner.frame(this.frameOf(id)),
      close: () => inner.close(),
    };
  }

  /** Hands frames on with their own ids, and counts them; `compared` gets what each shadow shows. */
  consumer(
    inner: readonly OutputConsumer[],
    delivery: Pick<Delivery, 'out'>,
    compared: (frame: FrameId, error: OutputError) => void,
  ): OutputConsumer {
    let last: Outputs | undefined;
    return {
      take: async (id, outputs) => {
        const frame = this.frameOf(id);
        if (this.isShadow(id)) {
          if (last !== undefined) compared(frame, outputError(outputs, last));
          last = undefined;
          return;
        }
        if (this.isShadow(id + 1n)) last = copied(outputs);
        for (const consumer of inner) await consumer.take(frame, outputs, Number(frame));
        delivery.out(frame);
      },
      skip: async (id) => {
        last = undefined;
        if (!this.isShadow(id)) for (const consumer of inner) await consumer.skip(this.frameOf(id), Number(this.frameOf(id)));
      },
      sync: async () => {
        for (const consumer of inner) await consumer.sync();
      },
    };
  }

  /** What was measured of frames, under their own ids; shadows left out. */
  framesOnly(rows: MeasuredRows): MeasuredRows {
    const own = <R extends { readonly frame: FrameId }>(list: readonly R[]): R[] =>
      list.filter(({ frame }) => !this.isShadow(frame)).map((row) => ({ ...row, frame: this.frameOf(row.frame) }));
    return { frames: own(rows.frames), stages: own(rows.stages), links: own(rows.links) };
  }
}
