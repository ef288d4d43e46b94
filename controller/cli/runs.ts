/** `controller runs`: what was run on this machine. */
import { type RunReport, replicasOf } from '../report/run-report.ts';
import { dataFolder } from '../store/folders.ts';
import type { StoredRun } from '../store/records.ts';
import { RunStore } from '../store/store.ts';
import { threeDigits } from '../text/format.ts';
import { type Column, formatTable } from '../text/table.ts';
import type { Command } from './command.ts';
import { parseOptions } from './options.ts';

const help = `Lists the runs of this machine, newest first.

Usage: controller runs [--data DIR] [--json]

  --data DIR   where runs are stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)
  --json       one JSON array on stdout

"unfinished" is a run that is still going on, or whose controller was killed.
`;

const head: readonly Column[] = [
  { title: 'RUN' },
  { title: 'STARTED' },
  { title: 'MODEL', flexible: true },
  { title: 'STAGES', align: 'right' },
  { title: 'FRAMES', align: 'right' },
  { title: 'FPS', align: 'right' },
  { title: 'P50 MS', align: 'right' },
  { title: 'STATUS' },
];

export const runsCommand: Command = {
  help,
  async run(argv, io) {
    const { values } = parseOptions('runs', argv, { data: 'text', json: 'flag' }, 0);
    await using store = await RunStore.open(dataFolder(values.data, io.env));
    const runs = await store.list();
    if (values.json === true) io.stdout(`${JSON.stringify(runs.map(toJson), undefined, 2)}\n`);
    else if (runs.length === 0) io.stdout('nothing was run yet: try controller run --split resnet@layer12\n');
    else io.stdout(`${formatTable(head, runs.map(row), io.tableColumns).join('\n')}\n`);
    return 0;
  },
};

function reportOfRun(run: StoredRun): RunReport | undefined {
  return run.report === undefined ? undefined : (JSON.parse(run.report) as RunReport);
}

function row(run: StoredRun): string[] {
  const report = reportOfRun(run);
  // What was carried out; a plan that is found by measuring is not known at the beginning.
  const plan = report?.plan ?? (JSON.parse(run.plan) as RunReport['plan']);
  const number = (value: number | null | undefined): string => (value === null || value === undefined ? '–' : threeDigits(value));
  return [
    run.run,
    new Date(run.startedMs).toISOString().slice(0, 16).replace('T', ' '),
    run.model,
    String(replicasOf(plan).size),
    report === undefined ? '–' : String(report.frames.received),
    number(report?.throughputFps),
    number(report?.latencyMs?.p50),
    run.status,
  ];
}

function toJson(run: StoredRun): unknown {
  const report = reportOfRun(run);
  return {
    run: run.run,
    model: run.model,
    status: run.status,
    error: run.error ?? null,
    startedMs: run.startedMs,
    endedMs: run.endedMs ?? null,
    frames: report?.frames ?? null,
    throughputFps: report?.throughputFps ?? null,
    latencyMs: report?.latencyMs ?? null,
  };
}
