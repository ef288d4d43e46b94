/** npz, read back by a reader of our own; in test/system numpy reads it. */
import test from 'ava';
import fc from 'fast-check';
import { encodeNpz } from '../../../controller/export/npz.ts';
import type { ExportColumn } from '../../../controller/export/table.ts';
import { arbitraryTable, fitsNpz } from './arbitrary-table.ts';
import { readNpz } from './npz-reader.ts';

const only = (column: ExportColumn) => readNpz(encodeNpz([{ name: 'x', columns: [column] }])).get(column.name)!;

/** What an array makes of a column that it can hold. */
function expected({ type, values }: ExportColumn): { readonly descr: RegExp; readonly values: readonly unknown[] } {
  const nulls = values.includes(null);
  switch (type) {
    case 'number':
      return { descr: /^<f8$/, values: values.map((value) => value ?? Number.NaN) };
    case 'integer':
      if (nulls) return { descr: /^<f8$/, values: values.map((value) => (value === null ? Number.NaN : Number(value))) };
      return { descr: /^<i8$/, values: values.map((value) => BigInt(value!)) };
    case 'flag':
      if (nulls) return { descr: /^<f8$/, values: values.map((value) => (value === null ? Number.NaN : Number(value))) };
      return { descr: /^\|b1$/, values };
    case 'time':
      return { descr: /^<M8\[ms\]$/, values };
    case 'text': {
      const length = Math.max(1, ...values.map((value) => [...(value ?? '')].length));
      const zeros = (value: string) => value.replace(/\0+$/, (end) => '\ufffd'.repeat(end.length));
      return { descr: new RegExp(`^<U${length}$`), values: values.map((value) => zeros(value ?? '')) };
    }
  }
}

test('any table is read back exactly, and what is null is known', (t) => {
  fc.assert(
    fc.property(arbitraryTable().filter(fitsNpz), (table) => {
      const arrays = readNpz(encodeNpz([table]));
      for (const column of table.columns) {
        const key = column.name.replace(/[/\\:]/g, '_').replace(/^\.+/, '_');
        // Names that are the same then have numbers: a test of its own.
        if (table.columns.some(({ name }) => name !== column.name && /[/\\:.]/.test(name + column.name))) continue;
        const found = arrays.get(key)!;
        const { descr, values } = expected(column);
        t.regex(found.descr, descr);
        t.deepEqual(found.values, values);
        const nulls = arrays.get(`${key}.null`)?.values;
        const told = column.type !== 'text' && !(column.type === 'number' && column.values.some(Number.isNaN));
        t.deepEqual(nulls, column.values.includes(null) && !told ? column.values.map((value) => value === null) : undefined);
      }
    }),
    { numRuns: 60 },
  );
});

test('names are made safe, and differ', (t) => {
  const column = (name: string): ExportColumn => ({ name, type: 'text', values: [null] });
  const names = ['a/b', 'a_b', '../../x', 'X', 'x', 'y', 'y.null', 'a\0'];
  const arrays = readNpz(encodeNpz([{ name: 'one', columns: names.map(column) }]));
  const keys = ['a_b', 'a_b_2', '__.._x', 'X', 'x', 'y', 'y.null', 'a_'];
  const nulls = keys.map((key) => (key === 'y' ? 'y.null_2' : `${key}.null`));
  t.deepEqual([...arrays.keys()].sort(), [...keys, ...nulls].sort());
});

test('several tables are folders', (t) => {
  const columns: ExportColumn[] = [{ name: 'a', type: 'integer', values: [1] }];
  const table = (name: string) => ({ name, columns });
  t.deepEqual([...readNpz(encodeNpz([table('frames'), table('a/b'), table('frames')])).keys()], ['frames/a', 'a_b/a', 'frames_2/a']);
});

test('an integer that is no double is refused beside nulls, and kept without', async (t) => {
  t.deepEqual(only({ name: 'a', type: 'integer', values: [2n ** 63n - 1n] }), { descr: '<i8', values: [2n ** 63n - 1n] });
  t.throws(() => only({ name: 'a', type: 'integer', values: [2n ** 53n + 1n, null] }), { code: 'unsupported' });
});

test('a long text among many is refused before it takes the memory of all', (t) => {
  const values = ['x'.repeat(3_000_000), ...Array.from({ length: 100 }, () => '')];
  t.throws(() => only({ name: 'a', type: 'text', values }), {
    code: 'unsupported',
    message: /^a: 101 rows of 12000000 bytes are an array of 1156 MiB/,
  });
});

test('arrays that are longer than one part, and texts', (t) => {
  const values = Array.from({ length: 300_000 }, (_, row) => row / 7);
  t.deepEqual(only({ name: 'a', type: 'number', values }).values, values);
  const long = '😀'.repeat(300_000);
  t.deepEqual(only({ name: 'a', type: 'text', values: [long, 'a\ud800'] }), { descr: '<U300000', values: [long, 'a\ufffd'] });
});
