/**
 * Tables as files that other programs open:
 *
 *     ExportTable ─▶ csv      one table, text, exact            for scripts, diffs, git
 *                 ─▶ xlsx     a sheet per table                  for people with a spreadsheet
 *                 ─▶ parquet  one table, typed, small            for data frames and databases
 *                 ─▶ npz      an array per column, tables/column for numpy
 *
 * The same tables give the same bytes, whenever and wherever. What each format does with nulls, units and times: docs/exports.md.
 */
import assert from 'node:assert';
import { encodeCsv } from './csv.ts';
import { encodeNpz } from './npz.ts';
import { encodeParquet } from './parquet.ts';
import { checkTable, type ExportTable } from './table.ts';
import { encodeXlsx } from './xlsx.ts';

export const exportFormats = ['csv', 'xlsx', 'parquet', 'npz'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** A csv or parquet file holds one table: whoever has several writes several files. */
export const severalTables = { csv: false, xlsx: true, parquet: false, npz: true } as const satisfies Readonly<
  Record<ExportFormat, boolean>
>;

/** What a file of the format takes. Of a format that is not known before it runs, {@link severalTables} tells. */
export type TablesOf<Format extends ExportFormat> = (typeof severalTables)[Format] extends true
  ? readonly [ExportTable, ...ExportTable[]]
  : readonly [ExportTable];

const encoders: Readonly<Record<ExportFormat, (tables: readonly [ExportTable, ...ExportTable[]]) => Uint8Array>> = {
  csv: ([table]) => encodeCsv(table),
  xlsx: encodeXlsx,
  parquet: ([table]) => encodeParquet(table),
  npz: encodeNpz,
};

/** Error `invalid`: a value that its column can't have. `unsupported`: what the format can't hold, with another one as hint. */
export async function encodeTables<Format extends ExportFormat>(format: Format, tables: TablesOf<Format>): Promise<Uint8Array> {
  assert(tables.length === 1 || (severalTables[format] && tables.length > 0), `a ${format} file of ${tables.length} tables`);
  for (const table of tables) checkTable(table);
  return encoders[format](tables);
}
