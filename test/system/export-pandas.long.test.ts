/** Exported files as Python reads them: pandas, openpyxl, numpy and the csv module, value by value; the lines of docs/exports.md among them. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import fc from 'fast-check';
import { encodeTables } from '../../controller/export/formats.ts';
import type { ExportColumn, ExportTable } from '../../controller/export/table.ts';
import { arbitraryTable, fitsNpz } from '../controller/export/arbitrary-table.ts';
import { DEBIAN_PYTHON, pandasMissing, parquetEngineMissing } from '../helpers/pandas.ts';
import { needs } from '../helpers/privileges.ts';
import { repository } from '../helpers/repository.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

type Read = string | boolean | null;
type Frame = Readonly<Record<string, { readonly dtype: string; readonly values: readonly Read[] }>>;
interface Answer {
  readonly frames: Readonly<Record<string, Frame>>;
  readonly units: Readonly<Record<string, Readonly<Record<string, Read>>>>;
  readonly archives: Readonly<Record<string, Frame>>;
  readonly workbooks: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          { readonly frozen: string; readonly bold: boolean; readonly rows: readonly (readonly (readonly [Read, string])[])[] }
        >
      >
    >
  >;
  readonly lines: Readonly<Record<string, readonly (readonly string[])[]>>;
}

const program = fileURLToPath(new URL('export-pandas.py', import.meta.url));
const [mostLines, parquetLines] = [...readFileSync(join(repository, 'docs/exports.md'), 'utf8').matchAll(/```python\n([\s\S]*?)```/g)].map(
  ([, text]) => text!.trim().split('\n'),
);

function python(folder: string, question: object): Answer {
  const { stdout, stderr, status } = spawnSync(DEBIAN_PYTHON, [program, folder], {
    input: JSON.stringify(question),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Answer;
}

/** As the program names it: bits of a double, digits of an integer. */
const float = (value: number | null): string => {
  if (value === null || Number.isNaN(value)) return 'fnan';
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(value);
  return `f${bits.toString('hex')}`;
};
const integer = (value: number | bigint): string => `i${value}`;
const text = (value: string | null): Read => (value === null ? null : `s${value}`);
const time = (ms: number | null): Read => (ms === null ? null : `t${ms}`);

const loss = [0.1, -0, Number.NaN, null, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 1e21];
const latency = [1 / 3, 2.220446049250313e-16, 1, 2, 0.1 + 0.2, 9007199254740992, 1.7976931348623157e308, 12.25];
const frame = [0, 1, 2, 3, -1, 2 ** 53 - 1, 2n ** 63n - 1n, -(2n ** 63n)];
const repeat = [0, null, 2 ** 53 - 1, 3, 4, 5, 6, 7];
const device = ['NA', 'null', null, '', '=1+1', 'a\r\nb', 'constructor "é😀", x', ' _x0041_ '];
const outlier = [false, true, false, true, false, false, false, true];
const failed = [false, null, true, true, false, false, null, true];
const started = [0, 1_767_225_600_123, null, 1_767_225_600_001, 1, 951_782_400_999, -1, 2_000_000_000_000];
const frames: ExportTable = {
  name: 'frames',
  columns: [
    { name: 'frame', type: 'integer', values: frame },
    { name: 'loss', type: 'number', values: loss },
    { name: 'latency', type: 'number', unit: 'ms', values: latency },
    { name: 'repeat', type: 'integer', values: repeat },
    { name: 'device', type: 'text', values: device },
    { name: 'outlier', type: 'flag', values: outlier },
    { name: 'failed', type: 'flag', values: failed },
    { name: 'started', type: 'time', values: started },
  ],
};

const exported = needs(test.serial, pandasMissing());

exported('pandas reads csv, xlsx and npz as docs/exports.md says', async (t) => {
  const folder = await tempFolder(t);
  for (const format of ['csv', 'xlsx', 'npz'] as const)
    writeFileSync(join(folder, `frames.${format}`), await encodeTables(format, [frames]));
  const answer = python(folder, { lines: mostLines });
  const { csv, xlsx, npz, plain } = answer.frames;

  t.deepEqual(csv, {
    frame: { dtype: 'int64', values: frame.map(integer) },
    loss: { dtype: 'float64', values: loss.map(float) },
    latency: { dtype: 'float64', values: latency.map(float) },
    repeat: { dtype: 'float64', values: repeat.map(float) },
    // pandas tells an empty text from an empty cell no more than Python's csv module does.
    device: { dtype: 'object', values: device.map((value) => text(value ?? '')) },
    outlier: { dtype: 'bool', values: outlier },
    failed: { dtype: 'object', values: failed.map((value) => value ?? 'fnan') },
    started: { dtype: 'datetime64[ns, UTC]', values: started.map(time) },
  });
  t.deepEqual(plain!.outlier, { dtype: 'bool', values: outlier });

  const doubles = { dtype: 'float64', values: failed.map((value) => float(value === null ? null : Number(value))) };
  t.deepEqual(xlsx, {
    frame: { dtype: 'int64', values: frame.map(integer) },
    // pandas makes an integer of every whole number that it reads from a workbook, also of -0.
    loss: { dtype: 'float64', values: loss.map((value) => float(value === 0 ? 0 : value)) },
    latency: { dtype: 'float64', values: latency.map(float) },
    repeat: { dtype: 'float64', values: repeat.map(float) },
    device: { dtype: 'object', values: device.map((value) => (['', null, 'NA', 'null'].includes(value) ? 'fnan' : text(value))) },
    outlier: { dtype: 'bool', values: outlier },
    failed: doubles,
    started: { dtype: 'datetime64[ns]', values: started.map(time) },
  });
  t.is(answer.units.units!.latency, 'sms');

  t.deepEqual(npz, {
    frame: { dtype: 'int64', values: frame.map(integer) },
    loss: { dtype: 'float64', values: loss.map(float) },
    'loss.null': { dtype: 'bool', values: loss.map((value) => value === null) },
    latency: { dtype: 'float64', values: latency.map(float) },
    repeat: { dtype: 'float64', values: repeat.map(float) },
    device: { dtype: 'object', values: device.map((value) => text(value ?? '')) },
    'device.null': { dtype: 'bool', values: device.map((value) => value === null) },
    outlier: { dtype: 'bool', values: outlier },
    failed: doubles,
    started: { dtype: 'datetime64[ns]', values: started.map(time) },
  });
  t.is(answer.units.npz_units!.latency, 'sms');
});

