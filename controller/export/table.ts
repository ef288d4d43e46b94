/**
 * A table that leaves splitmesh: columns of one type each, all of one length.
 *
 *     frame │ latency_ms │ device │ outlier │ started           name: the same in every format
 *     ──────┼────────────┼────────┼─────────┼────────────
 *     int   │ number, ms │ text   │ flag    │ time             unit: beside the data, so that names stay usable in scripts
 *     0     │ 12.25      │ pi1    │ false   │ 1767225600000
 *     1     │ null       │ null   │ true    │ null             null: not known. NaN is a number that was computed
 *
 * Rows are marked, not left out: what somebody may want to leave out (an outlier, a failed run) has a flag.
 */
import assert from 'node:assert';
import { MeshError } from '../../mesh/error.ts';

interface ColumnOf<Type extends string, Value> {
  readonly name: string;
  readonly type: Type;
  /** Of numbers and integers: ms, bytes, samples/s. */
  readonly unit?: string;
  readonly values: readonly (Value | null)[];
}

/**
 * - `number`: any double, also NaN, the infinities and -0.
 * - `integer`: 64 bits with a sign; a bigint where a number would not be exact.
 * - `text`: half a surrogate pair becomes U+FFFD when it is written as UTF-8.
 * - `time`: whole milliseconds since 1970 in UTC, of the years that all formats know ({@link TIME_MS_MIN}, {@link TIME_MS_MAX}).
 */
export type ExportColumn =
  | ColumnOf<'number', number>
  | ColumnOf<'integer', number | bigint>
  | ColumnOf<'text', string>
  | ColumnOf<'flag', boolean>
  | ColumnOf<'time', number>;

export interface ExportTable {
  readonly name: string;
  /** Names differ. */
  readonly columns: readonly ExportColumn[];
}

/** Before it spreadsheets have a 29 February that never was; after it a year has five digits. */
export const TIME_MS_MIN = Date.UTC(1900, 2, 1);
export const TIME_MS_MAX = Date.UTC(10_000, 0, 1) - 1;

export function rowsOf({ columns }: ExportTable): number {
  return columns[0]?.values.length ?? 0;
}

/** Lengths and names are a programmer's business. Error `invalid`: a value that its column can't have. */
export function checkTable(table: ExportTable): void {
  assert(table.name !== '', 'a table has a name');
  const names = new Set<string>();
  for (const column of table.columns) {
    const { name, values } = column;
    assert(name !== '' && name.isWellFormed(), `a column of ${table.name} has no usable name: "${name}"`);
    assert(!names.has(name), `${table.name} has two columns ${name}`);
    names.add(name);
    assert(values.length === rowsOf(table), `${table.name} has ${rowsOf(table)} rows, its column ${name} has ${values.length}`);
    const right: (value: never) => boolean = isOf[column.type];
    for (const [row, value] of values.entries()) {
      if (value === null || right(value as never)) continue;
      throw new MeshError('invalid', `${table.name}, row ${row}: ${name} is ${String(value)}, expected ${expected[column.type]}`);
    }
  }
}

const isOf = {
  number: (value: number) => typeof value === 'number',
  integer: (value: number | bigint) => (typeof value === 'bigint' ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value)),
  text: (value: string) => typeof value === 'string',
  flag: (value: boolean) => typeof value === 'boolean',
  time: (value: number) => Number.isInteger(value) && value >= TIME_MS_MIN && value <= TIME_MS_MAX,
} as const satisfies { readonly [Type in ExportColumn['type']]: (value: never) => boolean };

const expected: Readonly<Record<ExportColumn['type'], string>> = {
  number: 'a number',
  integer: 'an integer of 64 bits (a bigint beyond 2^53)',
  text: 'a text',
  flag: 'true or false',
  time: 'whole milliseconds since 1970, of the years 1900 (March) to 9999',
};
