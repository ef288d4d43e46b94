/**
 * DLS, dynamic level scheduling: the pair of ready task and processor with the highest dynamic level,
 *
 *     static level of the task − its start on the processor + (mean computing time − computing time there)
 *
 * (Sih, Lee: A compile-time scheduling heuristic for interconnection-constrained heterogeneous processor architectures, IEEE TPDS 4(2), 1993.)
 */
import { type Candidate, scheduleDynamically } from './dynamic-list.ts';
import type { Placing } from './network.ts';
import type { Problem } from './problem.ts';
import { meanCompute, staticLevel } from './ranks.ts';
import type { Schedule } from './schedule.ts';

export function dls(problem: Problem, placing: Placing = 'append'): Schedule {
  const [level, mean] = [staticLevel(problem), meanCompute(problem)];
  const dynamicLevel = ({ task, start, finish }: Candidate): number => level[task]! - start + (mean[task]! - (finish - start));
  const higher = (a: Candidate, b: Candidate): boolean => dynamicLevel(a) > dynamicLevel(b);
  return scheduleDynamically(problem, { placing, betterPlace: higher, goesFirst: higher });
}
