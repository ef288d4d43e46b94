/** What a table may be, and which formats take how many. */
import test from 'ava';
import fc from 'fast-check';
import { encodeTables, exportFormats, severalTables } from '../../../controller/export/formats.ts';
import { checkTable, type ExportColumn, TIME_MS_MAX, TIME_MS_MIN } from '../../../controller/export/table.ts';
import { arbitraryTable, fitsNpz } from './arbitrary-table.ts';

const of = (...columns: ExportColumn[]) => ({ name: 'frames', columns });
const one = of({ name: 'a', type: 'number', values: [1] });

test('columns of different lengths, or of the same name, are a mistake of the program', (t) => {
  const a = { name: 'a', type: 'number', values: [1] } as const;
  t.throws(() => checkTable(of(a, { name: 'b', type: 'text', values: [] })), { message: 'frames has 1 rows, its column b has 0' });
  t.throws(() => checkTable(of(a, a)), { message: 'frames has two columns a' });
  t.throws(() => checkTable(of({ ...a, name: '' })), { name: 'AssertionError' });
  t.throws(() => checkTable({ name: '', columns: [] }), { name: 'AssertionError' });
});

const wrong: readonly (readonly [column: ExportColumn, message: string])[] = [
  [{ name: 'a', type: 'integer', values: [1, 1.5] }, 'frames, row 1: a is 1.5, expected an integer of 64 bits (a bigint beyond 2^53)'],
  [
    { name: 'a', type: 'integer', values: [2 ** 53] },
    'frames, row 0: a is 9007199254740992, expected an integer of 64 bits (a bigint beyond 2^53)',
  ],
  [
    { name: 'a', type: 'integer', values: [2n ** 63n] },
    'frames, row 0: a is 9223372036854775808, expected an integer of 64 bits (a bigint beyond 2^53)',
  ],
  [
    { name: 'a', type: 'time', values: [0.5] },
    'frames, row 0: a is 0.5, expected whole milliseconds since 1970, of the years 1900 (March) to 9999',
  ],
  [
    { name: 'a', type: 'time', values: [TIME_MS_MAX + 1] },
    `frames, row 0: a is ${TIME_MS_MAX + 1}, expected whole milliseconds since 1970, of the years 1900 (March) to 9999`,
  ],
  [
    { name: 'a', type: 'time', values: [TIME_MS_MIN - 1] },
    `frames, row 0: a is ${TIME_MS_MIN - 1}, expected whole milliseconds since 1970, of the years 1900 (March) to 9999`,
  ],
  [{ name: 'a', type: 'flag', values: [undefined as unknown as null] }, 'frames, row 0: a is undefined, expected true or false'],
];

for (const [column, message] of wrong) {
  test(`a column of type ${column.type} can't have ${String(column.values.at(-1))}`, async (t) => {
    for (const format of exportFormats) await t.throwsAsync(encodeTables(format, [of(column)]), { message });
  });
}

test('a csv or parquet file holds one table, a workbook and an archive several', async (t) => {
  for (const format of exportFormats) {
    const several = encodeTables(format, [one, { ...one, name: 'stages' }] as never);
    if (severalTables[format]) await t.notThrowsAsync(several);
    else await t.throwsAsync(several, { message: `a ${format} file of 2 tables` });
    await t.throwsAsync(encodeTables(format, [] as never), { message: `a ${format} file of 0 tables` });
  }
});

test('the same table gives the same bytes, whatever the time and the zone', async (t) => {
  const zone = process.env.TZ;
  t.teardown(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });
  await fc.assert(
    fc.asyncProperty(arbitraryTable().filter(fitsNpz), async (table) => {
      for (const format of exportFormats) {
        process.env.TZ = 'Pacific/Auckland';
        const here = await encodeTables(format, [table]);
        process.env.TZ = 'America/New_York';
        t.is(Buffer.compare(await encodeTables(format, [table]), here), 0, format);
      }
    }),
    { numRuns: 10 },
  );
});
