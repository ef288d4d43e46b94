import { mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { FileStore } from '../../../agent/files/store.ts';
import type { FileEntry } from '../../../mesh/files/blob.ts';
import { hexOf } from '../../../mesh/files/blob.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { blobFor, bring, filesBelow, noise, openStore } from './harness.ts';

async function all(store: FileStore, folder = '', blobs = false): Promise<FileEntry[]> {
  const entries: FileEntry[] = [];
  for await (const entry of store.list(folder, blobs)) entries.push(entry);
  return entries;
}

async function read(store: FileStore, name: string): Promise<string> {
  const { handle } = await store.open({ name });
  try {
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

test('whatever a file is called, it stays in the data folder and can be found again', async (t) => {
  const { store, dataFolder } = await openStore(t);
  const around = await tempFolder(t);
  const content = Buffer.from('x');
  const blob = await bring(store, content);
  const piece = fc.oneof(
    fc.constantFrom('.', '..', '/', '\\', '\0', 'con', '~', ' ', '%2e', '\u202e'),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
      const name = pieces.join('');
      try {
        await store.name(name, blob);
      } catch (error) {
        t.like(error, { code: 'invalid' });
        return;
      }
      t.is(await read(store, name), 'x');
      t.true((await all(store)).some((entry) => entry.name === name.normalize('NFC')));
    }),
    { numRuns: 300 },
  );
  const path = /^(blobs\/[0-9a-f]{2}\/[0-9a-f]{64}|names\/[0-9a-f]{2}\/[0-9a-f]{64})$/;
  t.deepEqual(
    (await filesBelow(dataFolder)).filter((file) => !path.test(file)),
    [],
  );
  t.deepEqual(await filesBelow(around), []);
});

const attacks = ['../outside', '/etc/outside', 'a/../../outside', 'a\0b', 'x'.repeat(5000), '..', 'blobs/../../outside', '\ud800'];
for (const name of attacks) {
  test(`the name ${JSON.stringify(name.slice(0, 20))} is refused by every operation`, async (t) => {
    const { store, dataFolder } = await openStore(t);
    const blob = await bring(store, Buffer.from('x'));
    for (const operation of [store.name(name, blob), store.stat({ name }), store.open({ name }), store.delete({ name })]) {
      await t.throwsAsync(operation, { message: /is not a file name/ });
    }
    t.is((await filesBelow(dataFolder)).length, 1);
  });
}

test('a digest that is none is refused', async (t) => {
  const { store } = await openStore(t);
  for (const sha256 of [new Uint8Array(), new Uint8Array(31), Buffer.from('../../../../../../../../etc/passwd')]) {
    await t.throwsAsync(store.stat({ sha256 }), { message: /SHA-256 of 32 bytes/ });
    await t.throwsAsync(store.receive({ sha256, bytes: 1 }), { message: /SHA-256 of 32 bytes/ });
  }
});

/** Plants something of the attacker's in the data folder, and returns what it must not get at. */
async function outside(t: ExecutionContext): Promise<string> {
  const folder = await tempFolder(t);
  await writeFile(join(folder, 'precious'), 'precious');
  return folder;
}

test('a symbolic link in the place of a folder is not followed', async (t) => {
  const target = await outside(t);
  const content = noise(100);
  const hex = hexOf(blobFor(content).sha256);
  for (const [planted, operation] of [
    [join('blobs', hex.slice(0, 2)), (store: FileStore) => bring(store, content)],
    ['partial', (store: FileStore) => bring(store, content)],
    ['blobs', (store: FileStore) => store.stat({ sha256: blobFor(content).sha256 })],
    ['names', (store: FileStore) => store.stat({ name: 'a' })],
  ] as const) {
    const { store, dataFolder } = await openStore(t);
    await rm(join(dataFolder, planted), { recursive: true, force: true });
    await symlink(target, join(dataFolder, planted));
    await t.throwsAsync(operation(store), { message: /is not a folder/ }, planted);
  }
  t.deepEqual(await filesBelow(target), ['precious']);
});

test('a symbolic link in the place of a file is not followed', async (t) => {
  const target = join(await outside(t), 'precious');
  const content = noise(100);
  const blob = blobFor(content);
  const hex = hexOf(blob.sha256);
  const { store, dataFolder } = await openStore(t);
  await symlink(target, join(dataFolder, 'partial', hex));
  await t.throwsAsync(bring(store, content), { message: /symbolic link/ });
  await rm(join(dataFolder, 'partial', hex));
  await mkdir(join(dataFolder, 'blobs', hex.slice(0, 2)));
  await symlink(target, join(dataFolder, 'blobs', hex.slice(0, 2), hex));
  await t.throwsAsync(store.stat({ sha256: blob.sha256 }), { message: /is not on this device/ });
  await t.throwsAsync(store.pathOf(blob), { message: /is not on this device/ });
  // A real upload takes the place of the link, not of what it points at.
  await bring(store, content);
  t.is(await readFile(target, 'utf8'), 'precious');
  t.deepEqual(await readFile(await store.pathOf(blob)), content);
});

test('something else in the place of a file is not read', async (t) => {
  const content = noise(100);
  const hex = hexOf(blobFor(content).sha256);
  const { store, dataFolder } = await openStore(t);
  await mkdir(join(dataFolder, 'partial', hex));
  await t.throwsAsync(bring(store, content), { message: /cannot write/ });
  t.deepEqual(await all(store, '', true), []);
});

test('a name moves to other content, and the old content stays until it is deleted', async (t) => {
  const { store } = await openStore(t);
  const first = await bring(store, Buffer.from('first'), 'a');
  await bring(store, Buffer.from('second'), 'a');
  t.is(await read(store, 'a'), 'second');
  t.deepEqual(
    (await all(store, '', true)).map(({ name, blob }) => [name, blob.bytes]),
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
  t.is(await read(store, 'b'), 'shared');
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
    (await all(store)).map(({ name }) => name),
    ['a', 'b', 'models/a', 'models/z', 'modelsx'],
  );
  t.deepEqual(
    (await all(store, 'models/')).map(({ name }) => name),
    ['models/a', 'models/z'],
  );
});

test('a name whose content was taken away is not listed, and says so', async (t) => {
  const { store } = await openStore(t);
  const blob = await bring(store, Buffer.from('x'), 'a');
  await rm(await store.pathOf(blob));
  t.deepEqual(await all(store), []);
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
      (await all(store)).map(({ name }) => name),
      ['b'],
    );
    await t.throwsAsync(store.stat({ name: 'a' }), { message: /pointer of a name is damaged/ });
  }
  await store.name('a', blob);
  t.is(await read(store, 'a'), 'x');
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
  t.deepEqual(await all(again, '', true), []);
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
  t.is(await read(store, 'a'), 'x');
});

test('a data folder that is a file is refused', async (t) => {
  const folder = await tempFolder(t);
  await writeFile(join(folder, 'file'), '');
  await t.throwsAsync(openStore(t, { dataFolder: join(folder, 'file') }), { message: /cannot use the data folder/ });
});
