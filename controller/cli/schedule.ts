/** `controller schedule`: a task graph on some processors, by any scheduler, and how good the answer is. */
import { readFile, writeFile } from 'node:fs/promises';
import { MeshError } from '../../mesh/error.ts';
import { suggest } from '../../mesh/suggest.ts';
import { ganttSvg, ganttText } from '../report/gantt.ts';
import { describeSchedule, type Solved, scheduleJson, tableHead, tableRow, type Unsolved } from '../report/schedule-report.ts';
import { type Algorithm, algorithms, type SolveOptions, solve } from '../scheduler/dag/algorithms.ts';
import { parseInstance } from '../scheduler/dag/instance.ts';
import type { Placing } from '../scheduler/dag/network.ts';
import { type ObjectiveName, objectiveNames } from '../scheduler/dag/objective.ts';
import { type Problem, problemOf } from '../scheduler/dag/problem.ts';
import { targetOf } from '../scheduler/dag/target.ts';
import { threeDigits } from '../text/format.ts';
import { formatTable } from '../text/table.ts';
import type { Command, Io } from './command.ts';
import { needed, oneOf, parseOptions, positiveNumber, wholeNumber } from './options.ts';
import { asked } from './usage.ts';

const help = `Schedules a graph of tasks on processors, and says how far from the best possible the answer can be.

Usage: controller schedule --instance FILE [--algorithm NAME|all] [--objective NAME] [--placing HOW]
                                    [--seed N] [--time-limit MS] [--svg FILE] [--json]

  --instance FILE    JSON: compute[task][processor], edges [[from, to, data], …], link.bandwidth[p][q], link.latency[p][q] (or null);
                     handing data from p to q takes latency + data / bandwidth, on one processor nothing. And, where they matter,
                     release[task]                        it begins no earlier
                     memory[task], capacity[processor]    what fits (null: no limit)
                     power {busy[p], idle[p]}             watts
                     radio {send[p], receive[p]}          joules per unit of data
                     deadline[task]                       when it is due (null: whenever)
                     contention                           "none", "link" or "interface": what carries one transfer at a time
                     jobs [{name, tasks, period or rate, count, release, deadline}, …]   models that arrive again and again
                     docs/schedule.md says precisely what each means
  --algorithm NAME   default auto; all: a table of all of them
${algorithms.map(({ name, summary }) => `                       ${name.padEnd(16)}${summary}`).join('\n')}
  --objective NAME   what is made small, default makespan
                       energy          joules; deadlines are kept if that is possible at all
                       deadline        utility missed: of each goal 1 by its deadline, then less, 0 at five times its time; then energy
                     List schedulers and exact look at makespans only; their schedules are rated
  --placing HOW      append: tasks and transfers only behind others; insertion: into gaps, too. Default: list schedulers as published,
                     searches append (where transfers do not hinder each other, no schedule is lost by that)
  --seed N           of the random numbers (default 1)
  --time-limit MS    searches go on until then. Without it they end after an effort that is the same on every machine, and so is the result
  --svg FILE         a picture of the schedule
  --json             {algorithm, makespan, lowerBound, gap, optimal, solveMs, schedule, seed} on stdout; an array of them with all. With more in
                     the instance: objective, value, energy, utility, lateness, goals, feasible, transfers; the bound is the objective's

GAP is how far above the lower bound the schedule is: the best possible one is at most so much shorter, or less.
`;

const ALL = 'all';

const placings: readonly Placing[] = ['append', 'insertion'];

export const scheduleCommand: Command = {
  help,
  async run(argv, io) {
    const { values } = parseOptions('schedule', argv, kinds, 0);
    const file = needed(values.instance, '--instance', 'controller schedule --instance FILE');
    const chosen = choose(values.algorithm ?? 'auto');
    const objective = values.objective === undefined ? 'makespan' : oneOf('--objective', values.objective, objectiveNames);
    const placing = values.placing === undefined ? undefined : oneOf('--placing', values.placing, placings);
    const seed = values.seed === undefined ? 1 : wholeNumber('--seed', values.seed, 0);
    const limitMs = values['time-limit'] === undefined ? undefined : positiveNumber('--time-limit', values['time-limit']);
    if (values.svg !== undefined && chosen.length > 1) throw new MeshError('usage', '--svg shows one schedule: name an algorithm');
    const problem = await asked(async () => problemOf(parseInstance(await textOf(file), file)));
    await asked(() => targetOf(problem, objective));
    const wanted: Wanted = { objective, ...(placing === undefined ? {} : { placing }), seed, limitMs };
    if (chosen.length > 1) {
      const found = chosen.map((algorithm) => tried(algorithm, problem, wanted, io));
      if (values.json === true) io.stdout(json(found.map((each) => ('error' in each ? each : scheduleJson(problem, each, seed)))));
      else {
        const rows = found.map((each) => tableRow(problem, objective, each));
        io.stdout(`${formatTable(tableHead(problem, objective), rows, io.tableColumns).join('\n')}\n`);
      }
      return 0;
    }
    const solved = timed(chosen[0]!, problem, wanted, io);
    if (values.svg !== undefined) await writePicture(values.svg, problem, solved);
    if (values.json === true) io.stdout(json(scheduleJson(problem, solved, seed)));
    else {
      const chart = ganttText(problem, solved.schedule, Math.min(io.tableColumns, 100));
      io.stdout(`${[...chart, '', describeSchedule(problem, solved)].join('\n')}\n`);
    }
    return 0;
  },
};

const kinds = {
  instance: 'text',
  algorithm: 'text',
  objective: 'text',
  placing: 'text',
  seed: 'text',
  'time-limit': 'text',
  svg: 'text',
  json: 'flag',
} as const;

interface Wanted {
  readonly objective: ObjectiveName;
  readonly placing?: Placing;
  readonly seed: number;
  readonly limitMs: number | undefined;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

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

function timed(algorithm: Algorithm, problem: Problem, { limitMs, ...wanted }: Wanted, io: Io): Solved {
  const startMs = io.now();
  const options: SolveOptions = { ...wanted, stop: limitMs === undefined ? undefined : () => io.now() - startMs >= limitMs };
  const solution = solve(algorithm, problem, options);
  return { ...solution, algorithm: algorithm.name, objective: wanted.objective, solveMs: io.now() - startMs };
}

/** One of many: that there is no room where this one looks is no reason not to try the others. */
function tried(algorithm: Algorithm, problem: Problem, wanted: Wanted, io: Io): Solved | Unsolved {
  try {
    return timed(algorithm, problem, wanted, io);
  } catch (error) {
    if (!(error instanceof MeshError) || error.code !== 'exhausted') throw error;
    return { algorithm: algorithm.name, error: error.message };
  }
}

async function writePicture(file: string, problem: Problem, { algorithm, schedule }: Solved): Promise<void> {
  try {
    await writeFile(file, ganttSvg(problem, schedule, `${problem.instance.id}, ${algorithm}, makespan ${threeDigits(schedule.makespan)}`));
  } catch (error) {
    throw new MeshError('failed', `--svg: ${file} can't be written: ${(error as Error).message}`, { cause: error });
  }
}
