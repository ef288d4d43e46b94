/**
 * What stands in the columns of the rows of a sweep, in the terminal and on the page: one list for each mode, so that the two never differ.
 *
 *     infer    limit  variant  repeat  outcome │ p50 ms    p90 ms  p99 ms  samples/s           │ peak MiB  note
 *     train    limit  variant  repeat  outcome │ s/epoch   examples/s  right %  loss  phases … │ peak MiB  note
 */
import type { FigureName } from '../bench/row-figures.ts';
import { epochPhases } from '../bench/training-phases.ts';
import { threeDigits } from '../text/format.ts';
import type { RowReport, SweepReport } from './sweep-report.ts';
import { notesOf, outcomeWords, phaseNames, shownAs, valueText, variantText } from './sweep-words.ts';

export interface RowColumn {
  readonly title: string;
  readonly numeric: boolean;
  /** Whose outliers are marked in it. */
  readonly figure?: FigureName;
  /** Only where there is much room. */
  readonly wide?: boolean;
  readonly cell: (row: RowReport) => string;
}

export function rowColumns(report: SweepReport): RowColumn[] {
  return [
    { title: 'limit', numeric: true, cell: ({ value }) => valueText(report, value) },
    { title: 'variant', numeric: false, cell: ({ variant }) => variantText(report, variant) },
    { title: 'repeat', numeric: true, cell: ({ repeat }) => String(repeat) },
    { title: 'outcome', numeric: false, cell: ({ outcome }) => outcomeWords(outcome) },
    ...(report.mode === 'infer' ? inferColumns(report) : trainColumns(report)),
    ofFigure(report, 'peakMemoryBytes', 'peak MiB'),
    { title: 'note', numeric: false, cell: (row) => notesOf(report, row).join('; ') },
  ];
}

function inferColumns(report: SweepReport): RowColumn[] {
  const latency = (percent: number): RowColumn => ({
    title: `p${percent} ms`,
    numeric: true,
    cell: ({ record }) => numberText(record?.load?.latencyMs?.percentiles[percent]),
  });
  return [ofFigure(report, 'timeMs', 'p50 ms'), { ...latency(90), wide: true }, latency(99), ofFigure(report, 'samplesPerS', 'samples/s')];
}

function trainColumns(report: SweepReport): RowColumn[] {
  const { unit, scale } = shownAs(report, 'timeMs');
  const phase = (name: (typeof epochPhases)[number] | 'loadMs', title: string): RowColumn => ({
    ...{ title, numeric: true, wide: true },
    cell: ({ phases }) => numberText(scaledBy(scale, phases?.[name])),
  });
  return [
    ofFigure(report, 'timeMs', `${unit}/epoch`),
    ofFigure(report, 'samplesPerS', 'examples/s'),
    ofFigure(report, 'accuracy', 'right %'),
    {
      title: 'best loss',
      numeric: true,
      cell: ({ record }) => {
        const { epochs, bestEpoch } = record?.training ?? {};
        return numberText(bestEpoch === undefined || bestEpoch === null ? null : epochs?.[bestEpoch]?.validation.loss);
      },
    },
    ...epochPhases.map((name) => phase(name, `${phaseNames[name]} ${unit}`)),
    phase('loadMs', `load ${unit}, once`),
  ];
}

function ofFigure(report: SweepReport, figure: FigureName, title: string): RowColumn {
  const { scale } = shownAs(report, figure);
  return { title, numeric: true, figure, cell: ({ figures }) => numberText(scaledBy(scale, figures[figure])) };
}

function scaledBy(scale: number, value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : value / scale;
}

/** `–` is not known. */
export function numberText(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : threeDigits(value);
}
