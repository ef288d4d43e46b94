/** Files that are large enough for a thread of their own: what partial-file.test.ts shows for small ones holds for them, too. */
import { execFile } from 'node:child_process';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import type { Blob } from '../../../mesh/files/blob.ts';
import { PartialFile } from '../../../mesh/files/partial-file.ts';
import { blobOf } from '../../../mesh/files/sha256.ts';
import { noise } from '../../agent/files/harness.ts';
import { isRoot, needs } from '../../helpers/privileges.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const MIB = 1024 * 1024;
const SIZE = 40 * MIB + 17;
const PIECE = 512 * 1024;
const content = noise(SIZE);
const blob = blobOf(content);

/** Appends the bytes up to `to` in pieces that are copies, because a file takes the memory of what it is given. */
async function fill(file: PartialFile, from: Buffer, to = from.byteLength): Promise<void> {
  while (file.offset < to) await file.append(new Uint8Array(from.subarray(file.offset, Math.min(to, file.offset + PIECE))));
}

test('a large file arrives, is checked, and is what it was', async (t) => {
  const path = join(await tempFolder(t), 'part');
  const file = await PartialFile.open(path, blob);
  await fill(file, content);
  await file.finish();
  t.true((await readFile(path)).equals(content));
});

test('a large transfer is continued where it stopped', async (t) => {
  const path = join(await tempFolder(t), 'part');
  for (const to of [1, 20 * MIB + 3, SIZE - 1]) {
    const file = await PartialFile.open(path, blob);
    await fill(file, content, to);
    await file.stop();
    t.is((await stat(path)).size, to);
  }
  const file = await PartialFile.open(path, blob);
  t.is(file.offset, SIZE - 1);
  await fill(file, content);
  await file.finish();
  t.true((await readFile(path)).equals(content));
});

test('large content that is not the blob is refused and deleted', async (t) => {
  const path = join(await tempFolder(t), 'part');
  const damaged = Buffer.from(content);
  damaged[SIZE - 1]! ^= 1;
  const file = await PartialFile.open(path, blob);
  await fill(file, damaged);
  await t.throwsAsync(file.finish(), { message: /what came is not blob/ });
  await t.throwsAsync(stat(path), { code: 'ENOENT' });
  await file.stop();
});

test('memory that belongs to others is copied, not taken', async (t) => {
  const file = await PartialFile.open(join(await tempFolder(t), 'part'), blob);
  // Small buffers share one pool of the process.
  const small = Buffer.from('shared');
  await file.append(small);
  await file.discard();
  t.is(small.toString(), 'shared');
});

test('an aborted signal ends the reading of what was there', async (t) => {
  const path = join(await tempFolder(t), 'part');
  await writeFile(path, content.subarray(0, 30 * MIB));
  const abort = new AbortController();
  const opening = PartialFile.open(path, blob, { signal: abort.signal });
  abort.abort();
  await t.throwsAsync(opening, { message: 'interrupted' });
  t.is((await stat(path)).size, 30 * MIB);
});

test('a file that shrinks under the thread is refused', async (t) => {
  const path = join(await tempFolder(t), 'part');
  const file = await PartialFile.open(path, blob);
  await fill(file, content, 20 * MIB);
  await file.stop();
  await truncate(path, MIB);
  const again = await PartialFile.open(path, blob);
  t.is(again.offset, MIB);
  await again.discard();
});

test('discarding while bytes are under way deletes the file', async (t) => {
  const path = join(await tempFolder(t), 'part');
  const file = await PartialFile.open(path, blob);
  for (let piece = 0; piece < 4; piece++) file.append(new Uint8Array(PIECE));
  await file.discard();
  await t.throwsAsync(stat(path), { code: 'ENOENT' });
});

const run = promisify(execFile);

needs(test, isRoot ? undefined : 'needs root to mount a small disk')(
  'a disk that fills up is reported by the thread, and the room is given back',
  async (t) => {
    const folder = await tempFolder(t);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder]);
    t.teardown(async () => {
      await run('umount', ['--lazy', folder]);
    });
    const path = join(folder, 'part');
    const file = await PartialFile.open(path, blob);
    const error = await t.throwsAsync(async () => {
      await fill(file, content);
      await file.finish();
    });
    t.like(error, { code: 'exhausted' });
    t.regex(error!.message, /the disk is full/);
    await file.stop();
    await t.throwsAsync(stat(path), { code: 'ENOENT' });
  },
);

test('what a blob needs to be known by is enough to receive it', async (t) => {
  const known: Blob = { sha256: new Uint8Array(blob.sha256), bytes: blob.bytes };
  const path = join(await tempFolder(t), 'part');
  await writeFile(path, content);
  const file = await PartialFile.open(path, known);
  t.is(file.offset, SIZE);
  await file.finish();
});
