/** Checkpoints become files of the agent when their training is over, also when the agent was not there to see it. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { CheckpointShelf } from '../../../agent/files/checkpoint-shelf.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { allEntries, bring, openStore, readNamed } from './harness.ts';

const LAST = 'training/t1/last.safetensors';
const BEST = 'training/t1/best.safetensors';

async function shelfIn(t: Parameters<typeof tempFolder>[0]) {
  const dataFolder = await tempFolder(t);
  const { store } = await openStore(t, { dataFolder });
  const trainings = async (): Promise<string[]> => readdir(join(dataFolder, 'training')).catch(() => []);
  return { shelf: new CheckpointShelf(dataFolder, store), store, dataFolder, trainings };
}

test('what a training wrote has names, and its folder is gone', async (t) => {
  const { shelf, store, trainings } = await shelfIn(t);
  const folder = await shelf.folder('t1', undefined);
  t.deepEqual(await readdir(folder), []);
  await writeFile(join(folder, 'last.safetensors'), 'last');
  await writeFile(join(folder, 'best.safetensors'), 'best');
  await writeFile(join(folder, 'last.safetensors.draft'), 'half of');
  await shelf.keep('t1');
  t.is(await readNamed(store, LAST), 'last');
  t.is(await readNamed(store, BEST), 'best');
  t.deepEqual(await trainings(), []);
  await shelf.keep('t1');
  t.is(await readNamed(store, LAST), 'last');
});

test('a training that goes on replaces what it left before, and nothing of that stays on the disk', async (t) => {
  const { shelf, store } = await shelfIn(t);
  for (const content of ['first', 'second', 'second']) {
    await writeFile(join(await shelf.folder('t1', undefined), 'last.safetensors'), content);
    await shelf.keep('t1');
  }
  t.is(await readNamed(store, LAST), 'second');
  t.is((await allEntries(store, '', true)).length, 1);
});

test('one that is resumed finds the best so far; a better one leaves that as it is', async (t) => {
  const { shelf, store } = await shelfIn(t);
  const best = await bring(store, Buffer.from('best so far'));
  const folder = await shelf.folder('t1', best);
  t.deepEqual(await readdir(folder), ['best.safetensors']);
  await shelf.keep('t1');
  t.is(await readNamed(store, BEST), 'best so far');
  await t.throwsAsync(shelf.folder('t2', { ...best, sha256: new Uint8Array(32) }), { code: 'not-found' });
});

test('an agent that starts again keeps what the trainings of the one before left', async (t) => {
  const { shelf, store, dataFolder, trainings } = await shelfIn(t);
  for (const name of ['t1', 't2']) {
    await mkdir(join(dataFolder, 'training', name), { recursive: true });
    await writeFile(join(dataFolder, 'training', name, 'last.safetensors'), name);
  }
  await shelf.keepAll();
  t.is(await readNamed(store, 'training/t2/last.safetensors'), 't2');
  t.is(await readNamed(store, LAST), 't1');
  t.deepEqual(await trainings(), []);
});
