/** What people do without a scheduler: the yardsticks. */
import { PartialSchedule } from './partial-schedule.ts';
import type { Problem } from './problem.ts';
import type { Schedule } from './schedule.ts';

/** The processor that asks for the work: that of index 0, as in the instances. */
const LOCAL = 0;

/** Each task, in topological order, where it ends first, behind what is there. */
export function greedy(problem: Problem): Schedule {
  const { processors, compute } = problem;
  const partial = new PartialSchedule(problem);
  for (const task of problem.order) {
    let [best, bestStart, least] = [0, 0, Number.POSITIVE_INFINITY];
    for (let p = 0; p < processors; p += 1) {
      const start = partial.appendStart(task, p);
      const finish = start + compute[task * processors + p]!;
      if (finish < least) [best, bestStart, least] = [p, start, finish];
    }
    partial.place(task, best, bestStart);
  }
  return partial.done();
}

/** Everything on the device that asks. */
export function local(problem: Problem): Schedule {
  return allOn(problem, LOCAL);
}

/** Everything on one other device, the one that ends first; on the same when there is no other. */
export function edgeOnly(problem: Problem): Schedule {
  const others = Array.from({ length: problem.processors }, (_, p) => p).filter((p) => p !== LOCAL);
  const schedules = (others.length === 0 ? [LOCAL] : others).map((p) => allOn(problem, p));
  return schedules.reduce((best, each) => (each.makespan < best.makespan ? each : best));
}

/** Everything on the one device that ends first. */
export function bestSingle(problem: Problem): Schedule {
  const [on, elsewhere] = [local(problem), edgeOnly(problem)];
  return elsewhere.makespan < on.makespan ? elsewhere : on;
}

function allOn(problem: Problem, p: number): Schedule {
  const partial = new PartialSchedule(problem);
  for (const task of problem.order) partial.place(task, p, partial.appendStart(task, p));
  return partial.done();
}
