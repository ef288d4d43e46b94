import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { dropFiles, warmFiles } from '../../../agent/bench/page-cache.ts';
import { needs } from '../../helpers/privileges.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const fincore = '/usr/bin/fincore';
const withFincore = needs(test, existsSync(fincore) ? undefined : 'needs fincore of util-linux');

const cachedBytes = (path: string): number =>
  Number(execFileSync(fincore, ['--bytes', '--noheadings', '--output', 'RES', path], { encoding: 'utf8' }).trim());

const { signal } = new AbortController();
const SIZE = 5 * 2 ** 20 + 123;

withFincore('a file that was just written is dropped, and read again', async (t) => {
  const folder = await tempFolder(t);
  const paths = [join(folder, 'if=a b'), join(folder, '-b')];
  for (const path of paths) await writeFile(path, Buffer.alloc(SIZE, 1));
  t.deepEqual(await dropFiles(paths, signal), []);
  t.deepEqual(paths.map(cachedBytes), [0, 0]);
  await warmFiles(paths, signal);
  t.true(paths.map(cachedBytes).every((bytes) => bytes >= SIZE));
});

test('a file that is not there: dropping warns, warming fails', async (t) => {
  const path = join(await tempFolder(t), 'none');
  t.regex((await dropFiles([path], signal)).join(), /none may still be in the page cache: ENOENT/);
  await t.throwsAsync(warmFiles([path], signal), { code: 'ENOENT' });
});

test('an empty file and no file at all are no problem', async (t) => {
  const path = join(await tempFolder(t), 'empty');
  await writeFile(path, '');
  await warmFiles([path], signal);
  t.deepEqual(await dropFiles([path], signal), []);
  t.deepEqual(await dropFiles([], signal), []);
});

test.serial('without dd it warns', async (t) => {
  const path = join(await tempFolder(t), 'file');
  await writeFile(path, 'x');
  const { PATH } = process.env;
  process.env.PATH = '/nowhere';
  try {
    t.regex((await dropFiles([path], signal)).join(), /has no dd/);
  } finally {
    process.env.PATH = PATH;
  }
});

test('whoever no longer waits ends both', async (t) => {
  const path = join(await tempFolder(t), 'file');
  await writeFile(path, 'x');
  const aborted = AbortSignal.abort(new Error('enough'));
  await t.throwsAsync(warmFiles([path], aborted), { message: 'enough' });
  await t.throwsAsync(dropFiles([path], aborted), { message: 'enough' });
});
