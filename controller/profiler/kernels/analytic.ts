/**
 * A first estimate of a kernel's time that also holds far outside of what was measured: so many microseconds per multiply-accumulate, per byte, per call.
 *
 *     us = a · MACs + b · bytes + c        a, b, c ≥ 0, for each group of kernels, least squares of relative errors
 *
 * Trees learn what is left; they know no slope, so without it a kernel larger than all others would take as long as the largest. (The terms are those of the
 * roofline model, Williams, Waterman, Patterson 2009, added rather than compared: fits of sums are convex.)
 */
import { bytesMoved } from './features.ts';
import type { KernelGroup, KernelWork } from './work.ts';

export interface Coefficients {
  readonly perMac: number;
  readonly perByte: number;
  readonly perCall: number;
}

export interface AnalyticModel {
  /** By group; a group that was hardly measured has the coefficients of all. */
  readonly groups: Readonly<Partial<Record<KernelGroup, Coefficients>>>;
  readonly all: Coefficients;
}

export interface MeasuredWork {
  readonly work: KernelWork;
  /** Microseconds, above 0. */
  readonly us: number;
}

/** Fewer kernels say nothing of their group. */
const GROUP_MIN = 8;
/** A kernel is never free. Microseconds. */
const US_MIN = 0.1;

export function fitAnalytic(measured: readonly MeasuredWork[]): AnalyticModel {
  const groups = [...Map.groupBy(measured, ({ work }) => work.group)].filter(([, own]) => own.length >= GROUP_MIN);
  return { groups: Object.fromEntries(groups.map(([group, own]) => [group, fitCoefficients(own)])), all: fitCoefficients(measured) };
}

/** Microseconds. */
export function analyticUs({ groups, all }: AnalyticModel, work: KernelWork): number {
  const { perMac, perByte, perCall } = groups[work.group] ?? all;
  return Math.max(US_MIN, perMac * work.macs + perByte * bytesMoved(work) + perCall);
}

/**
 * Non-negative least squares with three unknowns: the best of all subsets whose solution has no negative part (Lawson, Hanson, Solving Least Squares Problems,
 * chapter 23, for so few that all can be tried).
 */
function fitCoefficients(measured: readonly MeasuredWork[]): Coefficients {
  const rows = measured.map(({ work, us }) => [work.macs / us, bytesMoved(work) / us, 1 / us] as const);
  let best = { error: Number.POSITIVE_INFINITY, x: [0, 0, 1] as number[] };
  for (const used of [[0, 1, 2], [0, 1], [0, 2], [1, 2], [0], [1], [2]]) {
    const solved = solve(rows, used);
    if (solved === undefined || solved.some((value) => !(value >= 0))) continue;
    const x = [0, 0, 0];
    for (const [index, column] of used.entries()) x[column] = solved[index]!;
    const error = rows.reduce((sum, row) => sum + (1 - row[0] * x[0]! - row[1] * x[1]! - row[2] * x[2]!) ** 2, 0);
    if (error < best.error) best = { error, x };
  }
  const [perMac = 0, perByte = 0, perCall = 0] = best.x;
  return { perMac, perByte, perCall };
}

/** Normal equations of the columns used, scaled, by Gaussian elimination; undefined when they are singular. Right-hand side: ones. */
function solve(rows: readonly (readonly [number, number, number])[], used: readonly number[]): number[] | undefined {
  const scale = used.map((column) => Math.sqrt(rows.reduce((sum, row) => sum + row[column]! ** 2, 0)));
  if (scale.some((value) => value === 0)) return undefined;
  const n = used.length;
  const matrix = used.map((a, i) => [
    ...used.map((b, j) => rows.reduce((sum, row) => sum + (row[a]! / scale[i]!) * (row[b]! / scale[j]!), 0)),
    rows.reduce((sum, row) => sum + row[a]! / scale[i]!, 0),
  ]);
  for (let pivot = 0; pivot < n; pivot += 1) {
    let largest = pivot;
    for (let row = pivot + 1; row < n; row += 1) if (Math.abs(matrix[row]![pivot]!) > Math.abs(matrix[largest]![pivot]!)) largest = row;
    [matrix[pivot], matrix[largest]] = [matrix[largest]!, matrix[pivot]!];
    if (Math.abs(matrix[pivot]![pivot]!) < 1e-12) return undefined;
    for (let row = 0; row < n; row += 1) {
      if (row === pivot) continue;
      const factor = matrix[row]![pivot]! / matrix[pivot]![pivot]!;
      for (let column = pivot; column <= n; column += 1) matrix[row]![column]! -= factor * matrix[pivot]![column]!;
    }
  }
  return matrix.map((row, index) => row[n]! / row[index]! / scale[index]!);
}
