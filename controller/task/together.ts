/**
 * Metrics of devices that ran together: the worst of those that say it, because a whole is as slow as the slowest part of it.
 */
import type { MeasuredMetric } from './metrics-of.ts';

export function together(ranks: readonly (readonly MeasuredMetric[])[]): MeasuredMetric[] {
  const named = Map.groupBy(ranks.flat(), ({ name }) => name);
  return [...named.values()].map((same) => same.reduce((a, b) => (isWorse(b, a) ? b : a)));
}

function isWorse(a: MeasuredMetric, b: MeasuredMetric): boolean {
  return b.better === 'lower' ? a.value > b.value : a.value < b.value;
}
