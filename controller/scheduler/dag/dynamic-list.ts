/** List schedulers that weigh all ready tasks against each other at every step, because what is placed changes what is best next. */
import type { Placing } from './network.ts';
import { PartialSchedule } from './partial-schedule.ts';
import type { Problem } from './problem.ts';
import type { Schedule } from './schedule.ts';

/** A ready task on a processor. */
export interface Candidate {
  readonly task: number;
  readonly processor: number;
  readonly start: number;
  readonly finish: number;
}

export interface DynamicRule {
  readonly placing: Placing;
  /** Of one task on two processors, whether `a` is preferred; else the lower index. */
  readonly betterPlace: (a: Candidate, b: Candidate) => boolean;
  /** Of two tasks, each at its best place, whether `a` goes first; else the lower index. */
  readonly goesFirst: (a: Candidate, b: Candidate) => boolean;
}

export function scheduleDynamically(problem: Problem, { placing, betterPlace, goesFirst }: DynamicRule): Schedule {
  const { tasks, processors, compute, inStart, outStart, outTo } = problem;
  const partial = new PartialSchedule(problem, placing);
  const waiting = Int32Array.from({ length: tasks }, (_, task) => inStart[task + 1]! - inStart[task]!);
  const ready = [...waiting.keys()].filter((task) => waiting[task] === 0);
  const bestPlace = (task: number): Candidate => {
    let best: Candidate | undefined;
    for (let processor = 0; processor < processors; processor += 1) {
      if (!partial.hasRoom(task, processor)) continue;
      const start = partial.startOn(task, processor);
      const here = { task, processor, start, finish: start + compute[task * processors + processor]! };
      if (best === undefined || betterPlace(here, best)) best = here;
    }
    return best!;
  };
  while (ready.length > 0) {
    let first: Candidate | undefined;
    for (const task of ready) {
      const here = bestPlace(task);
      if (first === undefined || goesFirst(here, first) || (!goesFirst(first, here) && task < first.task)) first = here;
    }
    const { task, processor, start } = first!;
    partial.place(task, processor, start);
    ready.splice(ready.indexOf(task), 1);
    for (let at = outStart[task]!; at < outStart[task + 1]!; at += 1) {
      const to = outTo[at]!;
      waiting[to]! -= 1;
      if (waiting[to] === 0) ready.push(to);
    }
  }
  return partial.done();
}
