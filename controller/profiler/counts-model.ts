/**
 * How long a whole model takes on a known device, from published counts of its layers alone: for whoever has no file to look into. Much less exact than
 * kernels, and its intervals say so.
 */
import type { ModelCharacteristics } from './characteristics.ts';
import type { Subject } from './sample.ts';
import { TreeExplainer } from './trees/contributions.ts';
import { fitTrees } from './trees/fit.ts';
import { TreePredictor } from './trees/predict.ts';
import { tableFromRows } from './trees/table.ts';
import type { TreeEnsemble } from './trees/tree.ts';

export interface CountedSubject extends Pick<Subject, 'inputBytes' | 'outputBytes'> {
  readonly characteristics: ModelCharacteristics;
}

export interface CountsModel {
  /** Of ln ms. */
  readonly trees: TreeEnsemble;
  /** The same, ready to be asked. */
  readonly predictor: TreePredictor;
  /** Smallest and largest of each feature. */
  readonly ranges: readonly (readonly [number, number])[];
}

export const countNames = [
  'conv_layers',
  'pool_layers',
  'fc_layers',
  'filter_details',
  'total_parameters',
  'model_input_size',
  'model_output_size',
];

/** Fewer models say nothing. */
const MODELS_MIN = 5;

/** Undefined: too few models. */
export function fitCounts(measured: readonly { readonly subject: CountedSubject; readonly ms: number }[]): CountsModel | undefined {
  if (new Set(measured.map(({ subject }) => JSON.stringify(features(subject)))).size < MODELS_MIN) return undefined;
  const rows = measured.map(({ subject }) => features(subject));
  const labels = Float32Array.from(measured, ({ ms }) => Math.log(ms));
  const mean = labels.reduce((sum, label) => sum + label, 0) / labels.length;
  const trees = fitTrees(tableFromRows(countNames, rows), labels, { rounds: 145, depth: 4, eta: 0.1, baseScore: mean });
  const ranges = countNames.map((_, column) => {
    const values = rows.map((row) => row[column]!);
    return [Math.min(...values), Math.max(...values)] as const;
  });
  return { trees, predictor: new TreePredictor(trees), ranges };
}

export interface CountsPrediction {
  readonly ms: number;
  readonly extrapolates: readonly string[];
  /** Name and factor, largest first. */
  readonly factors: readonly { readonly name: string; readonly factor: number }[];
}

export function predictCounts({ trees, predictor, ranges }: CountsModel, subject: CountedSubject): CountsPrediction {
  const values = features(subject);
  const row = Float32Array.from(values);
  const parts = new TreeExplainer(trees).contributions(row);
  return {
    ms: Math.exp(predictor.predictRow(row)),
    extrapolates: countNames.flatMap((name, column) => {
      const [least, most] = ranges[column]!;
      const value = values[column]!;
      return value >= least - SLACK && value <= most + SLACK
        ? []
        : [`${name} outside of what was measured (${plain(least)} to ${plain(most)})`];
    }),
    factors: countNames
      .map((name, column) => ({ name, factor: Math.exp(parts[column]!) }))
      .sort((a, b) => Math.abs(Math.log(b.factor)) - Math.abs(Math.log(a.factor))),
  };
}

/** Of a logarithm: a tenth more is still the same. */
const SLACK = 0.1;

function features({ characteristics, inputBytes, outputBytes }: CountedSubject): number[] {
  const { convLayers, poolLayers, fcLayers, filterDetails, totalParameters } = characteristics;
  return [convLayers, poolLayers, fcLayers, filterDetails, totalParameters, inputBytes, outputBytes].map(Math.log1p);
}

function plain(logarithm: number): string {
  return Math.round(Math.expm1(logarithm)).toLocaleString('en');
}
