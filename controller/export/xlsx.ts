/**
 * Tables as an Excel workbook (.xlsx, ECMA-376): a sheet for each, and last one that says what the columns are.
 *
 *     │ frames │ stages │ columns │
 *                         sheet   table           column      type    unit
 *                         frames  frames of run…  latency_ms  number  ms
 *
 * Written here, with rows going through the compressor as they come: a workbook of a million rows is no string of half a gigabyte on its way.
 */
import { SharedTexts } from './shared-texts.ts';
import { sheetNames } from './sheet-names.ts';
import { checkSheet, sheetXml } from './sheet-xml.ts';
import type { ExportTable } from './table.ts';
import { workbookParts } from './workbook-parts.ts';
import { ZipArchive } from './zip.ts';

/** Error `unsupported`: more rows or columns than a sheet holds. */
export function encodeXlsx(tables: readonly ExportTable[]): Uint8Array {
  for (const table of tables) checkSheet(table);
  const names = sheetNames([...tables.map(({ name }) => name), 'columns']);
  const archive = new ZipArchive();
  const encoder = new TextEncoder();
  for (const [path, xml] of workbookParts(names)) archive.add(path, [encoder.encode(xml)]);
  const texts = new SharedTexts();
  for (const [at, table] of [...tables, columnsTable(tables, names)].entries()) {
    archive.add(`xl/worksheets/sheet${at + 1}.xml`, sheetXml(table, texts, at === 0));
  }
  archive.add('xl/sharedStrings.xml', texts.xml());
  return archive.end();
}

const types: Readonly<Record<ExportTable['columns'][number]['type'], string>> = {
  number: 'number',
  integer: 'integer',
  text: 'text',
  flag: 'flag',
  time: 'time (UTC)',
};

function columnsTable(tables: readonly ExportTable[], sheets: readonly string[]): ExportTable {
  const rows = tables.flatMap((table, at) => table.columns.map((column) => ({ sheet: sheets[at]!, table: table.name, column })));
  return {
    name: 'columns',
    columns: [
      { name: 'sheet', type: 'text', values: rows.map(({ sheet }) => sheet) },
      { name: 'table', type: 'text', values: rows.map(({ table }) => table) },
      { name: 'column', type: 'text', values: rows.map(({ column }) => column.name) },
      { name: 'type', type: 'text', values: rows.map(({ column }) => types[column.type]) },
      { name: 'unit', type: 'text', values: rows.map(({ column }) => column.unit ?? null) },
    ],
  };
}
