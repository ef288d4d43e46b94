/**
 * Joules, with deadlines as a condition: three cases, as in the fitness of the PSO-GA paper, on one scale.
 *
 *     both keep all deadlines: the one with less energy      one does: that one      neither does: the one that is less late
 *
 *     0 ──── energy ──── most energy there can be ──── + lateness ────▶
 *
 * (Chen et al.: Energy-efficient offloading for DNN-based smart IoT systems in cloud-edge environments, IEEE TPDS 33(3), 2022.)
 */
import { MeshError } from '../../../mesh/error.ts';
import { longestMakespan, mostEnergy } from './ceilings.ts';
import { makespanBound } from './earliest-ends.ts';
import type { Objective } from './objective.ts';
import type { Problem } from './problem.ts';

/** Error `invalid` when the instance says nothing about power. */
export function energyObjective(problem: Problem): Objective {
  if (problem.power === undefined) {
    throw new MeshError('invalid', `the objective energy needs power or radio, which ${problem.instance.id} does not have`, {
      hint: 'controller schedule --help names the fields',
    });
  }
  // Floating-point sums in another order must not reach it.
  const most = 1.01 * mostEnergy(problem) + 1;
  const latest = 1 + longestMakespan(problem) * Math.max(1, problem.goals.length);
  return {
    name: 'energy',
    value: ({ energy }) => energy,
    score: ({ energy, lateness }) => (lateness === 0 ? energy : most * (1 + Math.min(1, lateness / latest))),
    top: 2 * most + 1,
    lowerBound: () => energyBound(problem),
    isMet: ({ lateness }) => lateness === 0,
  };
}

/** No schedule takes less: each task where it takes least beyond what the processor takes idly, everything idle for the shortest makespan. */
function energyBound(problem: Problem): number {
  const { tasks, processors, compute, power } = problem;
  const { busy, idle } = power!;
  let bound = 0;
  for (let task = 0; task < tasks; task += 1) {
    let least = Number.POSITIVE_INFINITY;
    for (let p = 0; p < processors; p += 1) least = Math.min(least, (busy[p]! - idle[p]!) * compute[task * processors + p]!);
    bound += least;
  }
  return Math.max(0, bound + idle.reduce((sum, each) => sum + each, 0) * makespanBound(problem));
}
