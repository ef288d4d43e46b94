/**
 * Where more CPU begins to be hardly worth it: the knee of a curve that falls fast and then slowly.
 *
 *     time │╲
 *          │ ╲              both axes from 0 to 1, time upside down; the knee is where the curve is farthest above the diagonal, once it has come
 *          │  ╲_ knee       down again by the mean distance of the points
 *          │    ╲_______
 *          └──────────── cores
 *
 * Kneedle: Satopää, Albrecht, Irwin, Raghavan, "Finding a Kneedle in a Haystack", ICDCS Workshops 2011, offline, with S = 1. The paper smooths the
 * curve first; a sweep has few points, each the median of repeats, so it is left as it is.
 */
export interface Point {
  readonly x: number;
  readonly y: number;
}

const SENSITIVITY = 1;

/** Below there is no curve to speak of. */
const POINTS_MIN = 4;

/** The x of one of the points; of several knees, the one that is most pronounced. Undefined: there is none. Each x once, in any order. */
export function kneeOf(points: readonly Point[]): number | undefined {
  const sorted = points.toSorted((a, b) => a.x - b.x);
  const n = sorted.length;
  if (n < POINTS_MIN) return undefined;
  const ys = sorted.map(({ y }) => y);
  const [first, last, least, most] = [sorted[0]!, sorted[n - 1]!, Math.min(...ys), Math.max(...ys)];
  if (first.x === last.x || first.y <= last.y) return undefined;
  const above = sorted.map(({ x, y }) => (most - y) / (most - least) - (x - first.x) / (last.x - first.x));
  let best: number | undefined;
  for (let at = 1; at < n - 1; at += 1) {
    if (above[at]! < above[at - 1]! || above[at]! <= above[at + 1]!) continue;
    // The mean distance of x, which goes from 0 to 1.
    const threshold = above[at]! - SENSITIVITY / (n - 1);
    const next = above.findIndex((value, index) => index > at && index < n - 1 && value > above[at]!);
    const after = above.slice(at + 1, next < 0 ? n : next);
    // Above the diagonal: below it the curve is bent the other way.
    const holds = above[at]! > 0 && after.some((value) => value < threshold);
    if (holds && (best === undefined || above[at]! > above[best]!)) best = at;
  }
  return best === undefined ? undefined : sorted[best]!.x;
}
