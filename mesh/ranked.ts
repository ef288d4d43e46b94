/** Order statistics by nearest rank: a value that was really measured, none that was made up in between. */

/** The smallest value that at least `part` (0 to 1) of all values do not exceed. Error RangeError for no values. */
export function ranked(values: readonly number[], part: number): number {
  if (values.length === 0) throw new RangeError('rank of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(Math.max(Math.ceil(part * sorted.length), 1), sorted.length) - 1]!;
}

/** Of an even number of values the lower of the two in the middle. Error RangeError for no values. */
export function median(values: readonly number[]): number {
  return ranked(values, 0.5);
}
