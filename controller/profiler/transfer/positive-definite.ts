/**
 * Linear equations with symmetric positive definite matrices, as small as the number of known devices: A = L Lᵀ with L lower triangular (Cholesky), then
 * two triangular systems. Golub and Van Loan, Matrix Computations, 4th edition, algorithm 4.2.1.
 */

/** Rows of a square matrix. */
export type Matrix = readonly (readonly number[])[];

/** A⁻¹. A RangeError when A is not positive definite. */
export function inverse(matrix: Matrix): number[][] {
  const lower = factor(matrix);
  // Column by column; it is symmetric, so that columns are rows.
  return matrix.map((_, index) =>
    substituted(
      lower,
      matrix.map((__, row) => (row === index ? 1 : 0)),
    ),
  );
}

export function product(matrix: Matrix, vector: readonly number[]): number[] {
  return matrix.map((row) => dot(row, vector));
}

export function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, index) => sum + value * right[index]!, 0);
}

function factor(matrix: Matrix): number[][] {
  const lower = matrix.map(() => new Array<number>(matrix.length).fill(0));
  for (let row = 0; row < matrix.length; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let rest = matrix[row]![column]!;
      for (let index = 0; index < column; index += 1) rest -= lower[row]![index]! * lower[column]![index]!;
      if (row !== column) lower[row]![column] = rest / lower[column]![column]!;
      else if (rest > 0) lower[row]![row] = Math.sqrt(rest);
      else throw new RangeError(`the matrix is not positive definite: pivot ${row} is ${rest}`);
    }
  }
  return lower;
}

function substituted(lower: Matrix, right: readonly number[]): number[] {
  const x = [...right];
  for (let row = 0; row < x.length; row += 1) {
    for (let index = 0; index < row; index += 1) x[row]! -= lower[row]![index]! * x[index]!;
    x[row]! /= lower[row]![row]!;
  }
  for (let row = x.length - 1; row >= 0; row -= 1) {
    for (let index = row + 1; index < x.length; index += 1) x[row]! -= lower[index]![row]! * x[index]!;
    x[row]! /= lower[row]![row]!;
  }
  return x;
}
