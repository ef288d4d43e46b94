/**
 * Non-negative least squares with few unknowns: the best of all subsets whose solution has no negative part (Lawson, Hanson, Solving Least Squares Problems,
 * chapter 23, for so few that all can be tried).
 */

/** Of solutions that are as good, the one whose columns come first. */
const TIE = 1e-9;

export interface WeightedRow {
  readonly columns: readonly number[];
  readonly target: number;
  /** Default 1. */
  readonly weight?: number;
}

/** argmin Σ weight · (columns · x − target)², x ≥ 0. Undefined: no row says anything. At most a dozen columns: time doubles with each. */
export function nonNegativeLeastSquares(rows: readonly WeightedRow[]): number[] | undefined {
  const count = rows[0]?.columns.length ?? 0;
  const gram = Array.from({ length: count }, () => Array.from({ length: count }, () => 0));
  const right = Array.from({ length: count }, () => 0);
  for (const { columns, target, weight = 1 } of rows) {
    for (const [i, a] of columns.entries()) {
      right[i]! += weight * a * target;
      for (const [j, b] of columns.entries()) gram[i]![j]! += weight * a * b;
    }
  }
  let best: { readonly error: number; readonly x: number[] } | undefined;
  for (let subset = 1; subset < 2 ** count; subset += 1) {
    const used = right.map((_, column) => column).filter((column) => (subset >> column) % 2 === 1);
    const solved = solve(gram, right, used);
    if (solved === undefined || solved.some((value) => !(value >= 0))) continue;
    // Of the sum of squares, what depends on the solution: at its minimum − rightᵀx.
    const error = -used.reduce((sum, column, index) => sum + right[column]! * solved[index]!, 0);
    if (best !== undefined && error >= best.error - TIE * Math.abs(best.error)) continue;
    best = { error, x: right.map((_, column) => solved[used.indexOf(column)] ?? 0) };
  }
  return best?.x;
}

const ROUNDS = 8;
/** Relative errors from which on a row counts less. */
const HUBER = 0.05;

/**
 * Of relative errors, argmin Σ ρ(columns · x ÷ target − 1), x ≥ 0: each row counts as much as another, however large it is, and the largest disagreements (a
 * machine that did something else meanwhile) are weighed down, again and again (Huber 1964). Targets above 0.
 */
export function robustRelativeFit(rows: readonly Omit<WeightedRow, 'weight'>[]): number[] | undefined {
  const relative = rows.map(({ columns, target }) => columns.map((value) => value / target));
  let weights = rows.map(() => 1);
  let x: number[] | undefined;
  for (let round = 0; round < ROUNDS; round += 1) {
    x = nonNegativeLeastSquares(relative.map((columns, index) => ({ columns, target: 1, weight: weights[index]! })));
    if (x === undefined) return undefined;
    const found = x;
    weights = relative.map((columns) => {
      const off = Math.abs(1 - columns.reduce((sum, value, column) => sum + value * found[column]!, 0));
      return off <= HUBER ? 1 : HUBER / off;
    });
  }
  return x;
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
