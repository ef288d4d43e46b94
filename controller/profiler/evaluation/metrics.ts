/**
 * How far predictions are from what was measured.
 *
 *     MAE  mean |ŷ − y|      RMSE  √ mean (ŷ − y)²      MAPE  mean |ŷ − y| ÷ y      R²  1 − Σ (ŷ − y)² ÷ Σ (y − ȳ)²      all of ms
 *
 * MAE, RMSE and R² are those of the slow subjects mostly; MAPE, the shares and Spearman's rank correlation (1904) weigh all alike.
 */
export interface Judged {
  /** ms, above 0. */
  readonly measured: number;
  readonly predicted: number;
}

export interface Accuracy {
  readonly count: number;
  readonly maeMs: number;
  readonly rmseMs: number;
  /** Null: all measured times are the same. */
  readonly r2: number | null;
  /** 0.1: 10 %. */
  readonly mape: number;
  /** Part of all that is off by at most 5 %, and 10 %, of the measured time. */
  readonly within5: number;
  readonly within10: number;
  /** Null: all of one side are the same. */
  readonly spearman: number | null;
}

/** Null: of nothing. */
export function accuracyOf(points: readonly Judged[]): Accuracy | null {
  if (points.length === 0) return null;
  const mean = (of: (point: Judged) => number): number => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const off = ({ measured, predicted }: Judged): number => Math.abs(predicted - measured) / measured;
  // A hair wider: 1.05 ÷ 1 − 1 is more than 0.05.
  const within = (share: number): number => mean((point) => (off(point) <= share + 1e-12 ? 1 : 0));
  const average = mean(({ measured }) => measured);
  const spread = mean(({ measured }) => (measured - average) ** 2);
  const error = mean(({ measured, predicted }) => (predicted - measured) ** 2);
  return {
    count: points.length,
    maeMs: mean(({ measured, predicted }) => Math.abs(predicted - measured)),
    rmseMs: Math.sqrt(error),
    r2: spread > 0 ? 1 - error / spread : null,
    mape: mean(off),
    within5: within(0.05),
    within10: within(0.1),
    spearman: correlation(ranks(points.map(({ measured }) => measured)), ranks(points.map(({ predicted }) => predicted))),
  };
}

/** From 1; those that are equal share the mean of their ranks. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]!);
  const found = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to += 1;
    for (let index = from; index < to; index += 1) found[order[index]!] = (from + 1 + to) / 2;
    from = to;
  }
  return found;
}

/** Pearson's. Null: one side does not vary. */
function correlation(left: readonly number[], right: readonly number[]): number | null {
  const center = (values: readonly number[]): number[] => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - mean);
  };
  const [a, b] = [center(left), center(right)];
  const product = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, value, index) => sum + value * y[index]!, 0);
  const size = Math.sqrt(product(a, a) * product(b, b));
  return size > 0 ? product(a, b) / size : null;
}
