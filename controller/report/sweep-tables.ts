/** The tables of a sweep's page: what a person reads without a script, and what stands for the plots where nobody sees them. */

import { type FigureName, rowOutcomes } from '../bench/row-figures.ts';
import { CONFIDENCE } from '../statistics/band.ts';
import { percent } from '../text/format.ts';
import { html } from './html-text.ts';
import { OUTLIER_MARK, outcomeMarks } from './outcome-marks.ts';
import { numberText, type RowColumn, rowColumns } from './sweep-columns.ts';
import type { PointReport, RowReport, SweepReport } from './sweep-report.ts';
import { countsText, outcomeWords, shownAs, valueText, variantText } from './sweep-words.ts';

/** Every row, whatever came of it; largest limit first. */
export function rowsTable(report: SweepReport): string {
  const rows = report.rows.toSorted((a, b) => b.value - a.value || a.variant - b.variant || a.repeat - b.repeat);
  const columns = rowColumns(report);
  const cell = (row: RowReport, { figure, title, cell: text }: RowColumn): string => {
    if (figure !== undefined && row.outlierIn.includes(figure)) return `${OUTLIER_MARK.sign} ${text(row)}`;
    return title === 'outcome' ? `${outcomeMarks[row.outcome].sign} ${text(row)}` : text(row);
  };
  return table(
    columns.map(({ title }) => title),
    rows.map((row) => ({ kind: row.outcome, cells: columns.map((column) => cell(row, column)) })),
    columns.flatMap(({ numeric }, index) => (numeric ? [index] : [])),
  );
}

/** What is drawn of a figure, in numbers: each value with its repeats together. */
export function pointsTable(report: SweepReport, figure: FigureName): string {
  const { unit, scale } = shownAs(report, figure);
  const cells = ({ variant, value, outcomes, figures }: PointReport): string[] => {
    const band = figures[figure];
    const size = (of: number | null | undefined): string => numberText(of === null || of === undefined ? null : of / scale);
    const limits = band === null || band.low === null ? '–' : `${size(band.low)} to ${size(band.high)}`;
    return [valueText(report, value), variantText(report, variant), size(band?.median), size(band?.mean), limits, countsText(outcomes)];
  };
  const sorted = report.points.toSorted((a, b) => b.value - a.value || a.variant - b.variant);
  const titles = ['limit', 'variant', `median ${unit}`, `mean ${unit}`, `${percent(CONFIDENCE)} band`, 'outcomes'];
  return table(
    titles,
    sorted.map((point) => ({ cells: cells(point) })),
    [0, 2, 3, 4],
  );
}

/** What the signs mean, with how many there are. */
export function outcomeList({ summary: { outcomes } }: SweepReport): string {
  const items = rowOutcomes
    .filter((kind) => outcomes[kind] > 0)
    .map((kind) => {
      const { sign, meaning } = outcomeMarks[kind];
      return `<li class="${kind}" title="${html(meaning)}"><b>${outcomes[kind]}</b> <span aria-hidden="true">${sign}</span> ${outcomeWords(kind)}</li>`;
    });
  return `<ul class="outcomes">${items.join('')}</ul>`;
}

export interface Line {
  readonly cells: readonly string[];
  readonly kind?: string;
}

export function table(titles: readonly string[], lines: readonly Line[], numeric: readonly number[]): string {
  const aligned = (index: number): string => (numeric.includes(index) ? ' class="n"' : '');
  const head = titles.map((title, index) => `<th scope="col"${aligned(index)}>${html(title)}</th>`).join('');
  const body = lines.map(({ cells, kind }) => {
    const all = cells.map((cell, index) => `<td${aligned(index)}>${html(cell)}</td>`).join('');
    return `<tr${kind === undefined ? '' : ` class="${kind}"`}>${all}</tr>`;
  });
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`;
}
