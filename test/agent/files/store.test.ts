import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { hexOf } from '../../../mesh/files/blob.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { allEntries, blobFor, bring, filesBelow, noise, openStore, readNamed } from './harness.ts';

test('a name moves to other content, and the old content stays until it is deleted', async (t) => {
  const { store } = await openStore(t);
  const first = await bring(store, Buffer.from('first'), 'a');
  await bring(store, Buffer.from('second'), 'a');
  t.is(await readNamed(store, 'a'), 'second');
  t.deepEqual(
    (await allEntries(store, '', true)).map(({ name, blob }) => [name, blob.bytes]),
    [
      ['a', 6],
      ['', 5],
    ],
  );
  t.is(await store.delete({ sha256: first.sha256 }), 5);
});

test('a blob lives as long as its last name', async (t) => {
  const { store } = await openStore(t);
  const blob = await bring(store, Buffer.from('shared'), 'a');
  await store.name('b', blob);
  await t.throwsAsync(store.delete({ sha256: blob.sha256 }), { message: /is called "a"/ });
  t.is(await store.delete({ name: 'a' }), 0);
  t.is(await readNamed(store, 'b'), 'shared');
  t.is(await store.delete({ name: 'b' }), 6);
  t.false(await store.has(blob));
  await t.throwsAsync(store.delete({ name: 'b' }), { message: /not on this device/ });
});

test('a file that is deleted while it is read can be read to its end', async (t) => {
  const { store } = await openStore(t);
  await bring(store, Buffer.from('going'), 'a');
  const { handle } = await store.open({ name: 'a' });
  await store.delete({ name: 'a' });
  t.is(await handle.readFile('utf8'), 'going');
  await handle.close();
});

test('names are listed in order, by folder', async (t) => {
  const { store } = await openStore(t);
  const blob = await bring(store, Buffer.from('x'));
  for (const name of ['b', 'models/z', 'models/a', 'modelsx', 'a']) await store.name(name, blob);
  t.deepEqual(
    (await allEntries(store)).map(({ name }) => name),
    ['a', 'b', 'models/a', 'models/z', 'modelsx'],
  );
  t.deepEqual(
    (await allEntries(store, 'models/')).map(({ name }) => name),
    ['models/a', 'models/z'],
  );
});

test('a name whose content was taken away is not listed, and says so', async (t) => {
  const { store } = await openStore(t);
  const blob = await bring(store, Buffer.from('x'), 'a');
  await rm(await store.pathOf(blob));
  t.deepEqual(await allEntries(store), []);
  await t.throwsAsync(store.stat({ name: 'a' }), { message: /content of "a" was taken away/ });
  t.is(await store.delete({ name: 'a' }), 0);
});

test('a damaged pointer spoils no other name, and can be replaced', async (t) => {
  const { store, dataFolder } = await openStore(t);
  const blob = await bring(store, Buffer.from('x'), 'a');
  const [pointer] = (await filesBelow(dataFolder)).filter((file) => file.startsWith('names/'));
  await bring(store, Buffer.from('y'), 'b');
  for (const damage of ['', '{}', '{"name":"b"}', 'null', '{"name":"../x","sha256":"","bytes":1}', '\xff']) {
    await writeFile(join(dataFolder, pointer!), damage);
    t.deepEqual(
      (await allEntries(store)).map(({ name }) => name),
      ['b'],
    );
    await t.throwsAsync(store.stat({ name: 'a' }), { message: /pointer of a name is damaged/ });
  }
  await store.name('a', blob);
  t.is(await readNamed(store, 'a'), 'x');
});

test('the second who brings a blob waits for the first, and finds it there', async (t) => {
  const { store } = await openStore(t);
  const content = noise(1000);
  const blob = blobFor(content);
  const first = (await store.receive(blob))!;
  const second = store.receive(blob);
  await first.append(content);
  await first.commit();
  await first.abandon();
  t.is(await second, undefined);
});

