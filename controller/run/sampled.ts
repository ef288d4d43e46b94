/**
 * One measured quantity of a run of any length: count, sum and extremes are exact; ranks are those of a sample of fixed size.
 *
 *     values 1 … n ──▶ sample: each value is in it with the same probability
 *
 * As long as there are no more values than the sample holds it has all of them, and ranks are exact, too. (Reservoir sampling, Algorithm R: Vitter,
 * Random sampling with a reservoir, ACM TOMS 11(1), 1985.)
 */
import { Random } from '../../mesh/random.ts';
import { type Distribution, distributionOf } from './statistics.ts';

/** The 99th percentile of so many is between the 98.7th and the 99.3rd of all, nearly always (three standard deviations of a binomial). 64 KiB. */
export const SAMPLE_MAX = 8192;

export class Sampled {
  readonly #sample: number[] = [];
  readonly #random: Random;
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  /** The same values in the same order give the same sample for the same seed. */
  constructor(seed = 1) {
    this.#random = new Random(seed);
  }

  add(value: number): void {
    this.#count += 1;
    this.#sum += value;
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
    if (this.#sample.length < SAMPLE_MAX) this.#sample.push(value);
    else {
      const at = this.#random.below(this.#count);
      if (at < SAMPLE_MAX) this.#sample[at] = value;
    }
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** Infinity without values. */
  get min(): number {
    return this.#min;
  }

  /** Of the values divided by `unit`; undefined without values. The maximum is that of all. */
  distribution(unit = 1): Distribution | undefined {
    const found = distributionOf(this.#sample.map((value) => value / unit));
    if (found === undefined || this.#count === this.#sample.length) return found;
    return { ...found, max: this.#max / unit, sample: this.#sample.length };
  }

  /** What it needs of memory: numbers. */
  get size(): number {
    return this.#sample.length;
  }
}
