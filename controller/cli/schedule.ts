/** `controller schedule`: a task graph on some processors, by any scheduler, and how good the answer is. */
import { readFile, writeFile } from 'node:fs/promises';
import { MeshError } from '../../mesh/error.ts';
import { suggest } from '../../mesh/suggest.ts';
import { ganttSvg, ganttText } from '../report/gantt.ts';
import { type Algorithm, algorithms, type SolveOptions, solve } from '../scheduler/dag/algorithms.ts';
import { parseInstance } from '../scheduler/dag/instance.ts';
import { type Problem, problemOf } from '../scheduler/dag/problem.ts';
import type { Solution } from '../scheduler/dag/solution.ts';
import { threeDigits } from '../text/format.ts';
import { type Column, formatTable } from '../text/table.ts';
import type { Command, Io } from './command.ts';
import { needed, parseOptions, positiveNumber, wholeNumber } from './options.ts';
import { asked } from './usage.ts';

const help = `Schedules a graph of tasks on processors, and says how far from the best possible the answer can be.

Usage: controller schedule --instance FILE [--algorithm NAME|all] [--seed N] [--time-limit MS] [--svg FILE] [--json]

  --instance FILE    JSON: compute[task][processor], edges [[from, to, data], …], link.bandwidth[p][q], link.latency[p][q] (or null);
                     handing data from p to q takes latency + data / bandwidth, on one processor nothing
  --algorithm NAME   default auto; all: a table of all of them
${algorithms.map(({ name, summary }) => `                       ${name.padEnd(16)}${summary}`).join('\n')}
  --seed N           of the random numbers (default 1)
  --time-limit MS    searches go on until then. Without it they end after an effort that is the same on every machine, and so is the result
  --svg FILE         a picture of the schedule
  --json             {algorithm, makespan, lowerBound, gap, optimal, solveMs, schedule, seed} on stdout; an array of them with all

GAP is how much longer than the lower bound the schedule is: the best possible one is at most so much shorter.
`;

const ALL = 'all';

interface Solved extends Solution {
  readonly algorithm: string;
  readonly solveMs: number;
}

export const scheduleCommand: Command = {
  name: 'schedule',
  summary: 'schedules a graph of tasks on processors',
  help,
  computesOnly: true,
  async run(argv, io) {
    const kinds = { instance: 'text', algorithm: 'text', seed: 'text', 'time-limit': 'text', svg: 'text', json: 'flag' } as const;
    const { values } = parseOptions('schedule', argv, kinds, 0);
    const file = needed(values.instance, '--instance', 'controller schedule --instance FILE');
    const chosen = choose(values.algorithm ?? 'auto');
    const seed = values.seed === undefined ? 1 : wholeNumber('--seed', values.seed, 0);
    const limitMs = values['time-limit'] === undefined ? undefined : positiveNumber('--time-limit', values['time-limit']);
    if (values.svg !== undefined && chosen.length > 1) throw new MeshError('usage', '--svg shows one schedule: name an algorithm');
    const problem = await asked(async () => problemOf(parseInstance(await textOf(file), file)));
    const solved = chosen.map((algorithm) => timed(algorithm, problem, seed, limitMs, io));
    if (values.svg !== undefined) await writePicture(values.svg, problem, solved[0]!);
    if (values.json === true) {
      const reports = solved.map((each) => reportOf(each, seed));
      io.stdout(`${JSON.stringify(chosen.length > 1 ? reports : reports[0], undefined, 2)}\n`);
    } else if (chosen.length > 1) io.stdout(`${formatTable(head, solved.map(row), io.tableColumns).join('\n')}\n`);
    else io.stdout(`${describe(problem, solved[0]!, io).join('\n')}\n`);
    return 0;
  },
};

function choose(name: string): readonly Algorithm[] {
  if (name === ALL) return algorithms;
  const found = algorithms.find((each) => each.name === name);
  if (found !== undefined) return [found];
  const names = algorithms.map((each) => each.name);
  const meant = suggest(name, names);
  throw new MeshError('usage', `--algorithm: there is no "${name}"; expected ${ALL} or one of ${names.join(', ')}`, {
    hint: meant === undefined ? 'controller schedule --help says what each does' : `did you mean ${meant}?`,
  });
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new MeshError('not-found', `--instance: ${file} can't be read: ${(error as Error).message}`, { cause: error });
  }
}

function timed(algorithm: Algorithm, problem: Problem, seed: number, limitMs: number | undefined, io: Io): Solved {
  const startMs = io.now();
  const options: SolveOptions = { seed, stop: limitMs === undefined ? undefined : () => io.now() - startMs >= limitMs };
  const solution = solve(algorithm, problem, options);
  return { ...solution, algorithm: algorithm.name, solveMs: io.now() - startMs };
}

async function writePicture(file: string, problem: Problem, { algorithm, schedule }: Solved): Promise<void> {
  try {
    await writeFile(file, ganttSvg(problem, schedule, `${problem.instance.id}, ${algorithm}, makespan ${threeDigits(schedule.makespan)}`));
  } catch (error) {
    throw new MeshError('failed', `--svg: ${file} can't be written: ${(error as Error).message}`, { cause: error });
  }
}

function reportOf({ algorithm, schedule, lowerBound, solveMs }: Solved, seed: number): unknown {
  const { processor, start, finish, makespan } = schedule;
  return {
    algorithm,
    makespan,
    lowerBound,
    gap: gapOf(makespan, lowerBound),
    optimal: makespan <= lowerBound,
    solveMs,
    schedule: Array.from(processor, (p, task) => ({ task, processor: p, start: start[task], finish: finish[task] })),
    seed,
  };
}

function gapOf(makespan: number, lowerBound: number): number {
  return lowerBound === 0 ? 0 : makespan / lowerBound - 1;
}

const head: readonly Column[] = [
  { title: 'ALGORITHM' },
  { title: 'MAKESPAN', align: 'right' },
  { title: 'GAP', align: 'right' },
  { title: 'MS', align: 'right' },
];

function row({ algorithm, schedule, lowerBound, solveMs }: Solved): string[] {
  return [algorithm, number(schedule.makespan), gapPhrase(schedule.makespan, lowerBound), threeDigits(solveMs)];
}

function describe(problem: Problem, { algorithm, schedule, lowerBound, solveMs }: Solved, io: Io): string[] {
  const { makespan } = schedule;
  const bound =
    makespan <= lowerBound ? 'optimal' : `at most ${gapPhrase(makespan, lowerBound)} above the best possible (bound ${number(lowerBound)})`;
  return [
    ...ganttText(problem, schedule, Math.min(io.tableColumns, 100)),
    '',
    `${algorithm}: makespan ${number(makespan)}, ${bound}; ${problem.tasks} tasks on ${problem.processors} processors, solved in ${threeDigits(solveMs)} ms`,
  ];
}

function gapPhrase(makespan: number, lowerBound: number): string {
  return `${(100 * gapOf(makespan, lowerBound)).toFixed(1)} %`;
}

/** Makespans are compared digit by digit. */
function number(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(7);
}
