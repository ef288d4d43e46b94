/**
 * Every input several times, each time with other codecs on the routes; what comes out is compared with the first, which travels without loss.
 *
 *     ids       0        1           2         3        4           5         …
 *     input     0        0           0         1        1           1
 *     variant   lossless int8 on a→b int4 …    lossless int8 on a→b int4 …
 */
import { NO_CODEC } from '../../mesh/codec.ts';
import type { CodecCycle } from '../../mesh/codec-cycle.ts';
import type { FrameInput } from '../run/frame-input.ts';
import type { OutputConsumer } from '../run/sink.ts';
import { periodsFor } from './codec-schedule.ts';
import { type ErrorTally, noErrors, tallied } from './error-budget.ts';
import { copied, type Outputs, outputError } from './output-error.ts';

/** `FROM TO` → codec; routes that are not named travel as they are. */
export type Variant = ReadonlyMap<string, string>;

export function routeKey({ from, to }: { readonly from: string; readonly to: string }): string {
  return `${from} ${to}`;
}

export class CodecVariants {
  readonly #variants: readonly Variant[];
  readonly #tallies: ErrorTally[];
  #lossless: Outputs | undefined;

  /** Besides the lossless one. `turnsPeriod`: frames after which the turns of the plan's routes repeat. */
  constructor(variants: readonly Variant[], turnsPeriod = 1) {
    // With a divisor in common a route would get the frames of some variants only; the others would seem to cost nothing there.
    const count = periodsFor(variants.length + 1, Number.POSITIVE_INFINITY, turnsPeriod);
    this.#variants = Array.from({ length: count }, (_, index) => variants[index - 1] ?? new Map());
    this.#tallies = variants.map(() => noErrors);
  }

  /** Ids that so many inputs need. */
  total(inputs: number): number {
    return inputs * this.#variants.length;
  }

  cycleOf(route: { readonly from: string; readonly to: string }): CodecCycle {
    return this.#variants.map((variant) => variant.get(routeKey(route)) ?? NO_CODEC);
  }

  /** Of the first `frames` inputs, again and again. */
  input(inner: FrameInput, frames: number): FrameInput {
    const each = BigInt(this.#variants.length);
    return {
      count: inner.count === undefined ? undefined : this.total(inner.count),
      title: inner.title,
      check: (ids) => inner.check(Math.min(frames, Math.ceil(ids / this.#variants.length))),
      frame: (id) => inner.frame((id / each) % BigInt(frames)),
      close: () => inner.close(),
    };
  }

  readonly consumer: OutputConsumer = {
    take: async (id, outputs) => {
      const variant = Number(id % BigInt(this.#variants.length));
      if (variant === 0) this.#lossless = copied(outputs);
      else if (variant <= this.#tallies.length) {
        this.#tallies[variant - 1] = tallied(this.#tallies[variant - 1]!, outputError(this.#lossless!, outputs));
      }
    },
    // The run fails when frames of the calibration do.
    skip: async () => {},
    sync: async () => {},
  };

  /** Of each variant, in their order. */
  get tallies(): readonly ErrorTally[] {
    return this.#tallies;
  }
}
