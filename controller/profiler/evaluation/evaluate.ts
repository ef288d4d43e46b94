/**
 * How good predictions are, honestly: for what was held out in each of several ways, next to baselines and to how well repeats predict each other.
 *
 *     samples ──▶ split ──▶ fold by fold: fit, predict ──▶ figures, of whole models and of parts apart
 */
import type { Kernel } from '../../../mesh/kernel.ts';
import type { Sample } from '../sample.ts';
import { type KernelsOf, kernelsOfSubjects } from '../subject-kernels.ts';
import type { EvaluationReport, SplitReport } from './evaluation-report.ts';
import type { FitPredictor, Importance } from './fit-predictor.ts';
import { judgedKind, judgedKinds, sampleKeys } from './identity.ts';
import { noiseFloor } from './noise-floor.ts';
import { groupsOf, resultOf } from './result.ts';
import { type SplitName, splitBy, splitNames } from './splits.ts';
import { verdictsOf } from './verdicts.ts';

export interface EvaluateOptions {
  /** Of the splits, the timings that are learnt from, and the predictor's. */
  readonly seed: number;
  /** Absent: all. */
  readonly splits?: readonly SplitName[];
  /** Before each fold, which takes as long as the predictor takes to learn. Awaited, so that others get their turn. */
  onFold?(split: SplitName, fold: number, folds: number): Promise<void> | void;
}

export async function evaluate(
  samples: readonly Sample[],
  fitPredictor: FitPredictor,
  options: EvaluateOptions,
): Promise<EvaluationReport> {
  const { seed, splits = splitNames } = options;
  const judged = samples.filter((sample) => judgedKind(sample) !== undefined);
  const devices = distinct(judged.map(({ circumstance }) => circumstance.deviceKey));
  const times = judged.map(({ atMs }) => atMs);
  const kernelsOf = kernelsOfSubjects(samples);
  const found: SplitReport[] = [];
  for (const name of splits) found.push(await evaluateSplit(name, samples, { ...options, fitPredictor, devices, kernelsOf }));
  return {
    seed,
    samples: {
      ...{ count: samples.length, judged: judged.length, devices },
      models: distinct(judged.map(({ subject }) => subject.model)).length,
      families: distinct(judged.map(({ subject }) => subject.family)).length,
      firstMs: times.reduce<number | null>((least, each) => Math.min(least ?? each, each), null),
      lastMs: times.reduce<number | null>((most, each) => Math.max(most ?? each, each), null),
    },
    noiseFloor: {
      models: noiseFloor(
        judged.filter((sample) => judgedKind(sample) === 'models'),
        kernelsOf,
      ),
      parts: noiseFloor(
        judged.filter((sample) => judgedKind(sample) === 'parts'),
        kernelsOf,
      ),
    },
    splits: found,
  };
}

interface EvaluateSplitOptions extends EvaluateOptions {
  readonly fitPredictor: FitPredictor;
  /** Keys, in the report's order. */
  readonly devices: readonly string[];
  readonly kernelsOf: KernelsOf;
}

async function evaluateSplit(
  name: SplitName,
  samples: readonly Sample[],
  { seed, fitPredictor, devices, onFold, kernelsOf: timed }: EvaluateSplitOptions,
): Promise<SplitReport> {
  const kernelsOf = withoutTimes(timed);
  const { leaks, folds } = splitBy(name, samples, sampleKeys, seed);
  const found = [];
  for (const [index, fold] of folds.entries()) {
    await onFold?.(name, index, folds.length);
    found.push(verdictsOf(samples, fold, { fitPredictor, seed, kernelsOf }));
  }
  const verdicts = found.flatMap((fold) => fold.verdicts);
  return {
    ...{ name, leaks, folds: folds.map(({ name: left, train, test }) => ({ name: left, train: train.length, test: test.length })) },
    importance: meanImportance(found.map(({ importance }) => importance)),
    results: groupsOf(verdicts, judgedKinds, judgedKind).map(({ kind, timings, own }) => resultOf(own, { kind, timings, devices, seed })),
  };
}

function meanImportance(folds: readonly (readonly Importance[])[]): Importance[] {
  const all = Map.groupBy(folds.flat(), ({ name }) => name);
  return [...all]
    .map(([name, own]) => ({ name, share: own.reduce((sum, { share }) => sum + share, 0) / folds.length }))
    .sort((a, b) => b.share - a.share);
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].toSorted();
}

function withoutTimes(kernelsOf: KernelsOf): KernelsOf {
  const known = new WeakMap<readonly Kernel[], readonly Kernel[]>();
  return (sample) => {
    const kernels = kernelsOf(sample);
    if (kernels === undefined) return undefined;
    const bare = known.get(kernels) ?? kernels.map(({ name, operator, inputs, outputs }) => ({ name, operator, inputs, outputs }));
    known.set(kernels, bare);
    return bare;
  };
}
