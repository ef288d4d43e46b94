/** CSV, read back by a reader of RFC 4180 that tells an empty cell from an empty text; in test/system Python's and pandas' read it. */
import test from 'ava';
import fc from 'fast-check';
import { encodeCsv } from '../../../controller/export/csv.ts';
import type { ExportColumn, ExportTable } from '../../../controller/export/table.ts';
import { arbitraryTable } from './arbitrary-table.ts';

interface Cell {
  readonly text: string;
  readonly quoted: boolean;
}

/** Each line ends with CR LF, each cell is quoted or has none of the characters that would have to be. */
function readCsv(text: string): Cell[][] {
  const lines: Cell[][] = [[]];
  let rest = text;
  while (rest !== '') {
    const [all, quotes, bare, end] = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest)!;
    lines.at(-1)!.push({ text: quotes === undefined ? bare! : quotes.replaceAll('""', '"'), quoted: quotes !== undefined });
    if (end === '\r\n') lines.push([]);
    rest = rest.slice(all.length);
  }
  return lines.slice(0, -1);
}

const parse: { readonly [Type in ExportColumn['type']]: (text: string) => unknown } = {
  number: Number,
  integer: BigInt,
  text: (text) => text,
  flag: (text) => text === 'true',
  time: (text) => Date.parse(text),
};

const textOf = (table: ExportTable) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(encodeCsv(table));

test('any table is read back exactly', (t) => {
  fc.assert(
    fc.property(arbitraryTable({ columnsMin: 2 }), (table) => {
      const [head, ...rows] = readCsv(textOf(table));
      t.deepEqual(
        head!.map(({ text }) => text),
        table.columns.map(({ name }) => name),
      );
      for (const [at, { type, values }] of table.columns.entries()) {
        const found = rows.map((row) => (row[at]!.text === '' && !row[at]!.quoted ? null : parse[type](row[at]!.text)));
        t.deepEqual(found, type === 'integer' ? values.map((value) => (value === null ? null : BigInt(value as number))) : [...values]);
      }
    }),
    { numRuns: 200 },
  );
});

test('numbers have a point or an exponent, so that no reader takes a column of them for integers', (t) => {
  const values = [1, -0, 0.1, 1e21, 5e-324, 2 ** 53, null, Number.NaN, Number.NEGATIVE_INFINITY];
  t.is(
    textOf({
      name: 'x',
      columns: [
        { name: 'n', type: 'number', values },
        { name: 'z', type: 'flag', values: values.map(() => true) },
      ],
    }),
    `n,z\r\n${['1.0', '-0.0', '0.1', '1e+21', '5e-324', '9007199254740992.0', '', 'NaN', '-Infinity'].map((text) => `${text},true\r\n`).join('')}`,
  );
});

test('a null that is alone in its line is quoted: an empty line would not be read', (t) => {
  t.is(textOf({ name: 'x', columns: [{ name: 'a', type: 'text', values: ['x', null, ''] }] }), 'a\r\nx\r\n""\r\n""\r\n');
  t.is(textOf({ name: 'x', columns: [] }), '');
});

test('times are in UTC, and half a character is the replacement character', (t) => {
  const columns: ExportColumn[] = [
    { name: 'at', type: 'time', values: [1_767_225_600_001] },
    { name: 'text', type: 'text', values: ['a\ud800b'] },
  ];
  t.is(textOf({ name: 'x', columns }), 'at,text\r\n2026-01-01T00:00:00.001Z,a\ufffdb\r\n');
});

test('tables that are longer than one part', (t) => {
  const rows = 10_000;
  const columns: ExportColumn[] = [{ name: 'a', type: 'integer', values: Array.from({ length: rows }, (_, row) => row) }];
  t.deepEqual(
    readCsv(textOf({ name: 'x', columns }))
      .slice(1)
      .map(([cell]) => Number(cell!.text)),
    [...columns[0]!.values],
  );
});
