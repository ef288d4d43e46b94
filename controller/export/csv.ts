/**
 * A table as comma-separated values (RFC 4180, UTF-8, no byte order mark): a header, then a line per row.
 *
 *     frame,latency_ms,device,outlier,started
 *     0,12.25,pi1,false,2026-01-01T00:00:00.000Z
 *     1,,"a ""b"", c",true,                          nothing between two commas: not known
 *
 * Numbers are the shortest text that reads back as the same double, with a decimal point or an exponent, so that a column of numbers is never taken
 * for one of integers; NaN, Infinity and -Infinity are written so. An empty text is `""`.
 *
 * Texts that begin as a formula would (=, +, -, @) are written as they are: here a file is data, read by programs. Whoever opens it in a spreadsheet
 * should take xlsx, where a text is a text.
 */
import { quotedText } from '../text/csv.ts';
import { ByteParts } from './byte-parts.ts';
import { type ExportColumn, type ExportTable, rowsOf } from './table.ts';

/** Rows that are text at once: a string can't have more than 512 MiB. */
const CHUNK_ROWS = 4096;

export function encodeCsv(table: ExportTable): Uint8Array {
  const { columns } = table;
  if (columns.length === 0) return new Uint8Array();
  // Readers take an empty line for nothing, and the row would be lost.
  const nothing = columns.length === 1 ? '""' : '';
  const cells = columns.map((column) => cellsOf(column, nothing));
  const rows = rowsOf(table);
  const encoder = new TextEncoder();
  const parts = new ByteParts();
  parts.push(encoder.encode(`${columns.map(({ name }) => quotedText(name)).join()}\r\n`));
  for (let first = 0; first < rows; first += CHUNK_ROWS) {
    let text = '';
    for (let row = first; row < Math.min(first + CHUNK_ROWS, rows); row += 1) text += `${cells.map((cell) => cell(row)).join()}\r\n`;
    parts.push(encoder.encode(text));
  }
  return parts.join();
}

function cellsOf(column: ExportColumn, nothing: string): (row: number) => string {
  const cells = <Value>(values: readonly (Value | null)[], text: (value: Value) => string) => {
    return (row: number): string => {
      const value = values[row]!;
      return value === null ? nothing : text(value);
    };
  };
  switch (column.type) {
    case 'number':
      return cells(column.values, numberText);
    case 'integer':
      return cells(column.values, String);
    case 'text':
      return cells(column.values, (text) => (text === '' ? '""' : quotedText(text)));
    case 'flag':
      return cells(column.values, String);
    case 'time':
      return cells(column.values, (ms) => new Date(ms).toISOString());
  }
}

function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value);
}
