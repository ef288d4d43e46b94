/**
 * Lookahead HEFT: tasks by upward rank; a task goes where its children could end earliest. For each processor the children are placed for a
 * trial, in rank order, each where it ends first; the processor with the smallest last end of a child wins, of equals the one where the task
 * itself ends first.
 * (Bittencourt, Sakellariou, Madeira: DAG scheduling using a lookahead variant of the heterogeneous earliest finish time algorithm, PDP 2010.)
 */
import type { Placing } from './network.ts';
import { PartialSchedule } from './partial-schedule.ts';
import type { Problem } from './problem.ts';
import { upwardRank } from './ranks.ts';
import { listOrder } from './ready-list.ts';
import type { Schedule } from './schedule.ts';

export function lookaheadHeft(problem: Problem, placing: Placing = 'insertion'): Schedule {
  const { processors, outStart, outTo } = problem;
  const order = listOrder(problem, upwardRank(problem));
  const position = new Int32Array(problem.tasks);
  for (const [index, task] of order.entries()) position[task] = index;
  const partial = new PartialSchedule(problem, placing);
  for (const task of order) {
    const children = [...new Set(outTo.subarray(outStart[task]!, outStart[task + 1]!))].sort((a, b) => position[a]! - position[b]!);
    let [best, bestStart, leastLast, leastOwn] = [0, 0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let p = 0; p < processors; p += 1) {
      if (!partial.hasRoom(task, p)) continue;
      const start = partial.startOn(task, p);
      let [own, last] = [0, 0];
      partial.attempt(() => {
        partial.place(task, p, start);
        own = partial.finish[task]!;
        last = children.length === 0 ? own : 0;
        for (const child of children) {
          partial.placeEarliest(child);
          last = Math.max(last, partial.finish[child]!);
        }
        return [task, ...children];
      });
      if (last < leastLast || (last === leastLast && own < leastOwn)) [best, bestStart, leastLast, leastOwn] = [p, start, last, own];
    }
    partial.place(task, best, bestStart);
  }
  return partial.done();
}
