/** `controller report --sweep ID`: a stored sweep as a page, a table for spreadsheets, or JSON. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import { sweepCsv } from '../report/sweep-csv.ts';
import { sweepHtml } from '../report/sweep-html.ts';
import { sweepReportOf } from '../report/sweep-report.ts';
import { sweepSummaryText } from '../report/sweep-text.ts';
import { BenchStore } from '../store/bench-store.ts';
import { dataFolder } from '../store/folders.ts';
import type { Command, Io } from './command.ts';
import { openFile } from './open-file.ts';
import { needed, parseOptions } from './options.ts';

const usage = 'controller report --sweep ID';

const help = `Writes the report of a sweep: one HTML file with plots, which needs no network. Prints what the sweep found.

Usage: ${usage} [--out FILE] [--open] [--data DIR]
       ${usage} --csv | --json [--data DIR]

  --sweep ID   its name, the beginning of it, or "last"; controller bench list lists them
  --out FILE   where to (default: sweep-ID.html in this folder); an older one is replaced
  --open       shows it in the browser
  --csv        every row on stdout instead, for a spreadsheet; an empty cell is not known
  --json       the report on stdout instead (docs/schema/sweep.schema.json)
  --data DIR   where sweeps are stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

Every row is there, whatever came of it: what ran out of memory, thrashed, ran out of time, crashed, was refused, and what was never tried.
`;

const kinds = { sweep: 'text', out: 'text', open: 'flag', csv: 'flag', json: 'flag', data: 'text' } as const;

export const reportCommand: Command = {
  help,
  async run(argv, io) {
    const { values } = parseOptions('report', argv, kinds, 0);
    const name = needed(values.sweep, '--sweep', `${usage}; controller bench list lists them`);
    const { csv = false, json = false, open = false, out } = values;
    if (csv && json) throw new MeshError('usage', '--csv and --json are both on stdout', { hint: 'give one of them' });
    if ((csv || json) && (open || out !== undefined)) {
      throw new MeshError('usage', `${csv ? '--csv' : '--json'} is on stdout: --out and --open are for the page`, {
        hint: `${usage} ${csv ? '--csv' : '--json'} > FILE`,
      });
    }
    await using store = await BenchStore.open(dataFolder(values.data, io.env));
    const sweep = await store.findSweep(name);
    const rows = await store.sweepRows(sweep.sweep);
    const report = sweepReportOf(sweep, rows);
    if (csv) io.stdout(sweepCsv(report));
    else if (json) io.stdout(`${JSON.stringify(report, undefined, 2)}\n`);
    else {
      const path = out ?? `sweep-${sweep.sweep}.html`;
      await write(path, sweepHtml(report, rows));
      io.stdout(`${sweepSummaryText(report, io.tableColumns)}\n${resolve(path)}\n`);
      if (open) await show(path, io);
    }
    return 0;
  },
};

async function write(path: string, page: string): Promise<void> {
  try {
    await writeFile(path, page);
  } catch (error) {
    throw new MeshError('denied', `${path} can't be written: ${(error as Error).message}`, {
      hint: 'name another file with --out',
      cause: error,
    });
  }
}

/** That nothing can show it here is no failure: it is written. */
async function show(path: string, io: Io): Promise<void> {
  const why = await openFile(resolve(path), io.env);
  if (why !== undefined) io.stderr(`controller: it can't be shown: ${why}; open ${resolve(path)} in a browser\n`);
}
