/** Percentiles by nearest rank: every number that is reported was really measured, none is interpolated. */
export interface Distribution {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  /** Ranks are those of so many values, drawn at random from all. Absent: of all. */
  readonly sample?: number;
}

/** The `percent`-th percentile of values sorted ascending. */
export function percentile(sorted: readonly number[], percent: number): number {
  if (sorted.length === 0) throw new RangeError('percentile of nothing');
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.min(Math.max(rank, 1), sorted.length) - 1]!;
}

/** Undefined when nothing was measured: that is not zero. */
export function distributionOf(values: Iterable<number>): Distribution | undefined {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return undefined;
  const list = Array.from(sorted);
  return { p50: percentile(list, 50), p90: percentile(list, 90), p99: percentile(list, 99), max: list.at(-1)! };
}

export function mean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
