import test from 'ava';
import { formatBytes, parseBytes } from '../../mesh/bytes.ts';
import { MeshError } from '../../mesh/error.ts';

const amounts: readonly [string, number][] = [
  ['65536', 65_536],
  ['512MiB', 512 * 2 ** 20],
  ['512 mib', 512 * 2 ** 20],
  ['1.5GiB', 1.5 * 2 ** 30],
  ['2GB', 2e9],
  ['64k', 65_536],
  ['100B', 100],
];
for (const [text, bytes] of amounts) {
  test(`${text} is ${bytes} bytes`, (t) => {
    t.is(parseBytes(text), bytes);
  });
}

for (const text of ['', 'MiB', '-1MiB', '0', '0.1', '1e9', '1 TiB', '99999999999GiB', '1MiB extra']) {
  test(`"${text}" is no amount of memory`, (t) => {
    t.is(t.throws(() => parseBytes(text), { instanceOf: MeshError })?.code, 'usage');
  });
}

test('amounts are shown in the largest unit that fits', (t) => {
  t.deepEqual([100, 2048, 1.5 * 2 ** 20, 2 ** 31].map(formatBytes), ['100 bytes', '2 KiB', '1.5 MiB', '2 GiB']);
});
