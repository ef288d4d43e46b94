/** Where a part of some numbers lies below: the median and its like. */

/** Between two numbers, in proportion (type 7 of Hyndman and Fan, The American Statistician 50, 1996). `share`: 0 to 1. NaN of none. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) return Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}
