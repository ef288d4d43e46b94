import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, open, readdir, readFile, stat, truncate, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { MeshError } from '../../../mesh/error.ts';
import { cachedZooModel } from '../../../partition/zoo/cache.ts';
import { zooModel } from '../../../partition/zoo/catalogue.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const lenet = zooModel('lenet');

test('a model is built once and then found', async (t) => {
  const folder = join(await tempFolder(t), 'deep/er');
  const path = await cachedZooModel(lenet, folder);
  await utimes(path, 1, 1);
  t.is(await cachedZooModel(lenet, folder), path);
  t.is((await stat(path)).mtimeMs, 1000, 'it was not written again');
  t.deepEqual((await readdir(folder)).length, 2, 'nothing else is left there');
});

const damages: Readonly<Record<string, (path: string) => Promise<void>>> = {
  'is too short': (path) => truncate(path, 1000),
  'has other bytes': async (path) => {
    await using file = await open(path, 'r+');
    await file.write(Buffer.of(1, 2, 3), 0, 3, 5000);
  },
  'has lost its digest': (path) => truncate(`${path}.sha256`, 0),
};
for (const [what, damage] of Object.entries(damages)) {
  test(`a file that ${what} is built again`, async (t) => {
    const folder = await tempFolder(t);
    const path = await cachedZooModel(lenet, folder);
    const good = await readFile(path);
    await damage(path);
    await cachedZooModel(lenet, folder);
    t.true(good.equals(await readFile(path)));
    t.is((await readFile(`${path}.sha256`, 'utf8')).split(' ')[0], String(good.length));
  });
}

test('several processes may build one model at once', async (t) => {
  const folder = await tempFolder(t);
  const program = `
    const { cachedZooModel } = await import(process.argv[1]);
    const { zooModel } = await import(process.argv[2]);
    process.stdout.write(await cachedZooModel(zooModel('lenet'), process.argv[3]));`;
  const modules = ['cache.ts', 'catalogue.ts'].map((name) => new URL(`../../../partition/zoo/${name}`, import.meta.url).href);
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', program, ...modules, folder], { stdio: ['ignore', 'ignore', 'inherit'] }),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
  t.deepEqual(codes, [0, 0, 0, 0]);
  t.is((await readdir(folder)).length, 2);
  const path = join(folder, (await readdir(folder)).find((name) => name.endsWith('.onnx'))!);
  await utimes(path, 1, 1);
  await cachedZooModel(lenet, folder);
  t.is((await stat(path)).mtimeMs, 1000, 'what they left is intact');
});

test('a folder that cannot be written to is an error that names it', async (t) => {
  const folder = await tempFolder(t);
  const notAFolder = join(folder, 'file');
  await (await open(notAFolder, 'w')).close();
  await chmod(notAFolder, 0o400);
  const error = (await t.throwsAsync(cachedZooModel(lenet, notAFolder))) as MeshError;
  t.is(error.code, 'failed');
  t.regex(error.message, /model lenet could not be stored in .*file/);
});
