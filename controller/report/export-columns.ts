/**
 * From rows of a report to a table for other programs: a list of columns, each with its type, unit, and what it takes from a row.
 *
 *     rows ── [name, type, unit, row ⇒ value] … ──▶ ExportTable ──▶ csv, xlsx, Parquet, npz
 *
 * Types are said here and never guessed from values: a column of which nothing is known this time has the same type as ever.
 */
import type { ExportColumn, ExportTable } from '../export/table.ts';

interface ColumnFrom<Row, Type extends ExportColumn['type'], Value> {
  readonly name: string;
  readonly type: Type;
  readonly unit?: string;
  /** Not there: not known. */
  readonly of: (row: Row) => Value | null | undefined;
}

export type TableColumn<Row> =
  | ColumnFrom<Row, 'number', number>
  | ColumnFrom<Row, 'integer', number>
  | ColumnFrom<Row, 'text', string>
  | ColumnFrom<Row, 'flag', boolean>
  | ColumnFrom<Row, 'time', number>;

export function tableOf<Row>(name: string, rows: readonly Row[], columns: readonly TableColumn<Row>[]): ExportTable {
  return { name, columns: columns.map((column) => filled(column, rows)) };
}

/** The same columns, of rows that have the row they are of in them. */
export function within<Outer, Row>(
  columns: readonly TableColumn<Row>[],
  row: (outer: Outer) => Row | null | undefined,
): TableColumn<Outer>[] {
  return columns.map((column) => {
    const of = (outer: Outer): unknown => {
      const inner = row(outer);
      return inner === null || inner === undefined ? undefined : column.of(inner);
    };
    return { ...column, of } as TableColumn<Outer>;
  });
}

function filled<Row>(column: TableColumn<Row>, rows: readonly Row[]): ExportColumn {
  const { name, type, unit, of } = column;
  const values = rows.map((row) => of(row) ?? null);
  return { name, type, ...(unit === undefined ? {} : { unit }), values } as ExportColumn;
}
