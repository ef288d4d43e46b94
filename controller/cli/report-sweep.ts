/** Stored sweeps for `controller report --sweep`: one by itself, or several beside each other. */
import { MeshError } from '../../mesh/error.ts';
import type { Sweep } from '../bench/sweep.ts';
import { studyHtml } from '../report/study-html.ts';
import { type StoredSweep, studyReportOf } from '../report/study-report.ts';
import { studyText } from '../report/study-text.ts';
import { sweepsCsv, sweepsTable } from '../report/sweep-csv.ts';
import { sweepHtml } from '../report/sweep-html.ts';
import { sweepReportOf } from '../report/sweep-report.ts';
import { sweepSummaryText } from '../report/sweep-text.ts';
import { BenchStore } from '../store/bench-store.ts';
import type { Shown } from './report-shown.ts';

/** `names`: with commas between them. Errors of {@link BenchStore.findSweeps}. */
export async function shownSweeps(names: string, folder: string): Promise<Shown> {
  await using store = await BenchStore.open(folder);
  const stored = await sweepsOf(names, store);
  return stored.length === 1 ? one(stored[0]!) : several(stored);
}

/** Each once, however often it is named. */
async function sweepsOf(names: string, store: BenchStore): Promise<StoredSweep[]> {
  const found = new Map<string, Sweep>();
  for (const name of names.split(',').map((each) => each.trim())) {
    if (name === '') throw new MeshError('usage', `--sweep: "${names}" has a name that is empty`);
    for (const sweep of await store.findSweeps(name)) found.set(sweep.sweep, sweep);
  }
  return await Promise.all([...found.values()].map(async (sweep) => ({ sweep, rows: await store.sweepRows(sweep.sweep) })));
}

function one({ sweep, rows }: StoredSweep): Shown {
  const report = sweepReportOf(sweep, rows);
  return {
    ...{ name: `sweep-${sweep.sweep}`, report },
    tables: () => [sweepsTable([report])],
    csv: () => sweepsCsv([report]),
    html: () => sweepHtml(report, rows),
    text: (columns) => sweepSummaryText(report, columns),
  };
}

function several(stored: readonly StoredSweep[]): Shown {
  const report = studyReportOf(stored);
  return {
    ...{ name: `study-${report.study ?? report.sweeps.map(({ sweep }) => sweep).join('+')}`, report },
    tables: () => [sweepsTable(report.sweeps)],
    csv: () => sweepsCsv(report.sweeps),
    html: () => studyHtml(report),
    text: (columns) => studyText(report, columns),
  };
}
