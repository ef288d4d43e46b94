/**
 * A sweep for a spreadsheet or a script: one line for each row, whatever came of it; what is not known is empty. As text on stdout it is as RFC 4180 has it,
 * except that lines end as they do everywhere else in Unix; as a table it goes into the other formats.
 */
import type { ExportTable } from '../export/table.ts';
import { type Cell, csvText } from '../text/csv.ts';
import { type TableColumn, tableOf, within } from './export-columns.ts';
import { recordColumns } from './record-columns.ts';
import type { RowReport, SweepReport } from './sweep-report.ts';

interface Line {
  readonly report: SweepReport;
  readonly row: RowReport;
}

const columns: readonly TableColumn<Line>[] = [
  { name: 'sweep', type: 'text', of: ({ report }) => report.sweep },
  { name: 'model', type: 'text', of: ({ report }) => report.model },
  { name: 'study', type: 'text', of: ({ report }) => report.study },
  { name: 'mode', type: 'text', of: ({ report }) => report.mode },
  { name: 'row', type: 'integer', of: ({ row }) => row.row },
  { name: 'limit', type: 'text', of: ({ report }) => report.limit },
  { name: 'value', type: 'number', of: ({ row }) => row.value },
  { name: 'unit', type: 'text', of: ({ report }) => report.unit },
  { name: 'page_cache', type: 'text', of: ({ report, row }) => report.variants[row.variant]?.pageCache },
  { name: 'swap_bytes', type: 'number', unit: 'B', of: ({ report, row }) => report.variants[row.variant]?.swapBytes },
  { name: 'repeat', type: 'integer', of: ({ row }) => row.repeat },
  { name: 'outcome', type: 'text', of: ({ row }) => row.outcome },
  { name: 'outcome_text', type: 'text', of: ({ row }) => row.outcomeText },
  { name: 'time_ms', type: 'number', unit: 'ms', of: ({ row }) => row.figures.timeMs },
  { name: 'samples_per_s', type: 'number', unit: '1/s', of: ({ row }) => row.figures.samplesPerS },
  { name: 'accuracy', type: 'number', unit: '1', of: ({ row }) => row.figures.accuracy },
  { name: 'load_ms', type: 'number', unit: 'ms', of: ({ row }) => row.phases?.loadMs },
  { name: 'epoch_batches_ms', type: 'number', unit: 'ms', of: ({ row }) => row.phases?.batchesMs },
  { name: 'epoch_steps_ms', type: 'number', unit: 'ms', of: ({ row }) => row.phases?.stepsMs },
  { name: 'epoch_validate_ms', type: 'number', unit: 'ms', of: ({ row }) => row.phases?.validateMs },
  { name: 'epoch_checkpoint_ms', type: 'number', unit: 'ms', of: ({ row }) => row.phases?.checkpointMs },
  { name: 'outlier_in', type: 'text', of: ({ row }) => row.outlierIn.join(' ') },
  ...within(recordColumns, ({ row }: Line) => row.record),
];

/** The rows of all of them under one header, each line with a line break at its end. */
export function sweepsCsv(reports: readonly SweepReport[]): string {
  const lines = linesOf(reports).map((line) => columns.map(({ of }): Cell => of(line)));
  return csvText([columns.map(({ name }) => name), ...lines], '\n');
}

/** The same rows; outliers have a flag of their own. */
export function sweepsTable(reports: readonly SweepReport[]): ExportTable {
  const outlier: TableColumn<Line> = { name: 'outlier', type: 'flag', of: ({ row }) => row.outlierIn.length > 0 };
  return tableOf('rows', linesOf(reports), [...columns, outlier]);
}

function linesOf(reports: readonly SweepReport[]): Line[] {
  return reports.flatMap((report) => report.rows.map((row) => ({ report, row })));
}