exported('any table is what openpyxl, numpy and the csv module read', async (t) => {
  const folder = await tempFolder(t);
  // What XML has no character for is written as letters, which openpyxl leaves as they are.
  const tables = fc.sample(arbitraryTable({ text: fc.string({ unit: 'grapheme', maxLength: 12 }) }).filter(fitsNpz), {
    numRuns: 60,
    seed: 7,
  });
  for (const [at, table] of tables.entries()) {
    for (const format of ['csv', 'xlsx', 'npz'] as const)
      writeFileSync(join(folder, `${at}.${format}`), await encodeTables(format, [table]));
  }
  const all = (format: string): string[] => tables.map((_, at) => `${at}.${format}`);
  const { archives, workbooks, lines } = python(folder, { lines: [], archives: all('npz'), workbooks: all('xlsx'), csv: all('csv') });
  for (const [at, { columns }] of tables.entries()) {
    const [found] = Object.values(workbooks[`${at}.xlsx`]!);
    t.is(found!.frozen, 'A2');
    t.true(found!.bold || columns.length === 0);
    const arrays = Object.values(archives[`${at}.npz`]!).filter(({ values }) => values.length === columns[0]!.values.length);
    t.true(arrays.length >= columns.length);
    for (const [place, column] of columns.entries()) {
      const cells = column.values.map((_, row) => found!.rows[row + 1]?.[place]?.[0] ?? null);
      t.deepEqual([found!.rows[0]![place]![0], ...cells], [`s${column.name}`, ...inWorkbook(column)]);
      const named = archives[`${at}.npz`]![column.name.replace(/[/\\:]/g, '_').replace(/^\.+/, '_')]!;
      t.deepEqual(named.values, inArray(column));
      const [head, ...rows] = lines[`${at}.csv`]!;
      t.is(head![place], column.name);
      t.deepEqual(
        rows.map((row) => readCell(row[place]!, column)),
        column.type === 'text'
          ? column.values.map((value) => value ?? '')
          : column.values.map((value) => (value === null ? null : String(value))),
      );
    }
  }
});

needs(test.serial, parquetEngineMissing())('pandas reads parquet as docs/exports.md says', async (t) => {
  const folder = await tempFolder(t);
  writeFileSync(join(folder, 'frames.parquet'), await encodeTables('parquet', [frames]));
  const { parquet } = python(folder, { lines: parquetLines }).frames;
  t.deepEqual(parquet!.frame, { dtype: 'int64', values: frame.map(integer) });
  t.deepEqual(parquet!.loss, { dtype: 'float64', values: loss.map(float) });
  t.deepEqual(parquet!.device, { dtype: 'object', values: device.map(text) });
  t.deepEqual(parquet!.outlier, { dtype: 'bool', values: outlier });
  t.deepEqual(parquet!.started, { dtype: 'datetime64[ns, UTC]', values: started.map(time) });
});

function inWorkbook({ type, values }: ExportColumn): Read[] {
  const cell = (value: (typeof values)[number]): Read => {
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'string') return text(value);
    if (type === 'time') return time(Number(value));
    if (type === 'integer') return Number.isSafeInteger(Number(value)) ? integer(value) : text(String(value));
    if (Number.isNaN(value)) return 's#NUM!';
    if (!Number.isFinite(value)) return text(String(value));
    // openpyxl has an integer for what is written without a point or an exponent.
    return Object.is(value, -0) || !/^-?\d+$/.test(String(value)) ? float(Number(value)) : integer(value);
  };
  return values.map(cell);
}

function inArray({ type, values }: ExportColumn): Read[] {
  const nulls = values.includes(null);
  return values.map((value): Read => {
    if (type === 'text') return text(String(value ?? ''));
    if (type === 'time') return time(value as number | null);
    if (type === 'number' || nulls) return float(value === null ? null : Number(value));
    return type === 'flag' ? (value as boolean) : integer(value as number);
  });
}

/** What a cell says, as JavaScript would write it. */
function readCell(cell: string, { type }: ExportColumn): string | null {
  if (type === 'text') return cell;
  if (cell === '') return null;
  if (type === 'time') return String(Date.parse(cell));
  return type === 'number' ? String(Number(cell)) : cell;
}
