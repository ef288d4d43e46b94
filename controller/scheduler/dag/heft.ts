/**
 * HEFT, heterogeneous earliest finish time: tasks by upward rank, each where it ends first, gaps included.
 * (Topcuoglu, Hariri, Wu: Performance-effective and low-complexity task scheduling for heterogeneous computing, IEEE TPDS 13(3), 2002.)
 */
import type { Placing } from './network.ts';
import { PartialSchedule } from './partial-schedule.ts';
import type { Problem } from './problem.ts';
import { upwardRank } from './ranks.ts';
import { listOrder } from './ready-list.ts';
import type { Schedule } from './schedule.ts';

export function heft(problem: Problem, placing: Placing = 'insertion'): Schedule {
  const partial = new PartialSchedule(problem, placing);
  for (const task of listOrder(problem, upwardRank(problem))) partial.placeEarliest(task);
  return partial.done();
}
