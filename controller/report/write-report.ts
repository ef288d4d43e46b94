/** `--report DIR`: the report for programs, for people, and every frame for a spreadsheet. */
import { access, constants, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import { makeFolders } from '../../mesh/make-folders.ts';
import type { MeasuredRows } from '../store/records.ts';
import { framesCsv } from './frames-csv.ts';
import { runHtml } from './run-html.ts';
import type { RunReport } from './run-report.ts';

/** Makes the folder, before a run whose report it is for. Error `usage` when nothing can be written there. */
export async function prepareReportFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder);
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new MeshError('usage', `the report can't be written to ${folder}: ${(error as Error).message}`, {
      hint: 'give --report a folder that can be made and written to',
      cause: error,
    });
  }
}

/** Writes into a folder that is there. Error `denied` when something can't be written. */
export async function writeReport(folder: string, report: RunReport, rows: MeasuredRows): Promise<void> {
  const frames = [...rows.frames].sort((a, b) => Number(a.frame - b.frame));
  try {
    await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`);
    await writeFile(join(folder, 'report.html'), runHtml(report, frames));
    await writeFile(join(folder, 'frames.csv'), framesCsv(rows));
  } catch (error) {
    throw new MeshError('denied', `the report can't be written to ${folder}: ${(error as Error).message}`, { cause: error });
  }
}
