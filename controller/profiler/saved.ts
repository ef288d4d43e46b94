/**
 * A fitted predictor as plain JSON and back. Trees are in XGBoost's own format, so that others can look at them, too.
 */
import { MeshError } from '../../mesh/error.ts';
import type { Basis } from './basis.ts';
import type { Calibration } from './conformal.ts';
import type { CountsModel } from './counts-model.ts';
import { type AnalyticModel, coefficientNames } from './kernels/analytic.ts';
import type { KernelEstimate, KernelModel } from './kernels/kernel-model.ts';
import type { LoadEffect } from './load-effect.ts';
import type { Processor } from './processor.ts';
import type { ProcessorSpeed } from './processor-speed.ts';
import type { Reference } from './reference.ts';
import { TreePredictor } from './trees/predict.ts';
import type { TreeEnsemble } from './trees/tree.ts';
import { fromXgboostJson } from './trees/xgboost-read.ts';
import { toXgboostJson } from './trees/xgboost-write.ts';

/** Changes when what a file means does. */
const FORMAT = 4;

export interface Fitted {
  readonly basis: Basis;
  readonly calibration: Calibration;
}

export function fittedToJson({ basis, calibration }: Fitted): object {
  const { references, counts, load } = basis;
  const processors = [...new Set(references.map(({ processor }) => processor))];
  return {
    format: FORMAT,
    processors: processors.map(({ kernels, ...rest }) => ({
      ...rest,
      kernels: {
        estimate: estimateToJson(kernels.estimate, processors),
        ...{ trees: treesToJson(kernels.trees), known: [...kernels.known], seen: [...kernels.seen] },
      },
    })),
    references: references.map(({ processor, ...rest }) => ({ ...rest, processor: processor.key })),
    counts: counts.map((model) => (model === undefined ? null : { trees: treesToJson(model.trees), ranges: model.ranges })),
    load: { trees: load.trees === undefined ? null : treesToJson(load.trees), busyMax: load.busyMax },
    calibration,
  };
}

/** Error `invalid` for what was not written by this release, or is damaged: it is fitted again then. */
export function fittedFromJson(value: unknown): Fitted {
  const saved = value as Saved;
  if (saved?.format !== FORMAT) throw new MeshError('invalid', `the format of the fitted profile is ${saved?.format}, expected ${FORMAT}`);
  try {
    const alone = new Map(
      saved.processors.flatMap((each) => ('analytic' in each.kernels.estimate ? [[each.key, processorOf(each, new Map())]] : [])),
    );
    const processors = new Map(saved.processors.map((each) => [each.key, alone.get(each.key) ?? processorOf(each, alone)]));
    return {
      basis: {
        references: saved.references.map(({ processor, key, ratio, ioMs, callMs, samples }) => ({
          ...{ key, ratio: finite(ratio), ioMs: finite(ioMs), callMs: finite(callMs), samples: finite(samples) },
          processor: the(processors.get(processor), processor),
        })),
        counts: saved.counts.map((model) => (model === null ? undefined : { ...withTrees(model.trees), ranges: model.ranges })),
        load: loadEffectOf(saved.load),
      },
      calibration: calibrationOf(saved.calibration),
    };
  } catch (error) {
    throw new MeshError('invalid', `the fitted profile is damaged: ${MeshError.from(error).message}`, { cause: error });
  }
}

interface Saved {
  readonly format: number;
  readonly processors: readonly SavedProcessor[];
  readonly references: readonly (Omit<Reference, 'processor'> & { readonly processor: string })[];
  readonly counts: readonly ({ readonly trees: object; readonly ranges: CountsModel['ranges'] } | null)[];
  readonly load: { readonly trees: object | null; readonly busyMax: number };
  readonly calibration: Calibration;
}

interface SavedProcessor extends Omit<Processor, 'kernels'> {
  readonly kernels: SavedKernels;
}

interface SavedKernels {
  readonly estimate: SavedEstimate;
  readonly trees: object;
  readonly known: readonly (readonly [string, number])[];
  readonly seen: readonly (readonly [
    KernelModel['seen'] extends ReadonlyMap<infer K, unknown> ? K : never,
    { kernels: number; macsMax: number; bytesMax: number },
  ])[];
}

/** Of fewer threads: the key of that processor. */
type SavedEstimate = { readonly analytic: AnalyticModel } | { readonly fewerThreads: string };

function estimateToJson({ kind, model }: KernelEstimate, processors: readonly Processor[]): SavedEstimate {
  return kind === 'analytic' ? { analytic: model } : { fewerThreads: processors.find(({ kernels }) => kernels === model)!.key };
}

function processorOf({ key, kernels, speed }: SavedProcessor, others: ReadonlyMap<string, Processor>): Processor {
  return { key, kernels: kernelModelOf(kernels, others), ...(speed === undefined ? {} : { speed: speedOf(speed) }) };
}

function the<T>(found: T | undefined, name: string): T {
  if (found === undefined) throw new MeshError('invalid', `there is no processor ${name}`);
  return found;
}

function kernelModelOf({ estimate, trees, known, seen }: SavedKernels, others: ReadonlyMap<string, Processor>): KernelModel {
  for (const [, us] of known) finite(us);
  return { estimate: estimateOf(estimate, others), ...withTrees(trees), known: new Map(known), seen: new Map(seen), told: new Map() };
}

function estimateOf(saved: SavedEstimate, others: ReadonlyMap<string, Processor>): KernelEstimate {
  if ('fewerThreads' in saved) return { kind: 'fewer threads', model: the(others.get(saved.fewerThreads), saved.fewerThreads).kernels };
  const { analytic } = saved;
  for (const coefficients of [analytic.all, ...Object.values(analytic.groups)])
    for (const name of coefficientNames) finite(coefficients[name]);
  return { kind: 'analytic', model: analytic };
}

function speedOf(speed: ProcessorSpeed): ProcessorSpeed {
  if (speed.usual.length === 0) throw new MeshError('invalid', 'a processor speed without a usual one');
  for (const { busy, probeMs } of speed.usual) [busy, probeMs].forEach(finite);
  for (const exponent of [speed.compute, speed.memory]) finite(exponent);
  return speed;
}

function loadEffectOf({ trees, busyMax }: Saved['load']): LoadEffect {
  return trees === null ? { trees: undefined, predictor: undefined, busyMax } : { ...withTrees(trees), busyMax };
}

function calibrationOf({ groups }: Calibration): Calibration {
  for (const group of Object.values(groups)) for (const errors of [group.all, ...Object.values(group.devices)]) errors.forEach(finite);
  return { groups };
}

/** JSON has null where there is no number. */
function finite(value: number): number {
  if (!Number.isFinite(value)) throw new MeshError('invalid', `${value} where a number is expected`);
  return value;
}

function withTrees(json: object): { trees: TreeEnsemble; predictor: TreePredictor } {
  const trees = fromXgboostJson(JSON.stringify(json));
  return { trees, predictor: new TreePredictor(trees) };
}

function treesToJson(trees: TreeEnsemble): object {
  return JSON.parse(toXgboostJson(trees)) as object;
}
