/** A schedule: where and when each task runs. And what makes one valid: `verifySchedule` looks at every result before anyone else does. */
import { type Problem, transfer } from './problem.ts';
import { worldViolations } from './world-violations.ts';

export interface Schedule {
  /** Of each task. */
  readonly processor: Int32Array;
  readonly start: Float64Array;
  readonly finish: Float64Array;
  /** The last finish; 0 at least. */
  readonly makespan: number;
  /** With contention: when each edge's transfer begins to occupy something. NaN where nothing is transferred. */
  readonly departure?: Float64Array;
}

export function scheduleOf(processor: Int32Array, start: Float64Array, finish: Float64Array, departure?: Float64Array): Schedule {
  const makespan = finish.reduce((last, each) => Math.max(last, each), 0);
  return { processor, start, finish, makespan, ...(departure === undefined ? {} : { departure }) };
}

/** Sums of floating-point numbers in another order differ by so much, relative to the makespan. */
const SLACK = 1e-9;

/** What is wrong with a schedule, each a sentence; empty when it is valid. */
export function violations(problem: Problem, schedule: Schedule): string[] {
  const { processor, start, finish, makespan } = schedule;
  const { tasks, processors, compute, inStart, inFrom, inEdge } = problem;
  const slack = SLACK * Math.max(makespan, Number.MIN_VALUE);
  const wrong: string[] = [];
  const onEach: number[][] = Array.from({ length: processors }, () => []);
  let last = 0;
  for (let task = 0; task < tasks; task += 1) {
    const [p, from, to] = [processor[task]!, start[task]!, finish[task]!];
    if (!(p >= 0 && p < processors)) {
      wrong.push(`task ${task} is on processor ${p}, of ${processors}`);
      continue;
    }
    onEach[p]!.push(task);
    last = Math.max(last, to);
    if (!(from >= 0) || !Number.isFinite(to)) wrong.push(`task ${task} runs from ${from} to ${to}`);
    if (!(Math.abs(to - from - compute[task * processors + p]!) <= slack)) {
      wrong.push(`task ${task} takes ${to - from} on processor ${p}: expected ${compute[task * processors + p]!}`);
    }
    for (let at = inStart[task]!; at < inStart[task + 1]!; at += 1) {
      const before = inFrom[at]!;
      const arrival = finish[before]! + transfer(problem, inEdge[at]!, processor[before]!, p);
      if (!(from >= arrival - slack))
        wrong.push(`task ${task} starts at ${from}, before what task ${before} hands on arrives at ${arrival}`);
    }
  }
  for (const [p, own] of onEach.entries()) {
    own.sort((a, b) => start[a]! - start[b]! || finish[a]! - finish[b]!);
    for (const [index, task] of own.entries()) {
      const next = own[index + 1];
      if (next !== undefined && start[next]! < finish[task]! - slack) wrong.push(`tasks ${task} and ${next} overlap on processor ${p}`);
    }
  }
  if (!(Math.abs(makespan - last) <= slack)) wrong.push(`the makespan is said to be ${makespan}: the last task ends at ${last}`);
  const isPlaced = onEach.reduce((sum, own) => sum + own.length, 0) === tasks;
  return isPlaced ? [...wrong, ...worldViolations(problem, schedule, slack)] : wrong;
}

/** Returns the schedule. A programmer's error, not the person's, when it is not valid. */
export function verifySchedule(problem: Problem, schedule: Schedule, algorithm: string): Schedule {
  const wrong = violations(problem, schedule);
  if (wrong.length > 0)
    throw new Error(`${algorithm} made a schedule of ${problem.instance.id} that is none: ${wrong.slice(0, 3).join('; ')}`);
  return schedule;
}
