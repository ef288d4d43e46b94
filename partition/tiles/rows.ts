/**
 * Intervals of rows (axis 2 of N×C×H×W), and which rows of its input a sliding window needs for rows of its output.
 *
 *     needed for output rows [a, b] = [max(0, a·s − p), min(H − 1, b·s − p + (k − 1)·d)]
 *
 * with kernel k, stride s, dilation d and padding p above. What lies outside the image is padding, and only there: a tile in the middle is not
 * padded, it is given its neighbours' rows.
 */

/** First and last row, both included. */
export interface Rows {
  readonly first: number;
  readonly last: number;
}

/** Along the rows. */
export interface RowWindow {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padAbove: number;
}

export interface NeededRows {
  readonly rows: Rows;
  /** Rows of padding that the window still needs above and below them; more than 0 only at the borders of the image. */
  readonly padAbove: number;
  readonly padBelow: number;
}

/** `height`: rows the input has. Every window must reach at least one of them. */
export function neededRows({ kernel, stride, dilation, padAbove }: RowWindow, output: Rows, height: number): NeededRows {
  const first = output.first * stride - padAbove;
  const last = output.last * stride - padAbove + (kernel - 1) * dilation;
  const rows = { first: Math.max(0, first), last: Math.min(height - 1, last) };
  return { rows, padAbove: rows.first - first, padBelow: last - rows.last };
}

export function unionOf(a: Rows | undefined, b: Rows): Rows {
  return a === undefined ? b : { first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) };
}

export function isSame(a: Rows, b: Rows): boolean {
  return a.first === b.first && a.last === b.last;
}

/**
 * `height` rows in proportion to the shares, in order, without gaps; undefined where a share gets none. Rounded so that each border is less
 * than a row away from its exact place.
 */
export function rowsByShare(height: number, shares: readonly number[]): readonly (Rows | undefined)[] {
  const total = shares.reduce((sum, share) => sum + share, 0);
  let before = 0;
  let sum = 0;
  return shares.map((share) => {
    sum += share;
    const end = Math.round((height * sum) / total);
    const rows = end > before ? { first: before, last: end - 1 } : undefined;
    before = Math.max(before, end);
    return rows;
  });
}
