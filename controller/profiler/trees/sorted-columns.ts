/**
 * The rows of a table in the order of each column's values, rows of the same value in their own order; where a value is missing, the row is left out.
 */
import type { Table } from './table.ts';

export interface SortedColumn {
  readonly rows: Int32Array;
  /** Ascending: of the row at the same place. */
  readonly values: Float32Array;
}

export function sortColumns(table: Table): readonly SortedColumn[] {
  return table.columns.map(sortColumn);
}

/** Value and row together are one number of at most 53 bits (see ROWS_MAX), and numbers are sorted without calling back. */
function sortColumn(column: Float32Array): SortedColumn {
  const bits = new Int32Array(Float32Array.from(column, (value) => value + 0).buffer);
  const keys = new Float64Array(column.length);
  let present = 0;
  for (let row = 0; row < column.length; row += 1) {
    if (Number.isNaN(column[row]!)) continue;
    const pattern = bits[row]!;
    // Patterns of floats as signed numbers: right for positive ones, those of negative ones run backwards.
    const ordinal = pattern >= 0 ? pattern : -2147483648 - pattern;
    keys[present] = ordinal * column.length + row;
    present += 1;
  }
  keys.subarray(0, present).sort();
  const rows = new Int32Array(present);
  const values = new Float32Array(present);
  for (let at = 0; at < present; at += 1) {
    const row = ((keys[at]! % column.length) + column.length) % column.length;
    rows[at] = row;
    values[at] = column[row]!;
  }
  return { rows, values };
}
