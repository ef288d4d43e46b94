/** `controller report --sweep ID`: stored sweeps as a page, a table for spreadsheets, or JSON. One by itself, or several beside each other. */
import { resolve } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import type { Sweep } from '../bench/sweep.ts';
import { studyHtml } from '../report/study-html.ts';
import { type StoredSweep, studyReportOf } from '../report/study-report.ts';
import { studyText } from '../report/study-text.ts';
import { sweepsCsv } from '../report/sweep-csv.ts';
import { sweepHtml } from '../report/sweep-html.ts';
import { sweepReportOf } from '../report/sweep-report.ts';
import { sweepSummaryText } from '../report/sweep-text.ts';
import { BenchStore } from '../store/bench-store.ts';
import { dataFolder } from '../store/folders.ts';
import type { Command } from './command.ts';
import { needed, parseOptions } from './options.ts';
import { showPage, writePage } from './write-page.ts';

const usage = 'controller report --sweep ID';

const help = `Writes the report of a sweep, or of several together: one HTML file with plots, which needs no network. Prints what was found.

Usage: ${usage}[,ID]... [--out FILE] [--open] [--data DIR]
       ${usage}[,ID]... --csv | --json [--data DIR]

  --sweep ID   its name, or the beginning of it; of a study, which is several sweeps of one command, or several names with commas: all of
               them overlaid, with the smallest memory that trains and that infers for each model. "last": the newest, with its study.
               controller bench list lists them
  --out FILE   where to (default: sweep-ID.html, of several study-ID.html, in this folder); an older one is replaced
  --open       shows it in the browser
  --csv        every row on stdout instead, for a spreadsheet; an empty cell is not known
  --json       the report on stdout instead (docs/schema/sweep.schema.json, of several docs/schema/study.schema.json)
  --data DIR   where sweeps are stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

Every row is there, whatever came of it: what ran out of memory, thrashed, ran out of time, crashed, was refused, and what was never tried.
Sweeps that are overlaid change the same limit.
`;

const kinds = { sweep: 'text', out: 'text', open: 'flag', csv: 'flag', json: 'flag', data: 'text' } as const;

export const reportCommand: Command = {
  help,
  async run(argv, io) {
    const { values } = parseOptions('report', argv, kinds, 0);
    const names = needed(values.sweep, '--sweep', `${usage}; controller bench list lists them`);
    const { csv = false, json = false, open = false, out } = values;
    if (csv && json) throw new MeshError('usage', '--csv and --json are both on stdout', { hint: 'give one of them' });
    if ((csv || json) && (open || out !== undefined)) {
      throw new MeshError('usage', `${csv ? '--csv' : '--json'} is on stdout: --out and --open are for the page`, {
        hint: `${usage} ${csv ? '--csv' : '--json'} > FILE`,
      });
    }
    await using store = await BenchStore.open(dataFolder(values.data, io.env));
    const stored = await sweepsOf(names, store);
    const shown = stored.length === 1 ? one(stored[0]!) : several(stored);
    if (csv) io.stdout(shown.csv());
    else if (json) io.stdout(`${JSON.stringify(shown.report, undefined, 2)}\n`);
    else {
      const path = out ?? `${shown.name}.html`;
      await writePage(path, shown.html(), '--out');
      io.stdout(`${shown.text(io.tableColumns)}\n${resolve(path)}\n`);
      if (open) await showPage(path, io);
    }
    return 0;
  },
};

/** Each once, however often it is named. */
async function sweepsOf(names: string, store: BenchStore): Promise<StoredSweep[]> {
  const found = new Map<string, Sweep>();
  for (const name of names.split(',').map((each) => each.trim())) {
    if (name === '') throw new MeshError('usage', `--sweep: "${names}" has a name that is empty`);
    for (const sweep of await store.findSweeps(name)) found.set(sweep.sweep, sweep);
  }
  return await Promise.all([...found.values()].map(async (sweep) => ({ sweep, rows: await store.sweepRows(sweep.sweep) })));
}

/** What can be shown, each made when it is asked for. */
interface Shown {
  /** Of its file. */
  readonly name: string;
  readonly report: object;
  readonly csv: () => string;
  readonly html: () => string;
  readonly text: (columns: number) => string;
}

function one({ sweep, rows }: StoredSweep): Shown {
  const report = sweepReportOf(sweep, rows);
  return {
    ...{ name: `sweep-${sweep.sweep}`, report },
    csv: () => sweepsCsv([report]),
    html: () => sweepHtml(report, rows),
    text: (columns) => sweepSummaryText(report, columns),
  };
}

function several(stored: readonly StoredSweep[]): Shown {
  const report = studyReportOf(stored);
  return {
    ...{ name: `study-${report.study ?? report.sweeps.map(({ sweep }) => sweep).join('+')}`, report },
    csv: () => sweepsCsv(report.sweeps),
    html: () => studyHtml(report),
    text: (columns) => studyText(report, columns),
  };
}
