/**
 * Upper bounds: no schedule without needless waiting is longer, or takes more energy. At each moment before its end something runs, or is on its
 * way, or the next release is waited for; so it is not longer than all of that, one after the other.
 */
import { type Problem, transfer } from './problem.ts';

export function longestMakespan(problem: Problem): number {
  const { tasks, processors, compute, data, release } = problem;
  let longest = release === undefined ? 0 : release.reduce((last, each) => Math.max(last, each), 0);
  for (let task = 0; task < tasks; task += 1) {
    longest += compute.subarray(task * processors, (task + 1) * processors).reduce((most, each) => Math.max(most, each), 0);
  }
  for (let edge = 0; edge < data.length; edge += 1) {
    let most = 0;
    for (let p = 0; p < processors; p += 1) for (let q = 0; q < processors; q += 1) most = Math.max(most, transfer(problem, edge, p, q));
    longest += most;
  }
  return longest;
}

export function mostEnergy(problem: Problem): number {
  const { processors, power, data } = problem;
  if (power === undefined) return 0;
  const { busy, idle, send, receive } = power;
  let watts = 0;
  for (let p = 0; p < processors; p += 1) watts += Math.max(busy[p]!, idle[p]!);
  const most = (of: Float64Array): number => of.reduce((a, b) => Math.max(a, b), 0);
  const perUnit = most(send) + most(receive);
  return watts * longestMakespan(problem) + data.reduce((sum, each) => sum + each, 0) * perUnit;
}
