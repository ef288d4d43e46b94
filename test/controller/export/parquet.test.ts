/** Parquet, read back by another implementation: Rust's parquet and arrow (parquet-wasm), whose tables Apache Arrow's JavaScript reads. */
import { type DataType, type Table, tableFromIPC } from 'apache-arrow';
import test from 'ava';
import fc from 'fast-check';
import { readParquet } from 'parquet-wasm';
import { encodeParquet } from '../../../controller/export/parquet.ts';
import type { ExportColumn, ExportTable } from '../../../controller/export/table.ts';
import { arbitraryTable } from './arbitrary-table.ts';

const types: Readonly<Record<ExportColumn['type'], string>> = {
  number: 'Float64',
  integer: 'Int64',
  text: 'Utf8',
  flag: 'Bool',
  time: 'Timestamp<MILLISECOND, UTC>',
};

function read(table: ExportTable): Table {
  const found = readParquet(encodeParquet(table));
  return tableFromIPC(found.intoIPCStream());
}

function valuesOf(table: Table, column: number): unknown[] {
  const vector = table.getChildAt(column)!;
  return Array.from({ length: table.numRows }, (_, row) => vector.get(row));
}

/** Apache Arrow's JavaScript takes U+FEFF at the beginning of a text for a mark of the byte order; in the file it is a character. */
function expected({ type, values }: ExportColumn): unknown[] {
  if (type === 'text') return values.map((value) => value?.replace(/^\ufeff/, '') ?? null);
  if (type === 'integer') return values.map((value) => (value === null ? null : BigInt(value)));
  return [...values];
}

const nameOf = (type: DataType): string => String(type);

test('any table is read back exactly, with its types', (t) => {
  fc.assert(
    fc.property(arbitraryTable({ columnsMin: 1 }), (table) => {
      const found = read(table);
      t.deepEqual(
        found.schema.fields.map(({ name, type, nullable }) => ({ name, type: nameOf(type), nullable })),
        table.columns.map(({ name, type }) => ({ name, type: types[type], nullable: true })),
      );
      for (const [at, column] of table.columns.entries()) t.deepEqual(valuesOf(found, at), expected(column));
    }),
    { numRuns: 60 },
  );
});

test("the table's name and its columns' units are in the file", (t) => {
  const columns: ExportColumn[] = [
    { name: 'latency_ms', type: 'number', unit: 'ms', values: [1] },
    { name: 'device', type: 'text', values: ['pi1'] },
  ];
  const { metadata } = read({ name: 'frames of a run', columns }).schema;
  t.is(metadata.get('table'), 'frames of a run');
  t.is(metadata.get('units'), '{"latency_ms":"ms"}');
});

test('values that come again and again keep their sign', (t) => {
  const values = Array.from({ length: 5000 }, (_, row) => [0, -0, null, 1][row % 4]!);
  t.deepEqual(valuesOf(read({ name: 'x', columns: [{ name: 'n', type: 'number', values }] }), 0), values);
});

test('tables of several row groups, and texts longer than a page', (t) => {
  const rows = 150_000;
  const long = 'é'.repeat(1_500_000);
  const columns: ExportColumn[] = [
    { name: 'i', type: 'integer', values: Array.from({ length: rows }, (_, row) => (row % 10 === 3 ? null : row)) },
    {
      name: 't',
      type: 'text',
      values: Array.from({ length: rows }, (_, row) => (row === 70_000 ? long : row % 3 === 0 ? null : `device ${row % 5}`)),
    },
  ];
  const found = read({ name: 'x', columns });
  t.is(found.numRows, rows);
  for (const [at, column] of columns.entries()) t.deepEqual(valuesOf(found, at), expected(column));
});

test('no rows, or no columns, is a file, too', (t) => {
  const found = read({ name: 'x', columns: [{ name: 'a', type: 'time', values: [] }] });
  t.is(found.numRows, 0);
  t.is(nameOf(found.schema.fields[0]!.type), types.time);
  t.is(read({ name: 'x', columns: [] }).numCols, 0);
});
