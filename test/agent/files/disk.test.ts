/** What happens when the disk is full, or can't be written: on a disk of one MiB that is made for the test. */
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { memorySource } from '../../../mesh/files/byte-source.ts';
import { listFiles, statFile } from '../../../mesh/files/entries.ts';
import { fetchBlob } from '../../../mesh/files/fetch-blob.ts';
import { putFile } from '../../../mesh/files/put-file.ts';
import { isRoot, needs } from '../../helpers/privileges.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { blobFor, bring, filesBelow, noise, startFiles } from './harness.ts';

const run = promisify(execFile);
const withRoot = needs(test, isRoot ? undefined : 'needs root to mount a small disk');

async function smallDisk(t: ExecutionContext): Promise<string> {
  const folder = await tempFolder(t);
  await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
  t.teardown(async () => {
    await run('umount', ['--lazy', folder]);
  });
  return folder;
}

withRoot('an upload that has no room is refused at once', async (t) => {
  const { peer, dataFolder } = await startFiles(t, { dataFolder: await smallDisk(t) });
  const content = noise(2_000_000);
  await t.throwsAsync(putFile(peer, blobFor(content), memorySource(content), { name: 'a' }), { message: /the disk has no room/ });
  t.deepEqual(await filesBelow(dataFolder), []);
});

withRoot('a disk that fills up during an upload is reported, the room is given back, and the agent goes on', async (t) => {
  const { peer, dataFolder, store } = await startFiles(t, { dataFolder: await smallDisk(t) });
  const content = noise(800_000);
  const blob = blobFor(content);
  const filler = join(dataFolder, 'filler');
  let filling: Promise<void> | undefined;
  const source = memorySource(content);
  const slow = {
    ...source,
    read: async (offset: number, length: number, lent: Uint8Array) => {
      if (offset >= 400_000) {
        filling ??= writeFile(filler, noise(550_000));
        await filling;
      }
      return source.read(offset, length, lent);
    },
  };
  const error = await t.throwsAsync(putFile(peer, blob, slow, { name: 'a', chunkBytes: 50_000 }));
  t.like(error, { code: 'exhausted' });
  t.regex(error!.message, /the disk is full/);
  t.deepEqual(await filesBelow(dataFolder), ['filler']);
  await t.throwsAsync(statFile(peer, { name: 'a' }), { message: /not on this device/ });
  await rm(filler);
  await putFile(peer, blob, memorySource(content), { name: 'a' });
  t.deepEqual((await store.stat({ name: 'a' })).blob, blob);
});

withRoot('a fetch to a full disk asks no other source', async (t) => {
  const holder = await startFiles(t);
  const blob = await bring(holder.store, noise(2_000_000));
  const { peer } = await startFiles(t, { dataFolder: await smallDisk(t) });
  const error = await t.throwsAsync(fetchBlob(peer, blob, [holder.address, holder.address]));
  t.like(error, { code: 'exhausted' });
});

withRoot('a name that has no room is refused, and what it was called before stays', async (t) => {
  const { peer, dataFolder, store } = await startFiles(t, { dataFolder: await smallDisk(t) });
  const blob = await bring(store, noise(1000), 'a');
  await t.throwsAsync(writeFile(join(dataFolder, 'filler'), noise(2_000_000)), { code: 'ENOSPC' });
  t.like(await t.throwsAsync(store.name('b', blob)), { code: 'exhausted' });
  t.deepEqual(
    (await listFiles(peer)).map(({ name }) => name),
    ['a'],
  );
});

withRoot('a disk that can only be read is reported, and still serves', async (t) => {
  const dataFolder = await smallDisk(t);
  const { peer, store } = await startFiles(t, { dataFolder });
  await bring(store, noise(1000), 'a');
  await run('mount', ['-o', 'remount,ro', dataFolder]);
  const content = noise(500, 2);
  const error = await t.throwsAsync(putFile(peer, blobFor(content), memorySource(content)));
  t.like(error, { code: 'denied' });
  t.regex(error!.message, /read-only/);
  t.is((await statFile(peer, { name: 'a' })).blob.bytes, 1000);
});
