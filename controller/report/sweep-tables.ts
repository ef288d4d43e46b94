/** The tables of a sweep's page: what a person reads without a script, and what stands for the plots where nobody sees them. */
import { CONFIDENCE } from '../bench/band.ts';
import { type FigureName, rowOutcomes } from '../bench/row-figures.ts';
import { percent, threeDigits } from '../text/format.ts';
import { html } from './html-text.ts';
import { OUTLIER_MARK, outcomeMarks } from './outcome-marks.ts';
import type { PointReport, RowReport, SweepReport } from './sweep-report.ts';
import { countsText, figureTitles, notesOf, outcomeWords, valueText, variantText } from './sweep-words.ts';

const MIB = 2 ** 20;

/** Every row, whatever came of it; largest limit first. */
export function rowsTable(report: SweepReport): string {
  const rows = report.rows.toSorted((a, b) => b.value - a.value || a.variant - b.variant || a.repeat - b.repeat);
  const titles = ['limit', 'variant', 'repeat', 'outcome', 'p50 ms', 'p90 ms', 'p99 ms', 'samples/s', 'peak MiB', 'note'];
  const numeric = [0, 2, 4, 5, 6, 7, 8];
  return table(
    titles,
    rows.map((row) => ({ kind: row.outcome, cells: rowCells(report, row) })),
    numeric,
  );
}

function rowCells(report: SweepReport, row: RowReport): string[] {
  const { samplesPerS, peakMemoryBytes } = row.figures;
  const latencies = row.record?.load?.latencyMs;
  const marked = (figure: FigureName, text: string): string => (row.outlierIn.includes(figure) ? `${OUTLIER_MARK.sign} ${text}` : text);
  return [
    valueText(report, row.value),
    variantText(report, row.variant),
    String(row.repeat),
    `${outcomeMarks[row.outcome].sign} ${outcomeWords(row.outcome)}`,
    marked('timeMs', number(row.figures.timeMs)),
    number(latencies?.percentiles[90]),
    number(latencies?.percentiles[99]),
    marked('samplesPerS', number(samplesPerS)),
    marked('peakMemoryBytes', number(peakMemoryBytes === null ? null : peakMemoryBytes / MIB)),
    notesOf(row).join('; '),
  ];
}

/** What is drawn of a figure, in numbers: each value with its repeats together. */
export function pointsTable(report: SweepReport, figure: FigureName): string {
  const scale = figure === 'peakMemoryBytes' ? MIB : 1;
  const cells = ({ variant, value, outcomes, figures }: PointReport): string[] => {
    const band = figures[figure];
    const size = (of: number | null | undefined): string => number(of === null || of === undefined ? null : of / scale);
    const limits = band === null || band.low === null ? '–' : `${size(band.low)} to ${size(band.high)}`;
    return [valueText(report, value), variantText(report, variant), size(band?.median), size(band?.mean), limits, countsText(outcomes)];
  };
  const sorted = report.points.toSorted((a, b) => b.value - a.value || a.variant - b.variant);
  const { unit } = figureTitles[figure];
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

function number(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : threeDigits(value);
}

interface Line {
  readonly cells: readonly string[];
  readonly kind?: string;
}

function table(titles: readonly string[], lines: readonly Line[], numeric: readonly number[]): string {
  const aligned = (index: number): string => (numeric.includes(index) ? ' class="n"' : '');
  const head = titles.map((title, index) => `<th scope="col"${aligned(index)}>${html(title)}</th>`).join('');
  const body = lines.map(({ cells, kind }) => {
    const all = cells.map((cell, index) => `<td${aligned(index)}>${html(cell)}</td>`).join('');
    return `<tr${kind === undefined ? '' : ` class="${kind}"`}>${all}</tr>`;
  });
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`;
}
