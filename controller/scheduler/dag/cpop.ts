/**
 * CPOP, critical path on a processor: tasks by the length of the longest path through them; those of one longest path all go to the
 * processor that computes them fastest, the others, and those it has no room for, where they end first.
 * (Topcuoglu, Hariri, Wu, IEEE TPDS 13(3), 2002.)
 */
import type { Placing } from './network.ts';
import { PartialSchedule } from './partial-schedule.ts';
import type { Problem } from './problem.ts';
import { downwardRank, upwardRank } from './ranks.ts';
import { ReadyList } from './ready-list.ts';
import type { Schedule } from './schedule.ts';

/** Priorities along a path are sums of the same numbers in another order. */
const TOLERANCE = 1e-9;

export function cpop(problem: Problem, placing: Placing = 'insertion'): Schedule {
  const [up, down] = [upwardRank(problem), downwardRank(problem)];
  const priority = up.map((rank, task) => rank + down[task]!);
  const critical = criticalPath(problem, priority);
  const chosen = fastestFor(problem, critical);
  const partial = new PartialSchedule(problem, placing);
  const list = new ReadyList(problem, priority);
  for (let task = list.take(); task !== undefined; task = list.take()) {
    if (critical.has(task) && partial.hasRoom(task, chosen)) partial.placeOn(task, chosen);
    else partial.placeEarliest(task);
  }
  return partial.done();
}

/** From the entry with the highest priority on, always to the first successor of the same priority. */
function criticalPath({ tasks, inStart, outStart, outTo }: Problem, priority: Float64Array): ReadonlySet<number> {
  let at: number | undefined;
  for (let task = 0; task < tasks; task += 1) {
    if (inStart[task + 1] === inStart[task] && (at === undefined || priority[task]! > priority[at]!)) at = task;
  }
  const length = priority[at!]!;
  const path = new Set<number>();
  while (at !== undefined) {
    path.add(at);
    const next: number[] = [...outTo.subarray(outStart[at]!, outStart[at + 1]!)].filter(
      (task) => Math.abs(priority[task]! - length) <= TOLERANCE * length,
    );
    at = next.length === 0 ? undefined : Math.min(...next);
  }
  return path;
}

/** The processor with the smallest sum; the lower index of equals. */
function fastestFor({ compute, processors }: Problem, tasks: ReadonlySet<number>): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (let p = 0; p < processors; p += 1) {
    let sum = 0;
    for (const task of tasks) sum += compute[task * processors + p]!;
    if (sum < least) [best, least] = [p, sum];
  }
  return best;
}
