/**
 * Windows of vibration and what each of them means, ready to train with.
 *
 *     recordings ─▶ windows ─▶ normalized ─▶ split ─▶ train, validation        labels: numbers into one table of classes
 */

/** Of one split, in order. */
export interface Examples {
  /** One after the other, count × window samples, normalized. */
  readonly windows: Float32Array<ArrayBuffer>;
  /** The class number of each. */
  readonly labels: BigInt64Array<ArrayBuffer>;
}

export interface DataSet {
  readonly name: string;
  /** What each label means. */
  readonly classes: readonly string[];
  /** Samples of one window. */
  readonly window: number;
  readonly train: Examples;
  readonly validation: Examples;
}

/** To 0 … 1, to −1 … 1, to mean 0 and standard deviation 1. */
export const normalizations = ['0-1', '1-1', 'mean-std'] as const;
export type Normalization = (typeof normalizations)[number];

/** `random`: each class is drawn from; `ordered`: each class trains with its beginning and is validated with its end. */
export const splits = ['random', 'ordered'] as const;
export type Split = (typeof splits)[number];

export interface DataSetOptions {
  /** One of the names of load-data-set.ts. */
  readonly name: string;
  /** With the published files; undefined for a set that is made. */
  readonly folder: string | undefined;
  /** Samples. */
  readonly window: number;
  /** Of each window by itself. */
  readonly normalization: Normalization;
  readonly split: Split;
  /** Of the random split, and of a set that is made. */
  readonly seed: number;
}
