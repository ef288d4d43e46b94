/** Workbooks, read back by a small reader of their XML; in test/system openpyxl and pandas read them. */
import test from 'ava';
import fc from 'fast-check';
import { strFromU8, unzipSync } from 'fflate';
import { lettersOf } from '../../../controller/export/sheet-xml.ts';
import type { ExportColumn, ExportTable } from '../../../controller/export/table.ts';
import { encodeXlsx } from '../../../controller/export/xlsx.ts';
import { arbitraryTable } from './arbitrary-table.ts';

interface Cell {
  readonly type: string;
  readonly style: string;
  readonly value: string;
}

const entities = (xml: string): string => xml.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
/** As ST_Xstring has it. */
const characters = (text: string): string => text.replace(/_x([0-9A-F]{4})_/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));

/** Cells of each sheet by their place: A1. */
function read(tables: readonly ExportTable[]): Map<string, Map<string, Cell>> {
  const files = unzipSync(encodeXlsx(tables));
  const xml = (path: string): string => strFromU8(files[path]!);
  const texts = [...xml('xl/sharedStrings.xml').matchAll(/<si><t xml:space="preserve">([^<]*)<\/t><\/si>/g)].map(([, text]) =>
    characters(entities(text!)),
  );
  const sheets = [...xml('xl/workbook.xml').matchAll(/<sheet name="([^"<]*)" sheetId="(\d+)"/g)];
  return new Map(
    sheets.map(([, name, id]) => {
      const cells = [
        ...xml(`xl/worksheets/sheet${id}.xml`).matchAll(/<c r="([A-Z]+\d+)"(?: s="(\d)")?(?: t="(\w+)")?><v>([^<]*)<\/v><\/c>/g),
      ];
      const of = ([, place, style = '0', type = 'n', value]: RegExpExecArray): [string, Cell] => [
        place!,
        { type, style, value: type === 's' ? texts[Number(value)]! : value! },
      ];
      return [characters(entities(name!)), new Map(cells.map(of))];
    }),
  );
}

function readValue(cell: Cell | undefined, { type }: ExportColumn): unknown {
  if (cell === undefined) return null;
  if (cell.type === 'e') return Number.NaN;
  if (type === 'integer') return BigInt(cell.value);
  if (type === 'number') return Number(cell.value);
  if (type === 'flag') return cell.value === '1';
  if (type === 'time') return cell.style === '2' ? Math.round((Number(cell.value) - 25_569) * 86_400_000) : undefined;
  return cell.value;
}

test('any table is read back exactly', (t) => {
  fc.assert(
    fc.property(arbitraryTable(), (table) => {
      const [sheet] = read([table]).values();
      for (const [at, column] of table.columns.entries()) {
        t.deepEqual(sheet!.get(`${lettersOf(at)}1`), { type: 's', style: '1', value: column.name });
        const found = column.values.map((_, row) => readValue(sheet!.get(`${lettersOf(at)}${row + 2}`), column));
        t.deepEqual(
          found,
          column.type === 'integer' ? column.values.map((value) => (value === null ? null : BigInt(value))) : [...column.values],
        );
      }
    }),
    { numRuns: 60 },
  );
});

test('numbers are numbers, and what a cell could only hold as another number is a text', (t) => {
  const columns: ExportColumn[] = [
    { name: 'n', type: 'number', values: [1.5, Number.NaN, Number.POSITIVE_INFINITY] },
    { name: 'i', type: 'integer', values: [2 ** 53 - 1, 2n ** 53n, -(2n ** 63n)] },
    { name: 't', type: 'text', values: ['=1+1', '', '12'] },
  ];
  const [sheet] = read([{ name: 'x', columns }]).values();
  const cells = ['A2', 'A3', 'A4', 'B2', 'B3', 'B4', 'C2', 'C3', 'C4'].map(
    (place) => `${sheet!.get(place)!.type} ${sheet!.get(place)!.value}`,
  );
  t.deepEqual(cells, [
    'n 1.5',
    'e #NUM!',
    's Infinity',
    'n 9007199254740991',
    's 9007199254740992',
    's -9223372036854775808',
    's =1+1',
    's ',
    's 12',
  ]);
});

test('the last sheet says what the columns are', (t) => {
  const columns: ExportColumn[] = [{ name: 'latency', type: 'number', unit: 'ms', values: [] }];
  const sheets = read([
    { name: 'frames: all', columns },
    { name: 'columns', columns: [] },
  ]);
  t.deepEqual([...sheets.keys()], ['frames_ all', 'columns', 'columns_2']);
  const row = (number: number) => ['A', 'B', 'C', 'D', 'E'].map((letter) => sheets.get('columns_2')!.get(`${letter}${number}`)?.value);
  t.deepEqual(row(1), ['sheet', 'table', 'column', 'type', 'unit']);
  t.deepEqual(row(2), ['frames_ all', 'frames: all', 'latency', 'number', 'ms']);
});

test('names of sheets are what Excel accepts', (t) => {
  const names = ["a/b\\c?d*e:f[g]'", 'A'.repeat(40), `${'a'.repeat(31)}b`, 'History', "'", ' ', `${'x'.repeat(30)}😀`, 'a\0'];
  const found = [...read(names.map((name) => ({ name, columns: [] }))).keys()];
  const wanted = ['a_b_c_d_e_f_g__', 'A'.repeat(31), `${'a'.repeat(29)}_2`, 'History_2', '_', 'table', 'x'.repeat(30), 'a_', 'columns'];
  t.deepEqual(found, wanted);
});

test('texts longer than a cell are cut, and say so', (t) => {
  const values = ['x'.repeat(32_767), 'y'.repeat(40_000)];
  const [sheet] = read([{ name: 'x', columns: [{ name: 't', type: 'text', values }] }]).values();
  t.is(sheet!.get('A2')!.value, values[0]!);
  const { value } = sheet!.get('A3')!;
  t.is(value.length, 32_767);
  t.regex(value, /^y+ … \(cut, 40000 characters\)$/);
});

test('more rows or columns than a sheet holds are refused', (t) => {
  const values = Array.from({ length: 1_048_576 }, () => null);
  t.throws(() => encodeXlsx([{ name: 'frames', columns: [{ name: 't', type: 'text', values }] }]), {
    code: 'unsupported',
    message: 'frames has 1048576 rows, a sheet holds 1048575',
  });
  const columns = Array.from({ length: 16_385 }, (_, at): ExportColumn => ({ name: `c${at}`, type: 'flag', values: [] }));
  t.throws(() => encodeXlsx([{ name: 'frames', columns }]), {
    code: 'unsupported',
    message: 'frames has 16385 columns, a sheet holds 16384',
  });
  t.deepEqual([0, 25, 26, 701, 702, 16_383].map(lettersOf), ['A', 'Z', 'AA', 'ZZ', 'AAA', 'XFD']);
});
