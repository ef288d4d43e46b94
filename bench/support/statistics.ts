/** Medians: what a benchmark on a shared machine may quote. */

/** The middle value (mean of the two middle ones). NaN for no values, so that an empty measurement can't pass for a number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
