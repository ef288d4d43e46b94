/**
 * Lower bounds on the makespan: no schedule can end earlier.
 *
 *     path    along each path every task takes its time on some processor, and each change of processor its transfer
 *     area    all work, however it is divided, fits on the processors
 *     window  the tasks that can't begin before h and have at least q behind them are done within (makespan − q) − h
 *
 * The area is the fractional assignment: minimize T with Σ_p x[t,p] = 1 and Σ_t compute[t,p]·x[t,p] ≤ T. By duality every choice of weights
 * w[p] ≥ 0 with Σ w = 1 gives a bound, Σ_t min_p w[p]·compute[t,p]; a subgradient ascent looks for good weights, and any of them is valid.
 */
import { type Problem, transfer } from './problem.ts';
import { timesToEnd } from './ranks.ts';

export interface Bounds {
  readonly path: number;
  readonly area: number;
  readonly window: number;
  /** The largest. */
  readonly combined: number;
}

export function lowerBounds(problem: Problem): Bounds {
  const [heads, tails] = [headTimes(problem), tailTimes(problem)];
  const path = pathBound(problem, heads, tails);
  const area = areaBound(problem, [...problem.order]);
  const window = windowBound(problem, heads, tails);
  return { path, area, window, combined: Math.max(path, area, window) };
}

/** At task × processors + p: the shortest time from the end of the task on p to the end of everything after it. */
export function tailTimes(problem: Problem): Float64Array {
  return timesToEnd(problem, (edge, p, q) => transfer(problem, edge, p, q));
}

/** At task × processors + p: the earliest time at which the task could begin on p. */
function headTimes(problem: Problem): Float64Array {
  const { tasks, processors, compute, order, inStart, inFrom, inEdge } = problem;
  const heads = new Float64Array(tasks * processors);
  for (const task of order) {
    for (let p = 0; p < processors; p += 1) {
      let latest = 0;
      for (let at = inStart[task]!; at < inStart[task + 1]!; at += 1) {
        const base = inFrom[at]! * processors;
        let earliest = Number.POSITIVE_INFINITY;
        for (let q = 0; q < processors; q += 1) {
          earliest = Math.min(earliest, heads[base + q]! + compute[base + q]! + transfer(problem, inEdge[at]!, q, p));
        }
        latest = Math.max(latest, earliest);
      }
      heads[task * processors + p] = latest;
    }
  }
  return heads;
}

function pathBound({ tasks, processors, compute }: Problem, heads: Float64Array, tails: Float64Array): number {
  let bound = 0;
  for (let task = 0; task < tasks; task += 1) {
    let shortest = Number.POSITIVE_INFINITY;
    for (let p = 0; p < processors; p += 1) {
      const at = task * processors + p;
      shortest = Math.min(shortest, heads[at]! + compute[at]! + tails[at]!);
    }
    bound = Math.max(bound, shortest);
  }
  return bound;
}

const ASCENT_STEPS = 400;

/** Of some tasks alone. */
function areaBound(problem: Problem, tasks: readonly number[], steps = ASCENT_STEPS): number {
  return areaWeights(problem, tasks, steps).bound;
}

/** The area bound of some tasks, and the weights of processors that give it. */
export function areaWeights(
  { processors, compute }: Pick<Problem, 'processors' | 'compute'>,
  tasks: readonly number[],
  steps = ASCENT_STEPS,
): { readonly bound: number; readonly weights: Float64Array } {
  const weight = new Float64Array(processors).fill(1 / processors);
  const load = new Float64Array(processors);
  let best = 0;
  const weights = weight.slice();
  for (let step = 0; step < steps; step += 1) {
    load.fill(0);
    let bound = 0;
    for (const task of tasks) {
      let [chosen, least] = [0, Number.POSITIVE_INFINITY];
      for (let p = 0; p < processors; p += 1) {
        const cost = weight[p]! * compute[task * processors + p]!;
        if (cost < least) [chosen, least] = [p, cost];
      }
      bound += least;
      load[chosen]! += compute[task * processors + chosen]!;
    }
    if (bound > best) {
      best = bound;
      weights.set(weight);
    }
    // Processors with more than their part become dearer: a multiplicative step keeps the weights positive.
    const most = load.reduce((a, b) => Math.max(a, b), 0);
    if (most === 0) break;
    let sum = 0;
    for (let p = 0; p < processors; p += 1) {
      weight[p]! *= Math.exp(load[p]! / most / (1 + step / 6));
      sum += weight[p]!;
    }
    for (let p = 0; p < processors; p += 1) weight[p]! /= sum;
  }
  return { bound: best, weights };
}

/** Windows tried: few, because each costs an area bound. */
const WINDOW_STEPS = 12;

function windowBound(problem: Problem, heads: Float64Array, tails: Float64Array): number {
  const { tasks, processors } = problem;
  const least = (times: Float64Array): Float64Array =>
    Float64Array.from({ length: tasks }, (_, task) =>
      times.subarray(task * processors, (task + 1) * processors).reduce((a, b) => Math.min(a, b)),
    );
  const [head, tail] = [least(heads), least(tails)];
  const levels = (times: Float64Array): number[] => {
    const sorted = [...new Set(times)].sort((a, b) => a - b);
    const step = Math.max(1, Math.floor(sorted.length / WINDOW_STEPS));
    return sorted.filter((_, index) => index % step === 0);
  };
  let bound = 0;
  for (const from of levels(head)) {
    for (const behind of levels(tail)) {
      const inside: number[] = [];
      for (let task = 0; task < tasks; task += 1) if (head[task]! >= from && tail[task]! >= behind) inside.push(task);
      if (inside.length > 1) bound = Math.max(bound, from + areaBound(problem, inside, WINDOW_STEPS) + behind);
    }
  }
  return bound;
}
