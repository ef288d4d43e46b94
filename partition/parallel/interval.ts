/** Intervals of whole numbers: rows of an image, channels, neurons, heads. */

/** First and last, both included. */
export interface Interval {
  readonly first: number;
  readonly last: number;
}

/** Of an axis with `size` entries. */
export function wholeOf(size: number): Interval {
  return { first: 0, last: size - 1 };
}

export function lengthOf({ first, last }: Interval): number {
  return last - first + 1;
}

/** The shortest interval that contains both. */
export function hullOf(a: Interval, b: Interval): Interval {
  return { first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) };
}

/** Undefined when they have nothing in common. */
export function intersectionOf(a: Interval, b: Interval): Interval | undefined {
  const [first, last] = [Math.max(a.first, b.first), Math.min(a.last, b.last)];
  return first <= last ? { first, last } : undefined;
}

export function isSameInterval(a: Interval, b: Interval): boolean {
  return a.first === b.first && a.last === b.last;
}

export function shifted({ first, last }: Interval, by: number): Interval {
  return { first: first + by, last: last + by };
}

/**
 * `size` entries in proportion to the shares, in order, without gaps; undefined where a share gets none. Borders are multiples of `unit`,
 * which divides the size, and each is less than a unit away from its exact place.
 */
export function byShare(size: number, shares: readonly number[], unit = 1): readonly (Interval | undefined)[] {
  const total = shares.reduce((sum, share) => sum + share, 0);
  let before = 0;
  let sum = 0;
  return shares.map((share) => {
    sum += share;
    const end = Math.round((size / unit) * (sum / total)) * unit;
    const interval = end > before ? { first: before, last: end - 1 } : undefined;
    before = Math.max(before, end);
    return interval;
  });
}
