/**
 * Where to clip a Laplace distribution of scale b before it is quantised to M bits: the reach α that minimises
 *
 *     2 b² exp(-α/b)  +  α² / (3 × 4^M)         what clipping loses, plus what rounding loses
 *
 * (Banner, Nahshan, Soudry: "Post training 4-bit quantization of convolutional networks for rapid-deployment", NeurIPS 2019). Its
 * derivative is zero where (α/b) exp(α/b) = 3 × 4^M, so α/b is Lambert's W of that. What a ReLU leaves has one side only, which gets all
 * the points: as M + 1 bits for both.
 */
export interface LaplaceFactors {
  /** α / b. */
  readonly twoSided: number;
  readonly oneSided: number;
}

export function laplaceFactors(bits: number): LaplaceFactors {
  return { twoSided: lambertW(3 * 4 ** bits), oneSided: lambertW(3 * 4 ** (bits + 1)) };
}

/** The w with w × exp(w) = x, for x > 1, by Newton's method. */
function lambertW(x: number): number {
  let w = Math.log(x);
  for (let i = 0; i < 20; i++) w -= (w - x * Math.exp(-w)) / (1 + w);
  return w;
}
