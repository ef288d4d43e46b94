/**
 * How much timings vary around their predictions: a running mean of squared residuals, which begins with what was supposed. A residual counts as at most
 * 2.5 standard deviations (Huber's proposal 2, Robust Statistics, 1981), so that an outlier does not make all that follow look harmless.
 */
export interface NoiseState {
  /** Of the logarithm. */
  readonly variance: number;
  /** Timings that stand behind it. */
  readonly count: number;
}

const CUT = 2.5;

/** The mean of min(z², 2.5²) of a standard normal z. */
const CUT_MEAN = 0.97756;

/** The last so many timings count, or as many as was supposed. */
const COUNT_MAX = 50;

/** 3 %: nothing is predicted better for long, however quiet the device is now. */
const VARIANCE_MIN = 0.03 ** 2;

/** `squared`: the residual's square, without what the prediction itself did not know. */
export function afterResidual({ variance, count }: NoiseState, squared: number): NoiseState {
  const cut = Math.min(squared, CUT ** 2 * variance) / CUT_MEAN;
  const next = Math.max(count, Math.min(count + 1, COUNT_MAX));
  return { variance: Math.max(VARIANCE_MIN, variance + (cut - variance) / next), count: next };
}
