/** `--report DIR`: the report for programs, for people, and every frame for a spreadsheet. */
import { access, constants, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import { makeFolders } from '../../mesh/make-folders.ts';
import type { RunStore } from '../store/store.ts';
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

/** Writes into a folder that is there; every frame as the store has it. Error `denied` when something can't be written, or the store can't be read. */
export async function writeReport(folder: string, report: RunReport, peaksMs: readonly number[], store: RunStore): Promise<void> {
  try {
    await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`);
    await writeFile(join(folder, 'report.html'), runHtml(report, peaksMs));
    await writeFile(join(folder, 'frames.csv'), framesCsv(store, report.run));
  } catch (error) {
    throw new MeshError('denied', `the report can't be written to ${folder}: ${(error as Error).message}`, { cause: error });
  }
}
