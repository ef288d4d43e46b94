/** The column of a text file, as much of it as is asked for. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { readColumn } from '../../../controller/data-sets/csv-column.ts';
import { MeshError } from '../../../mesh/error.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const { signal } = new AbortController();

async function columnOf(t: ExecutionContext, text: string, parts = 1, column = 1): Promise<readonly number[]> {
  const path = join(await tempFolder(t), 'a.csv');
  await writeFile(path, text);
  return [...(await readColumn(path, { column, parts, signal }))];
}

const header = 'Title,Test 1\r\n\r\nChannels\t8\t9 x\r\nData\r\n';

test('commas, tabs and semicolons separate, spaces and a last separator do not matter, the header is passed over', async (t) => {
  t.deepEqual(await columnOf(t, `${header}1,2,3,\r\n4, 5 ,6,\r\n`), [2, 5]);
  t.deepEqual(await columnOf(t, `${header}1\t2\t\n4\t-5e-3\t\n`), [2, -5e-3]);
  t.deepEqual(await columnOf(t, '1;2\n3;4'), [2, 4]);
});

test('the first part of the rows is read, counted without header and empty lines', async (t) => {
  const rows = (count: number) => Array.from({ length: count }, (_, index) => `0\t${index}\n`).join('');
  t.deepEqual(await columnOf(t, `${header}${rows(20)}\n\n \r\n`, 10), [0, 1]);
  t.deepEqual(await columnOf(t, `${header}${rows(29)}`, 10), [0, 1]);
  t.deepEqual(await columnOf(t, `${header}${rows(9)}`, 10), []);
  // Damage in a part that is not read does not matter.
  t.deepEqual(await columnOf(t, `${rows(10)}damaged\n`, 5), [0, 1]);
});

test('rows are found wherever the pieces end in which the file is read', async (t) => {
  const count = 200_000;
  const text = `${header}${Array.from({ length: count }, (_, index) => `${index % 7},${index},1`).join('\n')}`;
  const values = await columnOf(t, text);
  t.is(values.length, count);
  t.is(
    values.findIndex((value, index) => value !== index),
    -1,
  );
});

test('a row with something else is refused with its line', async (t) => {
  await t.throwsAsync(columnOf(t, `${header}1,2\n3,four\n`), {
    code: 'invalid',
    message: /a\.csv, line 6: "four" in column 2, expected a number/,
  });
  await t.throwsAsync(columnOf(t, `${header}1,2\n3\n`), { message: /line 6: fewer than 2 columns/ });
  await t.throwsAsync(columnOf(t, '1,2\n3,\n'), { message: /line 2: "" in column 2/ });
});

test('a file without rows of numbers is refused', async (t) => {
  await t.throwsAsync(columnOf(t, 'Not found\n'), { code: 'invalid', message: /no row of numbers with 2 columns among its first 1 lines/ });
  await t.throwsAsync(columnOf(t, ''), { message: /no row of numbers/ });
  await t.throwsAsync(columnOf(t, 'a\n'.repeat(500)), { message: /among its first 65 lines/ });
  await t.throwsAsync(columnOf(t, 'x'.repeat(2 ** 21)), { message: /line 1: longer than 65536 characters/ });
});

test('NaN and infinity stand where they stood: whoever cuts windows says where', async (t) => {
  t.deepEqual(await columnOf(t, '1,2\n1,NaN\n1,-inf\n'), [2, Number.NaN, Number.NEGATIVE_INFINITY]);
});

test('any text is read or refused, and the number of values is that of the rows', async (t) => {
  const piece = fc.constantFrom('1', '2.5', ',', '\t', '\n', '\r\n', 'x', '-', ' ', 'NaN', '\0', '\u00ff');
  const path = join(await tempFolder(t), 'a.csv');
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), async (pieces, parts) => {
      await writeFile(path, pieces.join(''));
      const values: unknown = await readColumn(path, { column: 1, parts, signal }).catch((error: unknown) => error);
      if (values instanceof MeshError) t.is(values.code, 'invalid');
      else t.true(values instanceof Float64Array, String(values));
    }),
    { numRuns: 150 },
  );
});

test('reading ends when nobody wants it any more', async (t) => {
  const path = join(await tempFolder(t), 'a.csv');
  await writeFile(path, '1,2\n');
  const reason = new Error('enough');
  await t.throwsAsync(readColumn(path, { column: 1, parts: 1, signal: AbortSignal.abort(reason) }), { is: reason });
});
