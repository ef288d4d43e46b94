/**
 * A table as a Parquet file (parquet.apache.org/docs/file-format): typed columns, each compressed with Snappy, which every reader knows.
 *
 *     number  DOUBLE                 text  BYTE_ARRAY, STRING            key-value metadata:
 *     integer INT64                  flag  BOOLEAN                         table  the table's name
 *     time    INT64, TIMESTAMP in ms, UTC                                  units  {"latency_ms": "ms"} as JSON
 *
 * Every column may have nulls, whether it has any or not: files of the same table have the same schema.
 */
import { type ColumnSource, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { FooterWriter } from './footer-writer.ts';
import { type ExportColumn, type ExportTable, rowsOf } from './table.ts';

/** Rows that are converted and compressed at once: what a writer needs beyond the table and the file. */
const GROUP_ROWS = 65_536;

export function encodeParquet(table: ExportTable): Uint8Array {
  const { name, columns } = table;
  const units = Object.fromEntries(columns.flatMap((column) => (column.unit === undefined ? [] : [[column.name, column.unit] as const])));
  const bytes = new FooterWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [{ name: 'table', num_children: columns.length }, ...columns.map(schemaOf)],
    codec: 'SNAPPY',
    createdBy: 'splitmesh',
    kvMetadata: [
      { key: 'table', value: name },
      { key: 'units', value: JSON.stringify(units) },
    ],
  });
  for (let first = 0; first < rowsOf(table); first += GROUP_ROWS) {
    const columnData = columns.map((column) => sourceOf(column, first, first + GROUP_ROWS));
    writer.write({ columnData, rowGroupSize: GROUP_ROWS });
  }
  writer.finish();
  // The writer's buffer grows by doubling; what is kept should not.
  return bytes.getBytes().slice();
}

const types: Readonly<Record<ExportColumn['type'], Omit<SchemaElement, 'name'>>> = {
  number: { type: 'DOUBLE' },
  integer: { type: 'INT64' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  flag: { type: 'BOOLEAN' },
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
};

function schemaOf({ name, type }: ExportColumn): SchemaElement {
  return { name, repetition_type: 'OPTIONAL', ...types[type] };
}

function sourceOf(column: ExportColumn, first: number, end: number): ColumnSource {
  const { name } = column;
  switch (column.type) {
    case 'number':
      // Not as a dictionary: the library's has one entry for 0 and -0.
      return { name, data: column.values.slice(first, end), encoding: 'PLAIN' };
    case 'integer':
    case 'time': {
      const values: readonly (number | bigint | null)[] = column.values;
      return { name, data: values.slice(first, end).map((value) => (value === null ? null : BigInt(value))) };
    }
    case 'text':
    case 'flag':
      return { name, data: column.values.slice(first, end) };
  }
}
