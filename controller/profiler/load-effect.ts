/**
 * How much longer everything takes when something else runs on the device: a factor, learned from subjects that were measured with and without.
 *
 *     ln(ms under load ÷ ms without)  =  trees(cores that are busy, cores there are, threads, how long it takes)
 *
 * Learned over all devices together: what a scheduler does with two programs on one core is the same everywhere.
 */
import type { Circumstance, DeviceState, Sample } from './sample.ts';
import { fitTrees } from './trees/fit.ts';
import { TreePredictor } from './trees/predict.ts';
import { tableFromRows } from './trees/table.ts';
import type { TreeEnsemble } from './trees/tree.ts';

export interface LoadEffect {
  /** Undefined: never measured under load. */
  readonly trees: TreeEnsemble | undefined;
  /** The same, ready to be asked. */
  readonly predictor: TreePredictor | undefined;
  /** Cores: the most that were ever busy with something else. */
  readonly busyMax: number;
}

export interface LoadedRow {
  readonly sample: Pick<Sample, 'circumstance' | 'state'>;
  /** Predicted without load. */
  readonly unloadedMs: number;
  /** Measured. */
  readonly ms: number;
}

const names = ['busy cores', 'cores', 'quota', 'threads', 'busy ÷ free', 'ln ms'];

/** Less is the noise of an idle machine. Cores. */
const BUSY_MIN = 0.02;

export function fitLoadEffect(rows: readonly LoadedRow[]): LoadEffect {
  const loaded = rows.filter(({ sample }) => busyCores(sample.circumstance, sample.state) >= BUSY_MIN);
  if (loaded.length < ROWS_MIN) return { trees: undefined, predictor: undefined, busyMax: 0 };
  const table = tableFromRows(
    names,
    loaded.map(({ sample, unloadedMs }) => features(sample, unloadedMs)),
  );
  const labels = Float32Array.from(loaded, ({ ms, unloadedMs }) => Math.log(ms / unloadedMs));
  const trees = fitTrees(table, labels, { rounds: 100, depth: 4, eta: 0.1, minChildWeight: 5, baseScore: 0 });
  return {
    trees,
    predictor: new TreePredictor(trees),
    busyMax: Math.max(...loaded.map(({ sample }) => busyCores(sample.circumstance, sample.state))),
  };
}

const ROWS_MIN = 20;

/** Natural logarithm of the factor; 0: nothing else runs. */
export function loadEffect({ predictor }: LoadEffect, sample: Pick<Sample, 'circumstance' | 'state'>, unloadedMs: number): number {
  if (predictor === undefined || busyCores(sample.circumstance, sample.state) < BUSY_MIN) return 0;
  return predictor.predictRow(features(sample, unloadedMs));
}

/** Busy with something else: as it was asked for, or else as the machine was found. */
export function busyCores({ load, cores }: Circumstance, { cpuBusyPercent }: DeviceState): number {
  return load === undefined ? (cores * (cpuBusyPercent ?? 0)) / 100 : load.cores * load.duty;
}

function features({ circumstance, state }: Pick<Sample, 'circumstance' | 'state'>, unloadedMs: number): number[] {
  const { cores, quotaCores = cores, threads } = circumstance;
  const busy = busyCores(circumstance, state);
  const free = Math.max(0.05, Math.min(cores, quotaCores) - threads);
  return [busy, cores, quotaCores, threads, busy / free, Math.log(unloadedMs)];
}
