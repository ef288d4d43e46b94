/** What people do without a scheduler: the yardsticks. */
import { MeshError } from '../../../mesh/error.ts';
import type { Placing } from './network.ts';
import { PartialSchedule } from './partial-schedule.ts';
import type { Problem } from './problem.ts';
import type { Schedule } from './schedule.ts';

/** The processor that asks for the work: that of index 0, as in the instances. */
const LOCAL = 0;

/** Each task, in topological order, where it ends first, behind what is there unless told otherwise. */
export function greedy(problem: Problem, placing: Placing = 'append'): Schedule {
  const { processors, compute } = problem;
  const partial = new PartialSchedule(problem, placing);
  for (const task of problem.order) {
    let [best, bestStart, least] = [0, 0, Number.POSITIVE_INFINITY];
    for (let p = 0; p < processors; p += 1) {
      if (!partial.hasRoom(task, p)) continue;
      const start = partial.startOn(task, p);
      const finish = start + compute[task * processors + p]!;
      if (finish < least) [best, bestStart, least] = [p, start, finish];
    }
    partial.place(task, best, bestStart);
  }
  return partial.done();
}

/** Everything on the device that asks. Error `exhausted` when it has not the memory. */
export function local(problem: Problem, placing: Placing = 'append'): Schedule {
  return allOn(problem, LOCAL, placing);
}

/** Everything on one other device, the one that ends first; on the same when there is no other. Error `exhausted` when none has the memory. */
export function edgeOnly(problem: Problem, placing: Placing = 'append'): Schedule {
  const others = Array.from({ length: problem.processors }, (_, p) => p).filter((p) => p !== LOCAL);
  const able = (others.length === 0 ? [LOCAL] : others).filter((p) => holdsAll(problem, p));
  if (able.length === 0) throw new MeshError('exhausted', 'no other processor has room for all tasks');
  const schedules = able.map((p) => allOn(problem, p, placing));
  return schedules.reduce((best, each) => (each.makespan < best.makespan ? each : best));
}

/** Everything on the one device that ends first. Empty when none has the memory. */
export function bestSingle(problem: Problem, placing: Placing = 'append'): readonly Schedule[] {
  const able = Array.from({ length: problem.processors }, (_, p) => p).filter((p) => holdsAll(problem, p));
  const schedules = able.map((p) => allOn(problem, p, placing));
  return schedules.length === 0 ? [] : [schedules.reduce((best, each) => (each.makespan < best.makespan ? each : best))];
}

function holdsAll({ memory }: Problem, p: number): boolean {
  if (memory === undefined) return true;
  let sum = 0;
  for (const of of new Set(memory.of)) sum += memory.need[of]!;
  return sum <= memory.capacity[p]!;
}

function allOn(problem: Problem, p: number, placing: Placing): Schedule {
  if (!holdsAll(problem, p)) throw new MeshError('exhausted', `processor ${p} has no room for all tasks`);
  const partial = new PartialSchedule(problem, placing);
  for (const task of problem.order) partial.placeOn(task, p);
  return partial.done();
}
