/** `controller report`: what was measured, as a page, a table for other programs, or JSON. Executions of benchmarks, their history, or sweeps. */
import { MeshError } from '../../mesh/error.ts';
import { dataFolder } from '../store/folders.ts';
import type { Command } from './command.ts';
import { parseOptions } from './options.ts';
import { shownHistory } from './report-history.ts';
import { outputOf, putOut } from './report-output.ts';
import type { Shown } from './report-shown.ts';
import { shownSweeps } from './report-sweep.ts';
import { shownTasks } from './report-tasks.ts';

const help = `Writes a report: one HTML file with plots, which needs no network. Prints what was found.

Usage: controller report ID... [--out FILE] [--open] [--data DIR]
       controller report --history NAME [--metric M] [--device D] [--out FILE] [--open] [--data DIR]
       controller report --sweep ID[,ID]... [--out FILE] [--open] [--data DIR]
       controller report ... --csv | --json | --xlsx | --parquet | --npz [--table NAME] [--out FILE] [--data DIR]

  ID              a task, all tasks of a submission, or a benchmark run: its name, or the beginning of it; "last": the newest. Several are
                  overlaid. controller bench list lists them
  --history NAME  a benchmark from run to run: its name, or the beginning of one or several; with what changed its level, and alarms
  --metric M      only the history of this metric
  --device D      only the history on this device
  --sweep ID      its name, or the beginning of it; of a study, which is several sweeps of one command, or several names with commas: all of
                  them overlaid, with the smallest memory that trains and that infers for each model. "last": the newest, with its study
  --out FILE      where to (default: report-ID, history-NAME, sweep-ID or study-ID, in this folder); an older one is replaced
  --open          shows the page in the browser
  --csv           a table on stdout instead, for a spreadsheet or a script; an empty cell is not known
  --json          the report on stdout instead (docs/schema: task, history, sweep, or of several sweeps study.schema.json)
  --xlsx          a workbook instead, with a sheet for each table
  --parquet       a table for data frames instead
  --npz           arrays for numpy instead, of all tables
  --table NAME    of ID results (default), runs, series, epochs; of a history points (default), repeats, changes, alarms; of sweeps rows
  --data DIR      where it is all stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

Every repeat, run and row is there, whatever came of it: what ran out of memory, thrashed, ran out of time, crashed, was refused, and what was
never tried. Outliers are marked, and left where they are. Sweeps that are overlaid change the same limit. docs/reports.md has more.
`;

const kinds = {
  sweep: 'text',
  history: 'text',
  metric: 'text',
  device: 'text',
  out: 'text',
  open: 'flag',
  table: 'text',
  data: 'text',
  csv: 'flag',
  json: 'flag',
  xlsx: 'flag',
  parquet: 'flag',
  npz: 'flag',
} as const;

export const reportCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('report', argv, kinds, Number.POSITIVE_INFINITY);
    const output = outputOf(values);
    const shown = await shownOf(values, positionals, dataFolder(values.data, io.env));
    await putOut(shown, output, io);
    return 0;
  },
};

type Chosen = { readonly [name in 'sweep' | 'history' | 'metric' | 'device']?: string };

async function shownOf({ sweep, history, metric, device }: Chosen, names: readonly string[], folder: string): Promise<Shown> {
  const given = [
    ...(names.length > 0 ? ['ID'] : []),
    ...(sweep === undefined ? [] : ['--sweep']),
    ...(history === undefined ? [] : ['--history']),
  ];
  const [first, second] = given;
  if (first === undefined) {
    throw new MeshError('usage', 'what to report is missing', {
      hint: 'controller report ID, --history NAME or --sweep ID; controller bench list lists them',
    });
  }
  if (second !== undefined) throw new MeshError('usage', `${first} and ${second} are two reports`, { hint: 'ask for one after the other' });
  const filter = metric !== undefined ? '--metric' : device !== undefined ? '--device' : undefined;
  if (history !== undefined) return await shownHistory({ name: history, metric, device }, folder);
  if (filter !== undefined) throw new MeshError('usage', `${filter} is for --history`, { hint: 'controller report --history NAME' });
  return sweep === undefined ? await shownTasks(names, folder) : await shownSweeps(sweep, folder);
}
