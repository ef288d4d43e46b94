/** `controller bench list`: what was measured on this machine, and what is scheduled. */

import { type RowOutcome, rowOutcomes } from '../bench/row-figures.ts';
import type { Sweep } from '../bench/sweep.ts';
import type { Schedule } from '../descriptor/cron.ts';
import { readDescriptor } from '../descriptor/read-descriptor.ts';
import { countsText, limitNames, outcomeWords } from '../report/sweep-words.ts';
import type { BenchHead, SweepCount } from '../store/bench-records.ts';
import type { TaskStore } from '../store/task-store.ts';
import type { Task, TaskRun } from '../task/task.ts';
import { type Column, formatTable } from '../text/table.ts';
import type { Command } from './command.ts';
import { parseOptions } from './options.ts';
import { timeText } from './schedule-text.ts';
import { withTasks } from './task-tools.ts';

const help = `Lists tasks (executions of descriptors), sweeps and single benchmark runs of this machine, newest first; before them what is scheduled.

Usage: controller bench list [NAME] [--data DIR] [--json]

  NAME         tasks of this benchmark only
  --data DIR   where they are stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)
  --json       on stdout as JSON: schedules, and what was measured

"unfinished" is a sweep that is still going on, or whose controller was killed. controller report --sweep NAME shows one.
Of a task: controller bench get, results, run, cancel, delete TASK; controller bench history BENCHMARK.
`;

const head: readonly Column[] = [
  { title: 'NAME' },
  { title: 'KIND' },
  { title: 'STARTED' },
  { title: 'DEVICE' },
  { title: 'WHAT', flexible: true },
  { title: 'STATUS' },
  { title: 'OUTCOMES', flexible: true },
];

/** Of either kind. */
interface Listed {
  readonly name: string;
  readonly kind: 'task' | 'sweep' | 'run';
  readonly startedMs: number;
  readonly device: string;
  readonly title: string;
  readonly status: Sweep['status'] | Task['status'];
  readonly error: string | null;
  /** How many rows came to what; of a run, that one. */
  readonly outcomes: Readonly<Record<RowOutcome, number>>;
}

export const benchListCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('bench list', argv, { data: 'text', json: 'flag' }, 1);
    return await withTasks(values, io, async ({ tasks, bench: store }) => {
      const [name] = positionals;
      await tasks.bury(io.wallClock());
      const found = await tasks.tasks(name === undefined ? {} : { benchmark: name });
      const runsOf = new Map(await Promise.all(found.map(async ({ task }) => [task, await tasks.runs(task)] as const)));
      const ofTasks = new Set([...runsOf.values()].flat().map(({ run }) => run));
      const [sweeps, counts, benches] = await Promise.all([store.sweeps(), store.sweepCounts(), store.benches()]);
      // A task stands for its runs.
      const others = [
        ...sweeps.map((sweep) => listedSweep(sweep, counts)),
        ...benches.filter(({ bench }) => !ofTasks.has(bench)).map(listedBench),
      ];
      const heads = new Map(benches.map((head) => [head.bench, head]));
      const all = [...found.map((task) => listedTask(task, runsOf.get(task.task)!, heads)), ...(name === undefined ? others : [])].toSorted(
        (a, b) => b.startedMs - a.startedMs,
      );
      const scheduled = await schedulesOf(name, tasks, io.wallClock());
      if (values.json === true) io.stdout(`${JSON.stringify({ schedules: scheduled, measured: all }, undefined, 2)}\n`);
      else if (all.length + scheduled.length === 0)
        io.stdout(name === undefined ? 'nothing was measured yet: controller bench --help says how\n' : `nothing is called ${name}\n`);
      else {
        const table = scheduled.length === 0 ? [] : [...formatTable(scheduleHead, scheduled.map(scheduleCells), io.tableColumns), ''];
        io.stdout(`${[...table, ...(all.length === 0 ? [] : formatTable(head, all.map(cells), io.tableColumns))].join('\n').trimEnd()}\n`);
      }
      return 0;
    });
  },
};

