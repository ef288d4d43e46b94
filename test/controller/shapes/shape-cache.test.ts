import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { ShapeCache } from '../../../controller/shapes/shape-cache.ts';
import type { TensorSpec } from '../../../mesh/tensor.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const tensors: TensorSpec[] = [
  { name: 'h', dtype: 'float16', dims: [1, 0, 7] },
  { name: 'toString', dtype: 'int64', dims: [] },
];

test('what was put is found again, under its digest only', async (t) => {
  const folder = await tempFolder(t);
  const cache = new ShapeCache(join(folder, 'new'));
  t.is(await cache.get('a'), undefined);
  await cache.put('a', tensors);
  t.deepEqual(await cache.get('a'), tensors);
  t.is(await cache.get('b'), undefined);
  t.deepEqual(await readdir(join(folder, 'new')), ['shapes-a.json'], 'nothing is left beside it');
});

const damaged: readonly [string, string][] = [
  ['cut off', '{"format":1,"tensors":[{"na'],
  ['empty', ''],
  ['of another format', JSON.stringify({ format: 2, tensors })],
  ['without tensors', JSON.stringify({ format: 1 })],
  ['with a negative size', JSON.stringify({ format: 1, tensors: [{ name: 'h', dtype: 'float32', dims: [-1] }] })],
  ['with an unknown type', JSON.stringify({ format: 1, tensors: [{ name: 'h', dtype: 'constructor', dims: [1] }] })],
  ['that is a list', '[]'],
  ['that is null', 'null'],
];
for (const [what, text] of damaged) {
  test(`a file ${what} counts as missing`, async (t) => {
    const folder = await tempFolder(t);
    await writeFile(join(folder, 'shapes-a.json'), text);
    t.is(await new ShapeCache(folder).get('a'), undefined);
  });
}
