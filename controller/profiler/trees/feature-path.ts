/**
 * The features between the root and a node, and for each number of them that is known the weight of the ways to come here: what Shapley values of a
 * tree are made of (EXTEND and UNWIND of Lundberg et al. 2020, algorithm 2).
 *
 *     feature               –     3     7        3: looked at once or more often
 *     unknown (zero)        1    0.4   0.25      part of the rows that come along here when the feature is not known
 *     known (one)           1     1     0        1: this row comes along here, too; 0: it does not
 *     weight               w₀    w₁    w₂        wₖ: of all orders of the features, the part in which k of them are known before, times what comes here
 */
export class FeaturePath {
  readonly #features: readonly number[];
  readonly #zeros: readonly number[];
  readonly #ones: readonly number[];
  readonly #weights: readonly number[];

  private constructor(features: readonly number[], zeros: readonly number[], ones: readonly number[], weights: readonly number[]) {
    this.#features = features;
    this.#zeros = zeros;
    this.#ones = ones;
    this.#weights = weights;
  }

  /** Of the root: a feature that does not exist, whose contribution nobody asks for. */
  static readonly root = new FeaturePath([-1], [1], [1], [1]);

  /** One split further. Undefined: nobody comes there, known or not, so that whatever is there counts nothing. */
  extended(feature: number, zero: number, one: number): FeaturePath | undefined {
    const at = this.#features.indexOf(feature);
    if (at < 0) return zero === 0 && one === 0 ? undefined : this.#with(feature, zero, one);
    const zeros = zero * this.#zeros[at]!;
    const ones = one * this.#ones[at]!;
    return zeros === 0 && ones === 0 ? undefined : this.#without(at).#with(feature, zeros, ones);
  }

  /** Adds what a leaf of this value contributes. */
  addTo(sums: Float64Array, value: number): void {
    for (let at = 1; at < this.#features.length; at += 1) {
      const difference = this.#ones[at]! - this.#zeros[at]!;
      sums[this.#features[at]!]! += this.#unwind(at) * difference * value;
    }
  }

  #with(feature: number, zero: number, one: number): FeaturePath {
    const length = this.#features.length;
    const weights = [...this.#weights, 0];
    for (let at = length - 1; at >= 0; at -= 1) {
      const weight = this.#weights[at]! / (length + 1);
      weights[at + 1]! += one * weight * (at + 1);
      weights[at] = zero * weight * (length - at);
    }
    return new FeaturePath([...this.#features, feature], [...this.#zeros, zero], [...this.#ones, one], weights);
  }

  #without(at: number): FeaturePath {
    const weights = new Array<number>(this.#features.length - 1).fill(0);
    this.#unwind(at, weights);
    return new FeaturePath(this.#features.toSpliced(at, 1), this.#zeros.toSpliced(at, 1), this.#ones.toSpliced(at, 1), weights);
  }

  /** #with backwards: the sum of the weights as if the feature were not on the path, and if asked for the weights themselves. */
  #unwind(at: number, weights?: number[]): number {
    const last = this.#features.length - 1;
    const zero = this.#zeros[at]!;
    const one = this.#ones[at]!;
    let sum = 0;
    let carried = this.#weights[last]!;
    for (let index = last - 1; index >= 0; index -= 1) {
      let weight: number;
      if (one === 0) {
        weight = (this.#weights[index]! * (last + 1)) / (zero * (last - index));
      } else {
        weight = (carried * (last + 1)) / ((index + 1) * one);
        carried = this.#weights[index]! - (weight * zero * (last - index)) / (last + 1);
      }
      if (weights !== undefined) weights[index] = weight;
      sum += weight;
    }
    return sum;
  }
}
