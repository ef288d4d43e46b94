/** A sweep in the terminal: what it found, and every row with what came of it. */
import { type Column, formatTable } from '../text/table.ts';
import { wrapped } from '../text/wrap.ts';
import { rowColumns } from './sweep-columns.ts';
import { findingsOf } from './sweep-findings.ts';
import type { RowReport, SweepReport } from './sweep-report.ts';
import { sweepTitle } from './sweep-words.ts';

/** Lines longer than that are hard to read. */
const WIDTH_MAX = 100;

/** Title and findings, lines joined by line breaks, with one at the end. */
export function sweepSummaryText(report: SweepReport, columns: number): string {
  const width = Math.min(columns, WIDTH_MAX);
  const lines = [
    `${sweepTitle(report)}  sweep ${report.sweep}`,
    '',
    ...findingsOf(report).flatMap(({ title, text }) => wrapped(title, text, width)),
  ];
  return `${lines.join('\n')}\n`;
}

/** The rows, largest limit first. */
export function sweepRowsText(report: SweepReport, columns: number): string {
  const sorted = report.rows.toSorted((a, b) => b.value - a.value || a.variant - b.variant || a.repeat - b.repeat);
  const shown = rowColumns(report).filter(({ wide }) => wide !== true);
  const head = shown.map(
    ({ title, numeric }): Column => ({
      title: title.toUpperCase(),
      align: numeric ? 'right' : 'left',
      flexible: title === 'note',
    }),
  );
  const cells = (row: RowReport): string[] => shown.map(({ cell }) => cell(row));
  return `${formatTable(head, sorted.map(cells), columns).join('\n')}\n`;
}
