/**
 * How long kernels take on one device with one number of threads, learned from kernels that were timed there.
 *
 *     timed before, the same types, in as much memory  ──▶ what was measured
 *     any other                                        ──▶ estimate × exp(trees(features))
 *
 * The estimate is analytic; of more threads than the processor was measured with otherwise it is what those take: then trees learn only what threads gain, which
 * varies much less from kernel to kernel, and what is unknown of a kernel is the same with any number of threads.
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
import { type Place, placesOf } from './place.ts';
import { type KernelGroup, type KernelWork, kernelWork } from './work.ts';

export type KernelEstimate =
  | { readonly kind: 'analytic'; readonly model: AnalyticModel }
  /** Of the same processor. */
  | { readonly kind: 'fewer threads'; readonly model: KernelModel };

export interface KernelModel {
  readonly estimate: KernelEstimate;
  /** Of ln(measured ÷ estimate). */
  readonly trees: TreeEnsemble;
  /** The same, ready to be asked. */
  readonly predictor: TreePredictor;
  /** Microseconds by {@link placedSignature}. */
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
/** Nothing is free, and a clock that counts microseconds says 0 for what is shorter. */
const US_MIN = 0.5;

const options: Partial<TreeOptions> = { rounds: 145, depth: 6, eta: 0.1, lambda: 2, minChildWeight: 3, baseScore: 0 };

interface Placed<K extends Kernel> {
  readonly kernel: K;
  readonly place: Place;
}

/** `runs`: kernels that ran together, each time. `fewerThreads`: of the same processor, if there is one. Error `invalid` without any kernel. */
export function fitKernelModel(runs: readonly (readonly TimedKernel[])[], fewerThreads?: KernelModel): KernelModel {
  const placed = runs.flatMap((together): Placed<TimedKernel>[] => {
    const places = placesOf(together);
    return together.map((kernel, index) => ({ kernel, place: places[index]! }));
  });
  const same = [...Map.groupBy(placed, placedSignature)];
  const known = new Map(same.map(([signature, each]) => [signature, Math.max(US_MIN, median(each.map(({ kernel }) => kernel.us)))]));
  const measured = same.map(([signature, [first]]) => {
    const { kernel, place } = first!;
    return { kernel, work: kernelWork(kernel), place, us: known.get(signature)! };
  });
  const estimate: KernelEstimate =
    fewerThreads === undefined ? { kind: 'analytic', model: fitAnalytic(measured) } : { kind: 'fewer threads', model: fewerThreads };
  const table = tableFromRows(
    kernelFeatureNames,
    measured.map(({ work, place }) => kernelFeatures(work, place)),
  );
  const labels = Float32Array.from(measured, ({ kernel, place, us }) => Math.log(us / estimatedUs(estimate, { kernel, place })));
  const trees = fitTrees(table, labels, options);
  return { estimate, trees, predictor: new TreePredictor(trees), known, seen: seenOf(measured), told: new Map() };
}

/** Of kernels that run together. */
export function predictKernels(model: KernelModel, together: readonly Kernel[]): KernelPrediction[] {
  const places = placesOf(together);
  return together.map((kernel, index) => predictKernel(model, { kernel, place: places[index]! }));
}

function predictKernel(model: KernelModel, placed: Placed<Kernel>): KernelPrediction {
  const signature = placedSignature(placed);
  const before = model.told.get(signature);
  if (before !== undefined) return before;
  const prediction = predicted(model, placed, model.known.get(signature));
  model.told.set(signature, prediction);
  return prediction;
}

function estimatedUs({ kind, model }: KernelEstimate, placed: Placed<Kernel>): number {
  return kind === 'analytic' ? analyticUs(model, kernelWork(placed.kernel), placed.place) : predictKernel(model, placed).us;
}

function predicted(
  { estimate, predictor, seen }: KernelModel,
  { kernel, place }: Placed<Kernel>,
  measured: number | undefined,
): KernelPrediction {
  const work = kernelWork(kernel);
  const { group } = work;
  if (measured !== undefined) return { us: measured, group, known: true, extrapolates: '' };
  const us = estimatedUs(estimate, { kernel, place }) * Math.exp(predictor.predictRow(kernelFeatures(work, place)));
  return { us, group, known: false, extrapolates: beyond(kernel, work, seen.get(group)) };
}

const signatures = new WeakMap<Kernel, string>();

/** Kernels of one signature do the same work, find as much of it in caches, and write to the same kind of memory. */
function placedSignature({ kernel, place: { memory, leaves } }: Placed<Kernel>): string {
  return `${memory} ${leaves ? 'out' : 'in'} ${signatureOf(kernel)}`;
}

function signatureOf(kernel: Kernel): string {
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
    return `${operator} of ${millions(work.macs)} million MACs; the largest timed had ${millions(seen.macsMax)}`;
  if (bytesMoved(work) > BEYOND * seen.bytesMax) {
    return `${operator} that moves ${(bytesMoved(work) / 2 ** 20).toFixed(1)} MiB; the largest timed moved ${(seen.bytesMax / 2 ** 20).toFixed(1)}`;
  }
  return '';
}

/** Those of a small model are thousands. */
function millions(macs: number): string {
  return (macs / 1e6).toFixed(macs < 1e7 ? 3 : 0);
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
