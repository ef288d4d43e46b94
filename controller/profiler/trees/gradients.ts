/**
 * First and second derivative of the loss by the prediction, per row: for half the squared error `(prediction - label) · weight` and `weight`.
 */
export interface Gradients {
  /** Of row r: first at 2r, second at 2r + 1. Beside each other, because they are read together, in the order of one column after the other. */
  readonly pairs: Float32Array;
  readonly rows: number;
}

export function newGradients(rows: number): Gradients {
  return { pairs: new Float32Array(2 * rows), rows };
}

export function squaredErrorGradients(into: Gradients, predictions: Float32Array, labels: Float32Array, weights?: Float32Array): void {
  for (let row = 0; row < into.rows; row += 1) {
    const error = Math.fround(predictions[row]! - labels[row]!);
    const weight = weights === undefined ? 1 : weights[row]!;
    into.pairs[2 * row] = error * weight;
    into.pairs[2 * row + 1] = weight;
  }
}
