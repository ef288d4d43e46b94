import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { Io } from '../../../controller/cli/command.ts';
import { loadDescriptor, modelPathOf, storeDescriptor, tasksOf } from '../../../controller/cli/submit-task.ts';
import { SourceShelf } from '../../../controller/task/source-shelf.ts';
import type { StoredDescriptor } from '../../../controller/task/task.ts';
import { freePort } from '../../helpers/ports.ts';
import type { Scope } from '../../helpers/scope.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { only, program, read } from '../descriptor/reading.ts';

async function world(t: Scope) {
  const folder = await tempFolder(t);
  const shelf = new SourceShelf(join(folder, 'data'));
  const io = { signal: new AbortController().signal, env: { HOME: folder }, now: () => performance.now() } as unknown as Io;
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  const store = async (text: string, name = 'b.toml'): Promise<StoredDescriptor> => {
    await write(name, text);
    return await storeDescriptor(await loadDescriptor(join(folder, name)), shelf, io, () => {});
  };
  return { folder, shelf, write, store };
}

const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex');
const sourceOf = (src: string, more = '') => `[[data.sources]]\nsrc = "${src}"\n${more}\n`;

test('the same file twice is the same; another content of what it reads is another, and the text counts', async (t) => {
  const { write, store, shelf } = await world(t);
  await write('data.csv', 'one');
  const text = `${program}${sourceOf('data.csv')}`;
  const first = await store(text);
  t.deepEqual(await store(text), first);
  t.deepEqual(first.sources, { 'file data.csv': sha256Of('one') });
  t.is((await store(text, 'other.toml')).digest, first.digest);
  await write('data.csv', 'two');
  const second = await store(text);
  t.not(second.digest, first.digest);
  t.true(await shelf.has(sha256Of('one')));
  await write('data.csv', 'one');
  t.is((await store(text)).digest, first.digest);
  t.not((await store(`${text}# more`)).digest, first.digest);
});

test('paths are relative to the descriptor, whatever they are called', async (t) => {
  const { folder, write, store } = await world(t);
  await mkdir(join(folder, 'below'));
  await write('above.csv', 'a');
  await write('below/beside.csv', 'b');
  const text = `${program}${sourceOf('../above.csv')}${sourceOf('beside.csv')}${sourceOf(join(folder, 'above.csv'), 'path = "c.csv"')}`;
  const { sources, name } = await store(text, 'below/b.toml');
  t.is(name, 'b.toml');
  t.deepEqual(sources, {
    'file ../above.csv': sha256Of('a'),
    'file beside.csv': sha256Of('b'),
    [`file ${join(folder, 'above.csv')}`]: sha256Of('a'),
  });
});

test('what is not there, or not as it should be, is a mistake of whoever asked', async (t) => {
  const { folder, write, store } = await world(t);
  await t.throwsAsync(loadDescriptor(join(folder, 'nothing.toml')), { code: 'usage', message: /nothing\.toml can't be read/ });
  await t.throwsAsync(loadDescriptor(folder), { code: 'usage' });
  await t.throwsAsync(store(`${program}${sourceOf('gone.csv')}`), { code: 'usage', message: /gone\.csv can't be read/ });
  await write('data.csv', 'one');
  await t.throwsAsync(store(`${program}${sourceOf('data.csv', `sha256 = "${'0'.repeat(64)}"`)}`), {
    code: 'usage',
    message: /not what the descriptor wants/,
  });
  await t.throwsAsync(store(`${program}${sourceOf('data.csv', `sha256 = "${sha256Of('one').toUpperCase()}"`)}nothing = 1`), {
    code: 'usage',
  });
  const { sources } = await store(`${program}${sourceOf('data.csv', `sha256 = "${sha256Of('one').toUpperCase()}"`)}`);
  t.deepEqual(sources, { 'file data.csv': sha256Of('one') });
  await t.throwsAsync(store(`${program}${sourceOf(`http://127.0.0.1:${await freePort()}/x`)}`), { code: 'unreachable' });
  const lenet = program.replace('["true"]', '"gone.onnx"');
  await t.throwsAsync(store(lenet), { code: 'usage', message: /gone\.onnx/ });
});

test('a file that is wanted twice is asked what it is by both', async (t) => {
  const { folder, write, store } = await world(t);
  await write('data.csv', 'one');
  const good = sourceOf('data.csv', 'path = "a"');
  const wrong = (key: string, digits: number) => sourceOf('data.csv', `path = "b"\n${key} = "${'0'.repeat(digits)}"`);
  for (const second of [wrong('sha256', 64), wrong('md5', 32)])
    await t.throwsAsync(store(`${program}${good}${second}`), { code: 'usage', message: /^data\.csv is not what the descriptor wants/ });
  const right = sourceOf('data.csv', `path = "b"\nmd5 = "${createHash('md5').update('one').digest('hex')}"`);
  t.deepEqual((await store(`${program}${good}${right}`)).sources, { 'file data.csv': sha256Of('one') });
  t.deepEqual(
    (await readdir(join(folder, 'data', 'sources'))).filter((name) => name.startsWith('part')),
    [],
  );
});

test('a model that is a file is known by its ending, with or without cuts; one of ours is none', (t) => {
  const of = (workload: string) =>
    modelPathOf(only(`[info]\ndescription = "d"\n[hardware]\nstrategy = "mesh"\n[ml]\nworkload = "${workload}"\n`));
  t.is(of('lenet'), undefined);
  t.is(of('lenet@layer2'), undefined);
  t.is(of('models/a.onnx'), 'models/a.onnx');
  t.is(of('models/a.onnx@layer2'), 'models/a.onnx');
  t.is(modelPathOf(only(program)), undefined);
});

test('a sweep has a task for each combination, of one submission', (t) => {
  const stored = { digest: 'd', name: 'b.toml', text: '', sources: {} };
  const named = { submission: 's', origin: 'hand', dueMs: 7 } as const;
  const one = tasksOf(stored, read(program).combinations, named);
  t.deepEqual(
    one.map(({ task, benchmark, status, dueMs }) => [task, benchmark, status, dueMs]),
    [['s', 'b', 'queued', 7]],
  );
  const text = `[info]\ndescription = "d"\n[ml]\nworkload = ["echo", "\${n}"]\n[sweep]\nn = [1, "x"]\n`;
  const many = tasksOf(stored, read(text).combinations, named);
  t.deepEqual(
    many.map(({ task, submission, benchmark, assignment }) => [task, submission, benchmark, { ...assignment }]),
    [
      ['s-1', 's', 'b[n=1]', { n: 1 }],
      ['s-2', 's', 'b[n=x]', { n: 'x' }],
    ],
  );
});

test('what was kept stays when the descriptor and its files go', async (t) => {
  const { folder, write, store, shelf } = await world(t);
  await write('data.csv', 'one');
  const { sources } = await store(`${program}${sourceOf('data.csv')}`);
  await rm(join(folder, 'data.csv'));
  t.true(await shelf.has(Object.values(sources)[0]!));
});
