/** Names, digests and planted links that try to lead out of the data folder. */
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { FileStore } from '../../../agent/files/store.ts';
import { hexOf } from '../../../mesh/files/blob.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { allEntries, blobFor, bring, filesBelow, noise, openStore, readNamed } from './harness.ts';

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
      t.is(await readNamed(store, name), 'x');
      t.true((await allEntries(store)).some((entry) => entry.name === name.normalize('NFC')));
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
  t.deepEqual(await allEntries(store, '', true), []);
});
