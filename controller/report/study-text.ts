/** A study in the terminal: one line for each model. */
import { type Column, formatTable } from '../text/table.ts';
import { wrapped } from '../text/wrap.ts';
import type { StudyReport } from './study-report.ts';
import { studyNotes, studyTable, studyTitle } from './study-words.ts';

/** Lines longer than that are hard to read. */
const WIDTH_MAX = 100;

/** Title, table and notes, lines joined by line breaks, with one at the end. */
export function studyText(report: StudyReport, columns: number): string {
  const { head, rows } = studyTable(report);
  const named = report.study === null ? `sweeps ${report.sweeps.map(({ sweep }) => sweep).join(', ')}` : `study ${report.study}`;
  const titles = head.map(
    ({ title, numeric }): Column => ({ title: title.toUpperCase(), align: numeric ? 'right' : 'left', flexible: !numeric }),
  );
  const lines = [
    `${studyTitle(report)}  ${named}`,
    '',
    ...formatTable(titles, rows, columns),
    '',
    ...studyNotes(report).flatMap((note) => wrapped('note', note, Math.min(columns, WIDTH_MAX))),
    ...wrapped('times, peaks', 'medians at the largest limit that was measured, where it presses least', Math.min(columns, WIDTH_MAX)),
  ];
  return `${lines.join('\n')}\n`;
}
