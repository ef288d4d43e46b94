/** What the profiler says of a model or a stage on a device, and how sure it is. */
export interface Prediction {
  /** Wall time per inference. */
  readonly ms: number;
  /** Holds in 90 % of cases. `high` is Infinity (and `low` 0) when too few measurements say how far off predictions are. */
  readonly interval: Interval;
  /** Samples of this device that stand behind it. */
  readonly measurements: number;
  /** What lies outside of all that was measured, for a person; empty: nothing does. */
  readonly extrapolates: readonly string[];
  /** The three that count most, largest first. */
  readonly contributions: readonly Contribution[];
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Contribution {
  readonly name: string;
  /** `ms` it adds, or the factor it multiplies the time with. */
  readonly value: number;
  readonly unit: 'ms' | '×';
}
