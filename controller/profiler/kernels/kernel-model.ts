/**
 * How long kernels take on one device with one number of threads, learned from kernels that were timed there.
 *
 *     timed before, the same types  ──▶ what was measured
 *     any other                     ──▶ analytic estimate × exp(trees(features))
 */
import type { Kernel, TimedKernel } from '../../../mesh/kernel.ts';
import { median } from '../../../mesh/ranked.ts';
import { fitTrees } from '../trees/fit.ts';
import type { TreeOptions } from '../trees/options.ts';
import { TreePredictor } from '../trees/predict.ts';
import { tableFromRows } from '../trees/table.ts';
import type { TreeEnsemble } from '../trees/tree.ts';
import { type AnalyticModel, analyticUs, fitAnalytic, type MeasuredWork } from './analytic.ts';
import { bytesMoved, kernelFeatureNames, kernelFeatures } from './features.ts';
import { type KernelGroup, type KernelWork, kernelWork } from './work.ts';

export interface KernelModel {
  readonly analytic: AnalyticModel;
  /** Of ln(measured ÷ analytic). */
  readonly trees: TreeEnsemble;
  /** The same, ready to be asked. */
  readonly predictor: TreePredictor;
  /** Microseconds by {@link kernelSignature}. */
  readonly known: ReadonlyMap<string, number>;
  /** Largest work of each group that was timed. */
  readonly seen: ReadonlyMap<KernelGroup, SeenWork>;
  /** What was predicted before: the same kernels come again and again. */
  readonly told: Map<string, KernelPrediction>;
}

export interface SeenWork {
  readonly kernels: number;
  readonly macsMax: number;
  readonly bytesMax: number;
}

export interface KernelPrediction {
  readonly us: number;
  readonly group: KernelGroup;
  /** Not predicted: measured. */
  readonly known: boolean;
  /** Empty: within what was timed. */
  readonly extrapolates: string;
}

/** Larger than the largest that was timed by more than this: extrapolated. */
const BEYOND = 1.5;
/** A clock that counts microseconds says 0 for what is shorter. */
const US_MIN = 0.5;

const options: Partial<TreeOptions> = { rounds: 145, depth: 6, eta: 0.1, lambda: 2, minChildWeight: 3, baseScore: 0 };

/** Error `invalid` without any kernel. */
export function fitKernelModel(timed: readonly TimedKernel[]): KernelModel {
  const known = new Map(
    [...Map.groupBy(timed, kernelSignature)].map(([signature, same]) => [signature, Math.max(US_MIN, median(same.map(({ us }) => us)))]),
  );
  const distinct = [...new Map(timed.map((kernel) => [kernelSignature(kernel), kernel])).values()];
  const measured = distinct.map((kernel): MeasuredWork => ({ work: kernelWork(kernel), us: known.get(kernelSignature(kernel))! }));
  const analytic = fitAnalytic(measured);
  const table = tableFromRows(
    kernelFeatureNames,
    measured.map(({ work }) => kernelFeatures(work)),
  );
  const labels = Float32Array.from(measured, ({ work, us }) => Math.log(us / analyticUs(analytic, work)));
  const trees = fitTrees(table, labels, options);
  return { analytic, trees, predictor: new TreePredictor(trees), known, seen: seenOf(measured), told: new Map() };
}

export function predictKernel(model: KernelModel, kernel: Kernel): KernelPrediction {
  const signature = kernelSignature(kernel);
  const before = model.told.get(signature);
  if (before !== undefined) return before;
  const prediction = predicted(model, kernel, model.known.get(signature));
  model.told.set(signature, prediction);
  return prediction;
}

function predicted({ analytic, predictor, seen }: KernelModel, kernel: Kernel, measured: number | undefined): KernelPrediction {
  const work = kernelWork(kernel);
  const { group } = work;
  if (measured !== undefined) return { us: measured, group, known: true, extrapolates: '' };
  const us = analyticUs(analytic, work) * Math.exp(predictor.predictRow(kernelFeatures(work)));
  return { us, group, known: false, extrapolates: beyond(kernel, work, seen.get(group)) };
}

const signatures = new WeakMap<Kernel, string>();

/** Kernels of one signature do the same work. */
export function kernelSignature(kernel: Kernel): string {
  const known = signatures.get(kernel);
  if (known !== undefined) return known;
  const { operator, inputs, outputs } = kernel;
  const signature = `${operator}(${inputs.join(' ')})${outputs.join(' ')}`;
  signatures.set(kernel, signature);
  return signature;
}

function beyond({ operator }: Kernel, work: KernelWork, seen: SeenWork | undefined): string {
  if (seen === undefined) return `no ${operator} was ever timed`;
  if (work.macs > BEYOND * seen.macsMax)
    return `${operator} of ${Math.round(work.macs / 1e6)} million MACs; the largest timed had ${Math.round(seen.macsMax / 1e6)}`;
  if (bytesMoved(work) > BEYOND * seen.bytesMax) {
    return `${operator} that moves ${(bytesMoved(work) / 2 ** 20).toFixed(1)} MiB; the largest timed moved ${(seen.bytesMax / 2 ** 20).toFixed(1)}`;
  }
  return '';
}

function seenOf(measured: readonly MeasuredWork[]): Map<KernelGroup, SeenWork> {
  return new Map(
    [...Map.groupBy(measured, ({ work }) => work.group)].map(([group, own]) => [
      group,
      {
        kernels: own.length,
        macsMax: Math.max(...own.map(({ work }) => work.macs)),
        bytesMax: Math.max(...own.map(({ work }) => bytesMoved(work))),
      },
    ]),
  );
}
