/**
 * One sheet of a workbook (ECMA-376 part 1, 18.3) as XML, some rows at a time: a header that is bold and stays in view, then a row per row.
 *
 *     number   <c><v>12.25</v></c>          NaN is the error #NUM!, which spreadsheets count with; an infinity is a text
 *     integer  <c><v>7</v></c>              beyond 2^53, where a cell would be another number, a text
 *     text     <c t="s"><v>3</v></c>        the fourth of the workbook's texts
 *     flag     <c t="b"><v>1</v></c>
 *     time     <c s="2"><v>46023.5</v></c>  days since 30 December 1899, in UTC: a cell has no zone
 *
 * What is not known has no cell. No cell is a formula, whatever its text begins with.
 */
import { MeshError } from '../../mesh/error.ts';
import type { SharedTexts } from './shared-texts.ts';
import { type ExportColumn, type ExportTable, rowsOf } from './table.ts';

const ROWS_MAX = 1_048_576;
const COLUMNS_MAX = 16_384;
const CHUNK_ROWS = 2048;
const DAY_MS = 86_400_000;
/** The days from Excel's first to 1970. */
const DAYS_BEFORE_1970 = 25_569;

/** Cell formats in the order of workbook-parts.ts. */
const HEADER = 1;
const TIME = 2;

/** Error `unsupported`: more than a sheet can hold. */
export function checkSheet(table: ExportTable): void {
  const most = (max: number, count: number, what: string): void => {
    if (count <= max) return;
    throw new MeshError('unsupported', `${table.name} has ${count} ${what}, a sheet holds ${max}`, { hint: 'write parquet or csv' });
  };
  most(ROWS_MAX - 1, rowsOf(table), 'rows');
  most(COLUMNS_MAX, table.columns.length, 'columns');
}

/** `first`: the sheet that is shown when the workbook is opened. */
export function* sheetXml({ columns, ...table }: ExportTable, texts: SharedTexts, first: boolean): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  const letters = columns.map((_, at) => lettersOf(at));
  const header = columns.map(({ name }, at) => `<c r="${letters[at]}1" s="${HEADER}" t="s"><v>${texts.indexOf(name)}</v></c>`);
  yield encoder.encode(
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' +
      `<sheetViews><sheetView${first ? ' tabSelected="1"' : ''} workbookViewId="0">` +
      '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/></sheetView></sheetViews>' +
      (columns.length === 0 ? '' : `<cols>${columns.map(widthXml).join('')}</cols>`) +
      `<sheetData><row r="1">${header.join('')}</row>`,
  );
  const cells = columns.map((column) => cellsOf(column, texts));
  const rows = rowsOf({ columns, ...table });
  for (let start = 0; start < rows; start += CHUNK_ROWS) {
    let xml = '';
    for (let row = start; row < Math.min(start + CHUNK_ROWS, rows); row += 1) {
      xml += `<row r="${row + 2}">`;
      for (const [at, cell] of cells.entries()) {
        const content = cell(row);
        if (content !== '') xml += `<c r="${letters[at]}${row + 2}"${content}</v></c>`;
      }
      xml += '</row>';
    }
    yield encoder.encode(xml);
  }
  yield encoder.encode('</sheetData></worksheet>');
}

/** What follows a cell's place, up to its value's end; nothing for no cell. */
function cellsOf(column: ExportColumn, texts: SharedTexts): (row: number) => string {
  const cells = <Value>(values: readonly (Value | null)[], content: (value: Value) => string) => {
    return (row: number): string => {
      const value = values[row]!;
      return value === null ? '' : content(value);
    };
  };
  const text = (value: string): string => ` t="s"><v>${texts.indexOf(value)}`;
  switch (column.type) {
    case 'number':
      return cells(column.values, (value) => {
        if (Number.isNaN(value)) return ' t="e"><v>#NUM!';
        if (!Number.isFinite(value)) return text(String(value));
        return `><v>${Object.is(value, -0) ? '-0.0' : value}`;
      });
    case 'integer':
      return cells(column.values, (value) => (isExact(value) ? `><v>${value}` : text(String(value))));
    case 'text':
      return cells(column.values, text);
    case 'flag':
      return cells(column.values, (value) => ` t="b"><v>${Number(value)}`);
    case 'time':
      return cells(column.values, (ms) => ` s="${TIME}"><v>${ms / DAY_MS + DAYS_BEFORE_1970}`);
  }
}

function isExact(value: number | bigint): boolean {
  return Number.isSafeInteger(Number(value));
}

/** As wide as its name, or what it holds, usually is. */
function widthXml({ name, type }: ExportColumn, at: number): string {
  const width = Math.min(Math.max(name.length + 2, type === 'time' ? 24 : 10), 40);
  return `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`;
}

/** A to Z, AA to ZZ, AAA …: digits from 1 to 26, without a zero. */
export function lettersOf(column: number): string {
  let letters = '';
  for (let left = column + 1; left > 0; left = Math.floor((left - 1) / 26)) {
    letters = String.fromCharCode(65 + ((left - 1) % 26)) + letters;
  }
  return letters;
}
