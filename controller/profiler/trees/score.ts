/**
 * What a leaf is worth, and what a split gains (Chen and Guestrin 2016, equations 5 to 7), with the roundings of XGBoost 1.7: sums are float64, each
 * quotient and what comes after it is float32. Which of two splits is better is often decided by the last bit, so that the places of rounding matter.
 *
 *     G, H: sums of first and second derivatives       weight = -G / (H + λ)       score = G² / (H + λ)       gain = score left + score right - score
 */
import type { TreeOptions } from './options.ts';

export type Penalties = Pick<TreeOptions, 'lambda' | 'alpha' | 'minChildWeight'>;

export interface Sums {
  readonly g: number;
  readonly h: number;
  readonly score: number;
}

/** What a split must gain to be made. XGBoost's kRtEps; also the distance of a threshold from values that all are on one side. */
export const LEAST_GAIN = Math.fround(1e-6);

/** G moved towards 0 by the lasso penalty. */
export function shrunk(g: number, alpha: number): number {
  if (g > alpha) return g - alpha;
  return g < -alpha ? g + alpha : 0;
}

/** float32, before eta. */
export function weightOf(g: number, h: number, { lambda, alpha, minChildWeight }: Penalties): number {
  if (h < minChildWeight || h <= 0) return 0;
  return Math.fround(-shrunk(g, alpha) / (h + lambda));
}

/** float32. Unlike the weight it asks for no least H: that is checked where splits are looked for. */
export function scoreOf(g: number, h: number, lambda: number, alpha: number): number {
  if (h <= 0) return 0;
  const moved = alpha === 0 ? g : shrunk(g, alpha);
  return Math.fround(Math.fround(moved * moved) / Math.fround(h + lambda));
}

/** float32: of parting rows with sums G and H from a node's others. */
export function gainOf(g: number, h: number, node: Sums, lambda: number, alpha: number): number {
  return Math.fround(Math.fround(scoreOf(g, h, lambda, alpha) + scoreOf(node.g - g, node.h - h, lambda, alpha)) - node.score);
}

/** Between two neighbours, the value that was scanned first and the one after it; `last` where the middle is rounded to the other one. */
export function thresholdBetween(last: number, value: number): number {
  const middle = Math.fround(Math.fround(value + last) * Math.fround(0.5));
  return middle === value ? last : middle;
}