interface Scheduled {
  readonly benchmark: string;
  readonly scheduling: string;
  readonly timezone: string;
  /** Milliseconds since 1970; null: never again. */
  readonly nextMs: number | null;
}

const scheduleHead: readonly Column[] = [{ title: 'SCHEDULED' }, { title: 'WHEN' }, { title: 'NEXT' }];

async function schedulesOf(name: string | undefined, tasks: TaskStore, nowMs: number): Promise<Scheduled[]> {
  const rows = (await tasks.schedules()).filter(({ benchmark }) => name === undefined || benchmark === name);
  return await Promise.all(
    rows.map(async ({ benchmark, descriptor }) => {
      const schedule = await scheduleOf(descriptor, tasks);
      if (schedule === undefined) return { benchmark, scheduling: 'its descriptor can not be read any more', timezone: '', nextMs: null };
      return { benchmark, scheduling: schedule.text, timezone: schedule.timezone, nextMs: schedule.next(nowMs) ?? null };
    }),
  );
}

/** Undefined: another release wrote it. */
async function scheduleOf(descriptor: string, tasks: TaskStore): Promise<Schedule | undefined> {
  const stored = await tasks.descriptor(descriptor);
  try {
    return readDescriptor(stored).schedule;
  } catch {
    return undefined;
  }
}

function scheduleCells({ benchmark, scheduling, timezone, nextMs }: Scheduled): string[] {
  return [benchmark, timezone === '' ? scheduling : `${scheduling} (${timezone})`, nextMs === null ? 'never again' : timeText(nextMs)];
}

function listedTask(
  { task, benchmark, dueMs, startedMs, status, error }: Task,
  runs: readonly TaskRun[],
  heads: ReadonlyMap<string, BenchHead>,
): Listed {
  const known = runs.flatMap(({ run }) => heads.get(run) ?? []);
  const counts = [...Map.groupBy(known, ({ outcome }) => outcome)].map(([kind, own]) => [kind, own.length] as const);
  const device = [...new Set(known.map((head) => head.device))].join('+');
  return {
    name: task,
    kind: 'task',
    startedMs: startedMs ?? dueMs,
    device,
    title: benchmark,
    status,
    error: error ?? null,
    outcomes: counted(counts),
  };
}

function listedSweep({ sweep, startedMs, spec, status, error }: Sweep, counts: readonly SweepCount[]): Listed {
  const own = counts.filter((each) => each.sweep === sweep).map(({ outcome, rows }) => [outcome ?? 'not-tried', rows] as const);
  const title = `${spec.workload.mode === 'train' ? 'training ' : ''}${spec.workload.model}: ${limitNames[spec.limit]}`;
  return { name: sweep, kind: 'sweep', startedMs, device: spec.device, title, status, error: error ?? null, outcomes: counted(own) };
}

function listedBench({ bench, startedMs, device, title, outcome }: BenchHead): Listed {
  return { name: bench, kind: 'run', startedMs, device, title, status: 'done', error: null, outcomes: counted([[outcome, 1]]) };
}

function counted(known: readonly (readonly [RowOutcome, number])[]): Record<RowOutcome, number> {
  return { ...(Object.fromEntries(rowOutcomes.map((kind) => [kind, 0])) as Record<RowOutcome, number>), ...Object.fromEntries(known) };
}

function cells({ name, kind, startedMs, device, title, status, outcomes }: Listed): string[] {
  const started = new Date(startedMs).toISOString().slice(0, 16).replace('T', ' ');
  const only = rowOutcomes.find((outcome) => outcomes[outcome] > 0);
  const said = kind === 'run' && only !== undefined ? outcomeWords(only) : countsText(outcomes);
  return [name, kind, started, device, title, status, said];
}
