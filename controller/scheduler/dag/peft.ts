/**
 * PEFT, predict earliest finish time: as HEFT, but looks ahead by an optimistic cost table, both for the order of tasks and for the choice of
 * the processor. Its rank may be larger for a successor, so tasks are taken from a ready list.
 * (Arabnejad, Barbosa: List scheduling algorithm for heterogeneous systems by an optimistic cost table, IEEE TPDS 25(3), 2014.)
 */
import type { Placing } from './network.ts';
import { PartialSchedule } from './partial-schedule.ts';
import type { Problem } from './problem.ts';
import { optimisticCosts } from './ranks.ts';
import { ReadyList } from './ready-list.ts';
import type { Schedule } from './schedule.ts';

export function peft(problem: Problem, placing: Placing = 'insertion'): Schedule {
  const { tasks, processors, compute } = problem;
  const table = optimisticCosts(problem);
  const rank = Float64Array.from({ length: tasks }, (_, task) => {
    let sum = 0;
    for (let p = 0; p < processors; p += 1) sum += table[task * processors + p]!;
    return sum / processors;
  });
  const partial = new PartialSchedule(problem, placing);
  const list = new ReadyList(problem, rank);
  for (let task = list.take(); task !== undefined; task = list.take()) {
    let [best, bestStart, least] = [0, 0, Number.POSITIVE_INFINITY];
    for (let p = 0; p < processors; p += 1) {
      if (!partial.hasRoom(task, p)) continue;
      const start = partial.startOn(task, p);
      const optimistic = start + compute[task * processors + p]! + table[task * processors + p]!;
      if (optimistic < least) [best, bestStart, least] = [p, start, optimistic];
    }
    partial.place(task, best, bestStart);
  }
  return partial.done();
}
