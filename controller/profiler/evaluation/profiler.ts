/** The profiler as something that is evaluated, with what its trees look at. */
import { fitPredictor } from '../predictor.ts';
import { importanceOf } from '../trees/importance.ts';
import type { FitPredictor, Importance } from './fit-predictor.ts';

export const profiler: FitPredictor = (train, options) => {
  const predictor = fitPredictor(train, options.kernelsOf, options);
  const { references, load } = predictor.basis;
  const processors = [...new Set(references.map(({ processor }) => processor))];
  const gains = [
    ...processors.flatMap(({ kernels }) => importanceOf(kernels.trees).map(({ name, gain }) => ({ name: `kernel: ${name}`, gain }))),
    ...(load.trees === undefined ? [] : importanceOf(load.trees).map(({ name, gain }) => ({ name: `load: ${name}`, gain }))),
  ];
  return {
    predict: (asked) => predictor.predict(asked),
    learn: (asked, ms) => predictor.learn(asked, ms),
    importance: sharesOf(gains),
  };
};

/** Of all that splits gain: both kinds of trees fit logarithms of factors. */
function sharesOf(gains: readonly { readonly name: string; readonly gain: number }[]): Importance[] {
  const total = gains.reduce((sum, { gain }) => sum + gain, 0);
  if (total === 0) return [];
  return [...Map.groupBy(gains, ({ name }) => name)]
    .map(([name, own]) => ({ name, share: own.reduce((sum, { gain }) => sum + gain, 0) / total }))
    .sort((a, b) => b.share - a.share);
}
