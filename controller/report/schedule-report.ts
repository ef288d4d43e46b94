/** What is told about schedules: as JSON, as rows of a table, as a sentence. Numbers are in the instance's units. */
import { doneAt, utilityOf } from '../scheduler/dag/figures.ts';
import type { ObjectiveName } from '../scheduler/dag/objective.ts';
import { occupation, type Problem } from '../scheduler/dag/problem.ts';
import type { Schedule } from '../scheduler/dag/schedule.ts';
import type { Solution } from '../scheduler/dag/solution.ts';
import { threeDigits } from '../text/format.ts';
import type { Column } from '../text/table.ts';

export interface Solved extends Solution {
  readonly algorithm: string;
  readonly objective: ObjectiveName;
  readonly solveMs: number;
}

/** An algorithm that found no schedule, and why. */
export interface Unsolved {
  readonly algorithm: string;
  readonly error: string;
}

/** For programs. What the instance or the command line says nothing about is left out. */
export function scheduleJson(problem: Problem, solved: Solved, seed: number): unknown {
  const { algorithm, objective, schedule, figures, value, isMet, isOptimal, lowerBound, solveMs } = solved;
  const { processor, start, finish, makespan } = schedule;
  const { goals, power, instance } = problem;
  return {
    algorithm,
    ...(objective === 'makespan' ? {} : { objective, value }),
    makespan,
    lowerBound,
    gap: gapOf(value, lowerBound) ?? null,
    optimal: isOptimal,
    ...(power === undefined ? {} : { energy: figures.energy }),
    ...(goals.length === 0 ? {} : { utility: figures.utility, lateness: figures.lateness, goals: goalsJson(problem, schedule) }),
    ...(objective === 'energy' && goals.length > 0 ? { feasible: isMet } : {}),
    solveMs,
    schedule: Array.from(processor, (p, task) => ({
      task,
      ...(instance.copyOf === undefined ? {} : { copyOf: instance.copyOf[task] }),
      processor: p,
      start: start[task],
      finish: finish[task],
    })),
    ...(schedule.departure === undefined ? {} : { transfers: transfersOf(problem, schedule) }),
    seed,
  };
}

function goalsJson({ goals }: Problem, { finish }: Schedule): unknown {
  return goals.map((goal) => {
    const done = doneAt(goal, finish);
    return { name: goal.name, release: goal.release, deadline: goal.deadline, finish: done, utility: utilityOf(goal, done) };
  });
}

export interface Transfer {
  /** Tasks. */
  readonly from: number;
  readonly to: number;
  /** Processors. */
  readonly source: number;
  readonly target: number;
  /** When it begins and ends to occupy its link or interfaces; it arrives a latency later. */
  readonly start: number;
  readonly finish: number;
}

/** Those that occupy something, by their start. None without contention. */
export function transfersOf(problem: Problem, { processor, departure }: Schedule): readonly Transfer[] {
  if (departure === undefined) return [];
  const all = problem.instance.edges.map(([from, to], edge) => {
    const [source, target, start] = [processor[from]!, processor[to]!, departure[edge]!];
    return { from, to, source, target, start, finish: start + (source === target ? 0 : occupation(problem, edge, source, target)) };
  });
  return all.filter(({ start, finish }) => finish > start).sort((a, b) => a.start - b.start);
}

/** Undefined when the bound is 0 and the value is not. */
function gapOf(value: number, lowerBound: number): number | undefined {
  if (lowerBound === 0) return value === 0 ? 0 : undefined;
  return value / lowerBound - 1;
}

/** The makespan, what the objective is about, and what it is told apart by. */
export function tableHead(problem: Problem, objective: ObjectiveName): readonly Column[] {
  return [
    { title: 'ALGORITHM' },
    { title: 'MAKESPAN', align: 'right' },
    ...columnsOf(problem, objective).map(({ title }): Column => ({ title, align: 'right' })),
    { title: 'GAP', align: 'right' },
    { title: 'MS', align: 'right' },
  ];
}

export function tableRow(problem: Problem, objective: ObjectiveName, found: Solved | Unsolved): string[] {
  if ('error' in found) return [found.algorithm, 'no room'];
  const { algorithm, schedule, value, lowerBound, solveMs } = found;
  const own = columnsOf(problem, objective).map(({ of }) => exactly(of(found)));
  return [algorithm, exactly(schedule.makespan), ...own, gapPhrase(value, lowerBound), threeDigits(solveMs)];
}

interface ValueColumn {
  readonly title: string;
  readonly of: (solved: Solved) => number;
}

function columnsOf({ goals, power }: Problem, objective: ObjectiveName): readonly ValueColumn[] {
  const energy: ValueColumn = { title: 'ENERGY', of: ({ figures }) => figures.energy };
  const lateness: ValueColumn = { title: 'LATENESS', of: ({ figures }) => figures.lateness };
  const utility: ValueColumn = { title: 'UTILITY', of: ({ figures }) => figures.utility };
  if (objective === 'energy') return goals.length === 0 ? [energy] : [energy, lateness];
  if (objective === 'deadline') return power === undefined ? [utility] : [utility, energy];
  return [];
}

/** One sentence. */
export function describeSchedule(problem: Problem, solved: Solved): string {
  const { algorithm, objective, schedule, figures, value, isMet, lowerBound, isOptimal, solveMs } = solved;
  const { goals, power } = problem;
  const { utility, lateness } = figures;
  const named = { makespan: 'makespan', energy: 'energy', deadline: 'utility missed' }[objective];
  const parts = [`${named} ${exactly(value)}, ${quality(value, lowerBound, isOptimal, isMet)}`];
  if (objective !== 'makespan') parts.push(`makespan ${exactly(schedule.makespan)}`);
  if (power !== undefined && objective !== 'energy') parts.push(`energy ${exactly(figures.energy)}`);
  if (goals.length > 0)
    parts.push(lateness === 0 ? 'all deadlines kept' : `late by ${exactly(lateness)} in sum, utility ${utility.toFixed(4)}`);
  parts.push(`${problem.tasks} tasks on ${problem.processors} processors, solved in ${threeDigits(solveMs)} ms`);
  return `${algorithm}: ${parts.join('; ')}`;
}

function quality(value: number, lowerBound: number, isOptimal: boolean, isMet: boolean): string {
  if (isOptimal) return 'optimal';
  const phrase = gapPhrase(value, lowerBound);
  if (!isMet) return `with deadlines missed (bound ${exactly(lowerBound)})`;
  return phrase === ''
    ? 'nothing is known about the best possible'
    : `at most ${phrase} above the best possible (bound ${exactly(lowerBound)})`;
}

function gapPhrase(value: number, lowerBound: number): string {
  const gap = gapOf(value, lowerBound);
  return gap === undefined ? '' : `${(100 * gap).toFixed(1)} %`;
}

/** They are compared digit by digit. */
function exactly(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(7);
}
