/** `controller bench list`: the sweeps and benchmark runs of this machine. */

import { type RowOutcome, rowOutcomes } from '../bench/row-figures.ts';
import type { Sweep } from '../bench/sweep.ts';
import { countsText, limitNames, outcomeWords } from '../report/sweep-words.ts';
import type { BenchHead, SweepCount } from '../store/bench-records.ts';
import { BenchStore } from '../store/bench-store.ts';
import { dataFolder } from '../store/folders.ts';
import { type Column, formatTable } from '../text/table.ts';
import type { Command } from './command.ts';
import { parseOptions } from './options.ts';

const help = `Lists the sweeps and benchmark runs of this machine, newest first.

Usage: controller bench list [--data DIR] [--json]

  --data DIR   where they are stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)
  --json       one JSON array on stdout

"unfinished" is a sweep that is still going on, or whose controller was killed. controller report --sweep NAME shows one.
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
  readonly kind: 'sweep' | 'run';
  readonly startedMs: number;
  readonly device: string;
  readonly title: string;
  readonly status: Sweep['status'];
  readonly error: string | null;
  /** How many rows came to what; of a run, that one. */
  readonly outcomes: Readonly<Record<RowOutcome, number>>;
}

export const benchListCommand: Command = {
  help,
  async run(argv, io) {
    const { values } = parseOptions('bench list', argv, { data: 'text', json: 'flag' }, 0);
    await using store = await BenchStore.open(dataFolder(values.data, io.env));
    const [sweeps, counts, benches] = await Promise.all([store.sweeps(), store.sweepCounts(), store.benches()]);
    const all = [...sweeps.map((sweep) => listedSweep(sweep, counts)), ...benches.map(listedBench)].toSorted(
      (a, b) => b.startedMs - a.startedMs,
    );
    if (values.json === true) io.stdout(`${JSON.stringify(all, undefined, 2)}\n`);
    else if (all.length === 0) io.stdout('nothing was measured yet: controller bench --help says how\n');
    else io.stdout(`${formatTable(head, all.map(cells), io.tableColumns).join('\n')}\n`);
    return 0;
  },
};

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