test('the second who brings a blob continues where the first gave up', async (t) => {
  const { store } = await openStore(t);
  const content = noise(1000);
  const blob = blobFor(content);
  const first = (await store.receive(blob))!;
  const second = store.receive(blob);
  const third = store.receive(blob);
  await first.append(content.subarray(0, 300));
  await first.abandon();
  const heir = (await second)!;
  t.is(heir.offset, 300);
  await heir.append(content.subarray(300));
  await heir.commit();
  await heir.abandon();
  t.is(await third, undefined);
});

test('who stops waiting does not hold up those behind', async (t) => {
  const { store } = await openStore(t);
  const blob = blobFor(noise(1000));
  const first = (await store.receive(blob))!;
  const abort = new AbortController();
  const second = store.receive(blob, abort.signal);
  const third = store.receive(blob);
  abort.abort();
  await t.throwsAsync(second, { message: 'interrupted' });
  await first.abandon();
  await (await third)!.abandon();
});

test('an upload survives a restart of the agent', async (t) => {
  const { store, dataFolder } = await openStore(t);
  const content = noise(1000);
  const first = (await store.receive(blobFor(content)))!;
  await first.append(content.subarray(0, 400));
  await first.abandon();
  const { store: again } = await openStore(t, { dataFolder });
  t.deepEqual(await allEntries(again, '', true), []);
  const second = (await again.receive(blobFor(content)))!;
  t.is(second.offset, 400);
  await second.append(content.subarray(400));
  await second.commit();
  await second.abandon();
  t.true(await again.has(blobFor(content)));
});

test('uploads that were given up are deleted when they are old, others are kept', async (t) => {
  const { store, dataFolder } = await openStore(t, { partialAgeMsMax: 1000, wallClock: () => 1_000_000_000_000 });
  const [old, young] = [blobFor(noise(10, 1)), blobFor(noise(10, 2))];
  for (const [blob, seconds] of [
    [old, 999_999_998],
    [young, 999_999_999.5],
  ] as const) {
    const incoming = (await store.receive(blob))!;
    await incoming.append(new Uint8Array(3));
    await incoming.abandon();
    await utimes(join(dataFolder, 'partial', hexOf(blob.sha256)), seconds, seconds);
  }
  await store.removeStale();
  t.deepEqual(await filesBelow(dataFolder), [`partial/${hexOf(young.sha256)}`]);
});

test('what a crash left half written is removed at the next start', async (t) => {
  const { dataFolder } = await openStore(t);
  await writeFile(join(dataFolder, 'partial', `${'0'.repeat(64)}.draft`), '{');
  await openStore(t, { dataFolder });
  t.deepEqual(await filesBelow(dataFolder), []);
});

test('an upload is refused at once when the disk has no room for it', async (t) => {
  const { store, dataFolder } = await openStore(t, { freeBytesMin: 2 ** 60 });
  await t.throwsAsync(store.receive(blobFor(noise(10))), { message: /the disk has no room: 10 bytes are to come/ });
  t.deepEqual(await filesBelow(dataFolder), []);
});

test('a blob that is here under another size is no match', async (t) => {
  const { store } = await openStore(t);
  const blob = await bring(store, Buffer.from('12345'));
  await t.throwsAsync(store.receive({ ...blob, bytes: 4 }), { message: /\(4 bytes\) has 5 bytes/ });
});

test('the data folder itself may be a symbolic link', async (t) => {
  const folder = await tempFolder(t);
  await mkdir(join(folder, 'real'));
  await symlink(join(folder, 'real'), join(folder, 'link'));
  const { store } = await openStore(t, { dataFolder: join(folder, 'link') });
  await bring(store, Buffer.from('x'), 'a');
  t.is(await readNamed(store, 'a'), 'x');
});

test('a data folder that is a file is refused', async (t) => {
  const folder = await tempFolder(t);
  await writeFile(join(folder, 'file'), '');
  await t.throwsAsync(openStore(t, { dataFolder: join(folder, 'file') }), { message: /cannot use the data folder/ });
});
