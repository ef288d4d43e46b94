import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { layeringKey, SegmentCache } from '../../../controller/plan/segment-cache.ts';
import { MeshError } from '../../../mesh/error.ts';
import { isRoot, needs } from '../../helpers/privileges.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const model = 'a'.repeat(64);
const pi = 'arm64, Cortex-A72, 4 cores';
const times = [
  { layers: '1-3', ms: 2.5 },
  { layers: '4-7', ms: 1 },
];
const transfers = [
  { from: 'controller', to: 'pi', bytes: 4096, ms: 1.5 },
  { from: 'controller', to: 'pi', bytes: 400, ms: 1 },
  { from: 'pi', to: 'controller', bytes: 40, ms: 0.5 },
];

test('what was put is there for whoever opens the folder next; nothing else is', async (t) => {
  const folder = join(await tempFolder(t), 'made', 'when needed');
  const cache = new SegmentCache(folder);
  t.deepEqual(await cache.times(model, pi), []);
  t.deepEqual(await cache.transfers('home'), []);
  await cache.putTimes(model, pi, times);
  await cache.putTransfers('home', transfers);
  const again = new SegmentCache(folder);
  t.deepEqual(await again.times(model, pi), times);
  t.deepEqual(await again.transfers('home'), transfers);
  t.deepEqual(await again.times(model, 'x64, EPYC, 2 cores'), []);
  t.deepEqual(await again.times('b'.repeat(64), pi), []);
  t.deepEqual(await again.transfers('away'), []);
  t.is((await readdir(folder)).filter((name) => name.endsWith('.part')).length, 0);
});

test('later times replace earlier ones of the same layers, later transfers those of the same pair; the rest stays', async (t) => {
  const cache = new SegmentCache(await tempFolder(t));
  await cache.putTimes(model, pi, times);
  await cache.putTimes(model, pi, [
    { layers: '4-7', ms: 9 },
    { layers: '1-7', ms: 11 },
  ]);
  t.deepEqual(await cache.times(model, pi), [
    { layers: '1-3', ms: 2.5 },
    { layers: '4-7', ms: 9 },
    { layers: '1-7', ms: 11 },
  ]);
  await cache.putTransfers('home', transfers);
  const later = { from: 'controller', to: 'pi', bytes: 80, ms: 7 };
  await cache.putTransfers('home', [later]);
  t.deepEqual(await cache.transfers('home'), [transfers[2]!, later]);
});

test('how fast frames follow each other is kept beside the transfers of a mesh, whichever is put first', async (t) => {
  const cache = new SegmentCache(await tempFolder(t));
  t.is(await cache.frameMs('home'), undefined);
  await cache.putFrameMs('home', 2.5);
  t.is(await cache.frameMs('home'), 2.5);
  t.deepEqual(await cache.transfers('home'), []);
  await cache.putTransfers('home', transfers);
  t.is(await cache.frameMs('home'), 2.5);
  await cache.putFrameMs('home', 3);
  t.is(await cache.frameMs('home'), 3);
  t.deepEqual(await cache.transfers('home'), transfers);
  t.is(await cache.frameMs('away'), undefined);
});

for (const [what, damage] of [
  ['cut off', (text: string) => text.slice(0, text.length / 2)],
  ['empty', () => ''],
  ['a list', () => '[]'],
  ['null', () => 'null'],
  ['of another format', (text: string) => text.replace('"format": 1', '"format": 2')],
  ['with a time that is text', (text: string) => text.replaceAll(/"ms": [\d.]+/g, '"ms": "soon"')],
  ['with a time that is negative', (text: string) => text.replaceAll(/"ms": [\d.]+/g, '"ms": -1')],
  ['with entries of nothing', (text: string) => text.replace(/\{\s*"(layers|from)"[^}]*\}/, 'null')],
] as const) {
  test(`a file that is ${what} counts as missing, and is replaced`, async (t) => {
    const folder = await tempFolder(t);
    const cache = new SegmentCache(folder);
    await cache.putTimes(model, pi, times);
    await cache.putTransfers('home', transfers);
    for (const name of await readdir(folder)) {
      const whole = await readFile(join(folder, name), 'utf8');
      t.not(damage(whole), whole);
      await writeFile(join(folder, name), damage(whole));
    }
    t.deepEqual(await cache.times(model, pi), []);
    t.deepEqual(await cache.transfers('home'), []);
    await cache.putTimes(model, pi, times);
    await cache.putTransfers('home', transfers);
    t.deepEqual(await cache.times(model, pi), times);
    t.deepEqual(await cache.transfers('home'), transfers);
  });
}

test('a file in place of the folder is an error when writing, and means nothing is known when reading', async (t) => {
  const folder = join(await tempFolder(t), 'taken');
  await writeFile(folder, 'not a folder');
  const cache = new SegmentCache(folder);
  t.deepEqual(await cache.times(model, pi), []);
  await t.throwsAsync(cache.putTimes(model, pi, times));
});

needs(test, isRoot ? 'root may write everywhere' : undefined)(
  'a folder that may not be written to is an error with its name',
  async (t) => {
    const folder = join(await tempFolder(t), 'closed');
    await mkdir(folder);
    await chmod(folder, 0o500);
    const error = await t.throwsAsync(new SegmentCache(folder).putTimes(model, pi, times));
    t.true(MeshError.from(error).message.includes('closed'));
  },
);

test('the same model divided into other layers is another: numbers of layers would mean others', (t) => {
  const sha256 = Buffer.alloc(32, 7);
  const key = layeringKey(sha256, { layerOf: [1, 1, 2] });
  t.is(layeringKey(sha256, { layerOf: [1, 1, 2] }), key);
  t.not(layeringKey(sha256, { layerOf: [1, 2, 2] }), key);
  t.not(layeringKey(Buffer.alloc(32, 8), { layerOf: [1, 1, 2] }), key);
  t.regex(key, /^[0-9a-f]{64}$/);
});
