/**
 * A first estimate of a kernel's time that also holds far outside of what was measured: so many microseconds per multiply-accumulate, per byte, per call.
 *
 *     us = a · MACs + (b + b′ · cold) · bytes + (c + c′ · cold) + d · leaving + e · activated        all ≥ 0, for each group of kernels, least squares of relative errors
 *
 * leaving: bytes of a result that leaves the session. activated: bytes of a result that an activation function goes over once more, twice where the function is
 * approximated. cold: 0 where all that runs together fits into the smallest cache, 1 where it fits into none; then also the code of a kernel has to be fetched again.
 *
 * Trees learn what is left; they know no slope, so without it a kernel larger than all others would take as long as the largest. (The terms are those of the
 * roofline model, Williams, Waterman, Patterson 2009, added rather than compared: fits of sums are convex.)
 */
import { bytesMoved } from './features.ts';
import { coldness, type Place } from './place.ts';
import type { KernelGroup, KernelWork } from './work.ts';

export interface Coefficients {
  readonly perMac: number;
  readonly perByte: number;
  readonly perCall: number;
  /** More, where it is cold. */
  readonly perColdByte: number;
  readonly perColdCall: number;
  /** More, for each byte that leaves the session. */
  readonly perLeaving: number;
  /** More, for each byte that an activation goes over. */
  readonly perActivated: number;
}

export interface AnalyticModel {
  /** By group; a group that was hardly measured has the coefficients of all. */
  readonly groups: Readonly<Partial<Record<KernelGroup, Coefficients>>>;
  readonly all: Coefficients;
}

export interface MeasuredWork {
  readonly work: KernelWork;
  readonly place: Place;
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
export function analyticUs({ groups, all }: AnalyticModel, work: KernelWork, place: Place): number {
  const coefficients = groups[work.group] ?? all;
  const us = columnsOf(work, place).reduce((sum, value, column) => sum + value * coefficients[columnNames[column]!], 0);
  return Math.max(US_MIN, us);
}

const columnNames = [
  'perMac',
  'perByte',
  'perCall',
  'perColdByte',
  'perColdCall',
  'perLeaving',
  'perActivated',
] as const satisfies (keyof Coefficients)[];

const passes = { none: 0, arithmetic: 1, transcendental: 2 } as const satisfies Record<KernelWork['activation'], number>;

function columnsOf(work: KernelWork, place: Place): number[] {
  const bytes = bytesMoved(work);
  const cold = coldness(place);
  return [work.macs, bytes, 1, cold * bytes, cold, place.leaves ? work.outputBytes : 0, work.outputBytes * passes[work.activation]];
}

/**
 * Non-negative least squares with seven unknowns: the best of all subsets whose solution has no negative part (Lawson, Hanson, Solving Least Squares Problems,
 * chapter 23, for so few that all can be tried).
 */
function fitCoefficients(measured: readonly MeasuredWork[]): Coefficients {
  const columns = columnNames.length;
  const gram = Array.from({ length: columns }, () => Array.from({ length: columns }, () => 0));
  const right = Array.from({ length: columns }, () => 0);
  for (const { work, place, us } of measured) {
    const row = columnsOf(work, place).map((value) => value / us);
    for (const [i, a] of row.entries()) {
      right[i]! += a;
      for (const [j, b] of row.entries()) gram[i]![j]! += a * b;
    }
  }
  let best = { error: Number.POSITIVE_INFINITY, x: columnNames.map((name): number => (name === 'perCall' ? 1 : 0)) };
  for (let subset = 1; subset < 2 ** columns; subset += 1) {
    const used = columnNames.map((_, column) => column).filter((column) => (subset >> column) % 2 === 1);
    const solved = solve(gram, right, used);
    if (solved === undefined || solved.some((value) => !(value >= 0))) continue;
    // Of the sum of squares, what depends on the solution: at its minimum − rightᵀx.
    const error = -used.reduce((sum, column, index) => sum + right[column]! * solved[index]!, 0);
    if (error >= best.error) continue;
    best = { error, x: right.map((_, column) => solved[used.indexOf(column)] ?? 0) };
  }
  return Object.fromEntries(columnNames.map((name, column) => [name, best.x[column]!])) as unknown as Coefficients;
}

/** The part of the normal equations that has these columns, scaled, by Gaussian elimination; undefined when it is singular. */
function solve(gram: readonly (readonly number[])[], right: readonly number[], used: readonly number[]): number[] | undefined {
  const scale = used.map((column) => Math.sqrt(gram[column]![column]!));
  if (scale.some((value) => value === 0)) return undefined;
  const n = used.length;
  const matrix = used.map((a, i) => [...used.map((b, j) => gram[a]![b]! / (scale[i]! * scale[j]!)), right[a]! / scale[i]!]);
  for (let pivot = 0; pivot < n; pivot += 1) {
    let largest = pivot;
    for (let row = pivot + 1; row < n; row += 1) if (Math.abs(matrix[row]![pivot]!) > Math.abs(matrix[largest]![pivot]!)) largest = row;
    [matrix[pivot], matrix[largest]] = [matrix[largest]!, matrix[pivot]!];
    if (Math.abs(matrix[pivot]![pivot]!) < 1e-9) return undefined;
    for (let row = 0; row < n; row += 1) {
      if (row === pivot) continue;
      const factor = matrix[row]![pivot]! / matrix[pivot]![pivot]!;
      for (let column = pivot; column <= n; column += 1) matrix[row]![column]! -= factor * matrix[pivot]![column]!;
    }
  }
  return matrix.map((row, index) => row[n]! / row[index]! / scale[index]!);
}
