/**
 * What a schedule is worth, in the units of its instance:
 *
 *     energy    busy power × time of computing + idle power × the rest of the makespan, of every processor, + energy of what is sent and received
 *     utility   of a goal 1 until its deadline, then falling in a line to 0 at five times the time it had
 *     lateness  the time by which goals are missed, summed up
 */
import type { Problem } from './problem.ts';
import type { Schedule } from './schedule.ts';
import type { Goal } from './world.ts';

/** When the utility is 0, in multiples of the time from release to deadline. */
export const WORTHLESS_AFTER = 5;

export interface Figures {
  readonly makespan: number;
  /** Joules, if power is in watts of the instance's unit of time; 0 when nothing is said about power. */
  readonly energy: number;
  /** The mean over all goals, 0 to 1; 1 when there are none. */
  readonly utility: number;
  readonly lateness: number;
}

export type Timed = Pick<Schedule, 'processor' | 'finish' | 'makespan'>;

export function figuresOf(problem: Problem, timed: Timed): Figures {
  const { goals } = problem;
  let [utility, lateness] = [0, 0];
  for (const goal of goals) {
    const done = doneAt(goal, timed.finish);
    utility += utilityOf(goal, done);
    lateness += Math.max(0, done - goal.deadline);
  }
  return {
    makespan: timed.makespan,
    energy: energyOf(problem, timed),
    utility: goals.length === 0 ? 1 : utility / goals.length,
    lateness,
  };
}

export function doneAt({ tasks }: Goal, finish: Float64Array): number {
  let done = 0;
  for (const task of tasks) done = Math.max(done, finish[task]!);
  return done;
}

/** Of a goal that is done at this time. */
export function utilityOf({ release, deadline }: Goal, done: number): number {
  if (done <= deadline) return 1;
  const span = deadline - release;
  return Math.max(0, 1 - (done - deadline) / ((WORTHLESS_AFTER - 1) * span));
}

function energyOf({ power, compute, processors, data, inStart, inFrom, inEdge }: Problem, { processor, makespan }: Timed): number {
  if (power === undefined) return 0;
  const { busy, idle, send, receive } = power;
  let energy = 0;
  for (let p = 0; p < processors; p += 1) energy += idle[p]! * makespan;
  for (let task = 0; task < processor.length; task += 1) {
    const p = processor[task]!;
    energy += (busy[p]! - idle[p]!) * compute[task * processors + p]!;
    for (let at = inStart[task]!; at < inStart[task + 1]!; at += 1) {
      const q = processor[inFrom[at]!]!;
      if (q !== p) energy += (send[q]! + receive[p]!) * data[inEdge[at]!]!;
    }
  }
  return energy;
}
