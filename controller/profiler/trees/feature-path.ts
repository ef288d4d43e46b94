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
  readonly #zeros: Float64Array;
  readonly #ones: Float64Array;
  readonly #weights: Float64Array;

  private constructor(features: readonly number[], zeros: Float64Array, ones: Float64Array, weights: Float64Array) {
    this.#features = features;
    this.#zeros = zeros;
    this.#ones = ones;
    this.#weights = weights;
  }

  /** Of the root: a feature that does not exist, whose contribution nobody asks for. */
  static readonly root = new FeaturePath([-1], Float64Array.of(1), Float64Array.of(1), Float64Array.of(1));

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
      sums[this.#features[at]!]! += this.#unwound(at).sum * difference * value;
    }
  }

  #with(feature: number, zero: number, one: number): FeaturePath {
    const length = this.#features.length;
    const weights = new Float64Array(length + 1);
    for (let at = 0; at < length; at += 1) {
      const weight = this.#weights[at]! / (length + 1);
      weights[at]! += zero * weight * (length - at);
      weights[at + 1]! += one * weight * (at + 1);
    }
    return new FeaturePath([...this.#features, feature], appended(this.#zeros, zero), appended(this.#ones, one), weights);
  }

  #without(at: number): FeaturePath {
    const rest = <T>(_: T, index: number): boolean => index !== at;
    return new FeaturePath(this.#features.filter(rest), this.#zeros.filter(rest), this.#ones.filter(rest), this.#unwound(at).weights);
  }

  /** The weights as if the feature were not on the path, and their sum: #with backwards. */
  #unwound(at: number): { readonly weights: Float64Array; readonly sum: number } {
    const last = this.#features.length - 1;
    const zero = this.#zeros[at]!;
    const one = this.#ones[at]!;
    const weights = new Float64Array(last);
    let sum = 0;
    let carried = this.#weights[last]!;
    for (let index = last - 1; index >= 0; index -= 1) {
      if (one === 0) {
        weights[index] = (this.#weights[index]! * (last + 1)) / (zero * (last - index));
      } else {
        weights[index] = (carried * (last + 1)) / ((index + 1) * one);
        carried = this.#weights[index]! - (weights[index]! * zero * (last - index)) / (last + 1);
      }
      sum += weights[index]!;
    }
    return { weights, sum };
  }
}

function appended(values: Float64Array, value: number): Float64Array {
  const longer = new Float64Array(values.length + 1);
  longer.set(values);
  longer[values.length] = value;
  return longer;
}
