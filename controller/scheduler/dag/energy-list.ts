/**
 * HEFT that weighs energy against time: tasks by upward rank, each where
 *
 *     the energy it adds ÷ mean energy of a task  +  weight × its end ÷ mean time of a task
 *
 * is least. Weight 0 is the least energy of each task alone, a large one HEFT; in between lie schedules that are cheaper than HEFT's and not much longer.
 * (In the manner of Lee, Zomaya: Energy conscious scheduling for distributed computing systems under different operating conditions, IEEE TPDS
 * 22(8), 2011.)
 */
import type { Placing } from './network.ts';
import { PartialSchedule } from './partial-schedule.ts';
import type { Power, Problem } from './problem.ts';
import { upwardRank } from './ranks.ts';
import { listOrder } from './ready-list.ts';
import type { Schedule } from './schedule.ts';

/** From least energy to least time. */
const WEIGHTS = [0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2];

/** One schedule for each of some weights; none when the instance says nothing about power. */
export function energyLists(problem: Problem, placing: Placing = 'insertion'): readonly Schedule[] {
  const { power } = problem;
  if (power === undefined) return [];
  const order = listOrder(problem, upwardRank(problem));
  return WEIGHTS.map((weight) => energyList(problem, power, order, weight, placing));
}

function energyList(problem: Problem, power: Power, order: readonly number[], weight: number, placing: Placing): Schedule {
  const { processors, compute } = problem;
  const partial = new PartialSchedule(problem, placing);
  const [meanTime, meanEnergy] = means(problem, power);
  for (const task of order) {
    let [best, bestStart, least] = [0, 0, Number.POSITIVE_INFINITY];
    for (let p = 0; p < processors; p += 1) {
      if (!partial.hasRoom(task, p)) continue;
      const start = partial.startOn(task, p);
      const finish = start + compute[task * processors + p]!;
      const cost = added(problem, power, partial.processor, task, p) / meanEnergy + (weight * finish) / meanTime;
      if (cost < least) [best, bestStart, least] = [p, start, cost];
    }
    partial.place(task, best, bestStart);
  }
  return partial.done();
}

/** What a task on p takes beyond what the processor takes idly, with what is sent to it. */
function added(
  { processors, compute, data, inStart, inFrom, inEdge }: Problem,
  power: Power,
  placed: Int32Array,
  task: number,
  p: number,
): number {
  let energy = (power.busy[p]! - power.idle[p]!) * compute[task * processors + p]!;
  for (let at = inStart[task]!; at < inStart[task + 1]!; at += 1) {
    const q = placed[inFrom[at]!]!;
    if (q !== p) energy += (power.send[q]! + power.receive[p]!) * data[inEdge[at]!]!;
  }
  return energy;
}

/** Of a task somewhere; never 0. */
function means({ tasks, processors, compute }: Problem, { busy, idle }: Power): readonly [number, number] {
  let [time, energy] = [0, 0];
  for (const [at, each] of compute.entries()) {
    time += each;
    energy += Math.abs(busy[at % processors]! - idle[at % processors]!) * each;
  }
  const count = tasks * processors;
  return [time > 0 ? time / count : 1, energy > 0 ? energy / count : 1];
}
