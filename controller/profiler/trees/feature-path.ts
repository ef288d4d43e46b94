/**
 * The features between the root and a node, and for each number of them that is known the weight of the ways to come here: what Shapley values of a
 * tree are made of (EXTEND and UNWIND of Lundberg et al. 2020, algorithm 2).
 *
 *     feature               –     3     7        3: looked at once or more often
 *     unknown (zero)        1    0.4   0.25      part of the rows that come along here when the feature is not known
 *     known (one)           1     1     0        1: this row comes along here, too; 0: it does not
 *     weight               w₀    w₁    w₂        wₖ: of all orders of the features, the part in which k of them are known before, times what comes here
 *
 * Every level below the root has a path of its own in the same arrays, so that going down and up again allocates nothing.
 */
export class FeaturePath {
  /** Entries a path can have: the root's, and one per feature that is looked at. */
  readonly #width: number;
  readonly #lengths: Int32Array;
  readonly #features: Int32Array;
  readonly #zeros: Float64Array;
  readonly #ones: Float64Array;
  readonly #weights: Float64Array;
  /** 1 ÷ its index: dividing takes longer than all the rest. */
  readonly #inverse: Float64Array;

  /** For trees of so many levels below the root that look at so many features. */
  constructor(levels: number, features: number) {
    this.#width = Math.min(levels, features) + 1;
    const size = (levels + 1) * this.#width;
    this.#lengths = new Int32Array(levels + 1);
    this.#features = new Int32Array(size);
    this.#zeros = new Float64Array(size);
    this.#ones = new Float64Array(size);
    this.#weights = new Float64Array(size);
    this.#inverse = Float64Array.from({ length: this.#width + 1 }, (_, index) => 1 / index);
    // The root's entry is a feature that does not exist, whose contribution nobody asks for.
    this.#append(0, -1, 1, 1);
    this.#weights[0] = 1;
  }

  /** Makes the path of the level below this one. False: nobody comes there, known or not, so that whatever is there counts nothing. */
  extend(level: number, feature: number, zero: number, one: number): boolean {
    const from = level * this.#width;
    let at = this.#lengths[level]! - 1;
    while (at >= 0 && this.#features[from + at] !== feature) at -= 1;
    const zeros = at < 0 ? zero : zero * this.#zeros[from + at]!;
    const ones = at < 0 ? one : one * this.#ones[from + at]!;
    if (zeros === 0 && ones === 0) return false;
    this.#copy(level, at);
    this.#append(level + 1, feature, zeros, ones);
    return true;
  }

  /** Adds what a leaf of this value on this level contributes. */
  addTo(sums: Float64Array, level: number, value: number): void {
    const from = level * this.#width;
    for (let at = 1; at < this.#lengths[level]!; at += 1) {
      const difference = this.#ones[from + at]! - this.#zeros[from + at]!;
      sums[this.#features[from + at]!]! += this.#unwind(level, at) * difference * value;
    }
  }

  /** The path of a level, without the entry `left` (-1: with all), to the level below. */
  #copy(level: number, left: number): void {
    const from = level * this.#width;
    let to = from + this.#width;
    const length = this.#lengths[level]!;
    this.#lengths[level + 1] = left < 0 ? length : length - 1;
    if (left >= 0) this.#unwind(level, left, to);
    else for (let at = 0; at < length; at += 1) this.#weights[to + at] = this.#weights[from + at]!;
    for (let at = 0; at < length; at += 1) {
      if (at === left) continue;
      this.#features[to] = this.#features[from + at]!;
      this.#zeros[to] = this.#zeros[from + at]!;
      this.#ones[to] = this.#ones[from + at]!;
      to += 1;
    }
  }

  #append(level: number, feature: number, zero: number, one: number): void {
    const from = level * this.#width;
    const length = this.#lengths[level]!;
    this.#features[from + length] = feature;
    this.#zeros[from + length] = zero;
    this.#ones[from + length] = one;
    this.#weights[from + length] = 0;
    for (let at = length - 1; at >= 0; at -= 1) {
      const weight = this.#weights[from + at]! / (length + 1);
      this.#weights[from + at + 1]! += one * weight * (at + 1);
      this.#weights[from + at] = zero * weight * (length - at);
    }
    this.#lengths[level] = length + 1;
  }

  /** #append backwards: the sum of the weights as if the entry were not there; from `to` on, if given, the weights themselves. */
  #unwind(level: number, entry: number, to = -1): number {
    const weights = this.#weights;
    const inverse = this.#inverse;
    const from = level * this.#width;
    const last = this.#lengths[level]! - 1;
    const zero = this.#zeros[from + entry]!;
    const leadsHere = this.#ones[from + entry]! === 1;
    const factor = leadsHere ? last + 1 : (last + 1) / zero;
    let sum = 0;
    let carried = weights[from + last]!;
    for (let at = last - 1; at >= 0; at -= 1) {
      let weight: number;
      if (leadsHere) {
        weight = carried * inverse[at + 1]!;
        carried = weights[from + at]! - weight * zero * (last - at);
      } else {
        weight = weights[from + at]! * inverse[last - at]!;
      }
      if (to >= 0) weights[to + at] = weight * factor;
      sum += weight;
    }
    return sum * factor;
  }
}
