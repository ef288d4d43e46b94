/**
 * How trees are grown. The names of XGBoost are in the comments; its defaults are ours.
 */
import { MeshError } from '../../../mesh/error.ts';

export interface TreeOptions {
  /** Trees (num_boost_round). */
  readonly rounds: number;
  /** Of a tree: splits from the root to the lowest leaf (max_depth). */
  readonly depth: number;
  /** What each tree counts for (eta). */
  readonly eta: number;
  /** Ridge and lasso penalties of leaf values (lambda, alpha). */
  readonly lambda: number;
  readonly alpha: number;
  /** A split that lowers the loss by less is taken back (gamma). */
  readonly gamma: number;
  /** Least sum of second derivatives on each side of a split (min_child_weight). */
  readonly minChildWeight: number;
  /** What is predicted without trees (base_score). */
  readonly baseScore: number;
  /** Part of the rows, drawn for each tree (subsample), and of the columns (colsample_bytree). */
  readonly subsample: number;
  readonly columnSample: number;
  /** Of what is drawn. */
  readonly seed: number;
}

const defaults: TreeOptions = {
  rounds: 100,
  depth: 6,
  eta: 0.3,
  lambda: 1,
  alpha: 0,
  gamma: 0,
  minChildWeight: 1,
  baseScore: 0.5,
  subsample: 1,
  columnSample: 1,
  seed: 0,
};

interface Range {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
  /** The least is not allowed itself. */
  readonly above?: boolean;
}

/** The largest float32. */
const MAX = (2 - 2 ** -23) * 2 ** 127;
const notNegative = { min: 0, max: MAX };
const part = { min: 0, max: 1, above: true };

const ranges: Readonly<Record<keyof TreeOptions, Range>> = {
  rounds: { min: 0, max: 100_000, whole: true },
  depth: { min: 1, max: 20, whole: true },
  eta: part,
  lambda: notNegative,
  alpha: notNegative,
  gamma: notNegative,
  minChildWeight: notNegative,
  baseScore: { min: -MAX, max: MAX },
  subsample: part,
  columnSample: part,
  seed: { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true },
};

/** What is given, and the defaults; fractions as float32, which is what XGBoost computes with. Error `invalid` names the option and its range. */
export function treeOptions(given: Partial<TreeOptions> = {}): TreeOptions {
  const checked = Object.entries(ranges).map(([name, range]) => {
    const value = given[name as keyof TreeOptions] ?? defaults[name as keyof TreeOptions];
    if (!isWithin(value, range)) {
      const { min, max, whole = false, above = false } = range;
      const wanted = `a ${whole ? 'whole ' : ''}number ${above ? 'above' : 'of at least'} ${min} and at most ${max}`;
      throw new MeshError('invalid', `${name} of trees is ${value}, expected ${wanted}`);
    }
    return [name, range.whole === true ? value : Math.fround(value)];
  });
  return Object.fromEntries(checked) as unknown as TreeOptions;
}

function isWithin(value: number, { min, max, whole = false, above = false }: Range): boolean {
  return value >= min && value <= max && !(above && value === min) && (!whole || Number.isSafeInteger(value));
}
