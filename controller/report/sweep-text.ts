/** A sweep in the terminal: what it found, and every row with what came of it. */
import { milliseconds, threeDigits } from '../text/format.ts';
import { type Column, formatTable } from '../text/table.ts';
import { wrapped } from '../text/wrap.ts';
import { findingsOf } from './sweep-findings.ts';
import type { RowReport, SweepReport } from './sweep-report.ts';
import { notesOf, outcomeWords, sweepTitle, valueText, variantText } from './sweep-words.ts';

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

const head: readonly Column[] = [
  { title: 'LIMIT', align: 'right' },
  { title: 'VARIANT' },
  { title: 'REPEAT', align: 'right' },
  { title: 'OUTCOME' },
  { title: 'P50 MS', align: 'right' },
  { title: 'P99 MS', align: 'right' },
  { title: 'SAMPLES/S', align: 'right' },
  { title: 'PEAK MIB', align: 'right' },
  { title: 'NOTE', flexible: true },
];

/** The rows, largest limit first. */
export function sweepRowsText(report: SweepReport, columns: number): string {
  const sorted = report.rows.toSorted((a, b) => b.value - a.value || a.variant - b.variant || a.repeat - b.repeat);
  return `${formatTable(
    head,
    sorted.map((row) => cells(report, row)),
    columns,
  ).join('\n')}\n`;
}

function cells(report: SweepReport, row: RowReport): string[] {
  const { timeMs, samplesPerS, peakMemoryBytes } = row.figures;
  return [
    valueText(report, row.value),
    variantText(report, row.variant),
    String(row.repeat),
    outcomeWords(row.outcome),
    milliseconds(timeMs ?? undefined),
    milliseconds(row.record?.load?.latencyMs?.percentiles[99]),
    samplesPerS === null ? '–' : threeDigits(samplesPerS),
    peakMemoryBytes === null ? '–' : threeDigits(peakMemoryBytes / 2 ** 20),
    notesOf(row).join('; '),
  ];
}
