/**
 * What trees learn from and predict for: columns of float32, one per feature, one value per row. NaN: the value is missing.
 *
 * Numbers are rounded to float32 on the way in, as XGBoost does: a tree compares exactly what is stored here with its thresholds.
 */
import { MeshError } from '../../../mesh/error.ts';

export interface Table {
  /** Of the columns, in their order. */
  readonly names: readonly string[];
  /** One per name, each `rows` long. Finite or NaN. */
  readonly columns: readonly Float32Array[];
  readonly rows: number;
}

/** So many rows can be sorted by one number that holds value and row: 2³² values × 2²¹ rows are all that a float64 counts. */
export const ROWS_MAX = 2 ** 21;

/** A table of rows; each has one value per name, undefined or NaN where there is none. Error `invalid`. */
export function tableFromRows(names: readonly string[], rows: readonly (readonly (number | undefined)[])[]): Table {
  const columns = names.map(() => new Float32Array(rows.length));
  for (const [row, values] of rows.entries()) {
    if (values.length !== names.length) {
      throw new MeshError('invalid', `row ${row} has ${values.length} values, expected ${names.length}, one per column`);
    }
    for (const [column, value] of values.entries()) columns[column]![row] = value ?? Number.NaN;
  }
  return checkedTable({ names, columns, rows: rows.length });
}

/** The same table, when it is one. Error `invalid`: columns of another length, two of one name, a value that is infinite. */
export function checkedTable(table: Table): Table {
  const { names, columns, rows } = table;
  if (names.length === 0) throw new MeshError('invalid', 'a table without columns, expected at least one');
  if (names.length !== columns.length) throw new MeshError('invalid', `${columns.length} columns have ${names.length} names`);
  if (new Set(names).size !== names.length) throw new MeshError('invalid', `two columns have one name: ${names.join(', ')}`);
  if (rows > ROWS_MAX) throw new MeshError('invalid', `a table of ${rows} rows, at most ${ROWS_MAX} can be sorted`);
  for (const [at, column] of columns.entries()) {
    if (column.length !== rows) throw new MeshError('invalid', `column ${names[at]} has ${column.length} values, expected ${rows}`);
    const infinite = column.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY);
    if (infinite >= 0) {
      throw new MeshError('invalid', `${names[at]} is ${column[infinite]} in row ${infinite}, expected a number that float32 can hold`, {
        hint: 'leave out (NaN) what is not known',
      });
    }
  }
  return table;
}
