import { readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { PartialFile } from '../../../mesh/files/partial-file.ts';
import { blobOf } from '../../../mesh/files/sha256.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const content = Buffer.from(Array.from({ length: 10_000 }, (_, i) => (i * 31) % 251));
const blob = blobOf(content);

async function place(t: ExecutionContext): Promise<string> {
  return join(await tempFolder(t), 'part');
}

test('a transfer is continued where it stopped, whatever the pieces', async (t) => {
  const folder = await tempFolder(t);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 12 }), async (pieces) => {
      const path = join(folder, String(run++));
      let file = await PartialFile.open(path, blob);
      for (const piece of pieces) {
        const from = file.offset;
        await file.append(content.subarray(from, from + piece));
        await file.stop();
        file = await PartialFile.open(path, blob);
        t.is(file.offset, Math.min(content.byteLength, from + piece));
      }
      await file.append(content.subarray(file.offset));
      await file.finish();
      return (await readFile(path)).equals(content);
    }),
    { numRuns: 30 },
  );
});

test('content that is not the blob is refused and deleted', async (t) => {
  const path = await place(t);
  const file = await PartialFile.open(path, blob);
  const damaged = Buffer.from(content);
  damaged[5000]! ^= 1;
  await file.append(damaged);
  await t.throwsAsync(file.finish(), { message: /what came is not blob/ });
  await t.throwsAsync(stat(path), { code: 'ENOENT' });
  await file.stop();
});

test('a part that was damaged on the disk is found at the end', async (t) => {
  const path = await place(t);
  await writeFile(path, Buffer.alloc(4000));
  const file = await PartialFile.open(path, blob);
  t.is(file.offset, 4000);
  await file.append(content.subarray(4000));
  await t.throwsAsync(file.finish(), { message: /what came is not blob/ });
});

test('a transfer that ends early is refused and kept', async (t) => {
  const path = await place(t);
  const file = await PartialFile.open(path, blob);
  await file.append(content.subarray(0, 9_999));
  await t.throwsAsync(file.finish(), { message: /ended early, at byte 9999/ });
  await file.stop();
  t.is((await stat(path)).size, 9_999);
});

test('more than the blob has is refused', async (t) => {
  const file = await PartialFile.open(await place(t), blob);
  await file.append(content);
  t.throws(() => file.append(new Uint8Array(1)), { message: /more bytes came/ });
  await file.stop();
});

test('a file that is longer than the blob is started anew', async (t) => {
  const path = await place(t);
  await writeFile(path, Buffer.concat([content, Buffer.from('x')]));
  const file = await PartialFile.open(path, blob);
  t.is(file.offset, 0);
  await file.append(content);
  await file.finish();
  t.deepEqual(await readFile(path), content);
});

test('a symbolic link is not followed', async (t) => {
  const folder = await tempFolder(t);
  await writeFile(join(folder, 'precious'), 'precious');
  await symlink(join(folder, 'precious'), join(folder, 'part'));
  await t.throwsAsync(PartialFile.open(join(folder, 'part'), blob), { message: /symbolic link/ });
  t.is(await readFile(join(folder, 'precious'), 'utf8'), 'precious');
});

test('an aborted signal ends the reading of what was there, which stays', async (t) => {
  const path = await place(t);
  await writeFile(path, content.subarray(0, 5000));
  await t.throwsAsync(PartialFile.open(path, blob, { signal: AbortSignal.abort() }), { message: 'interrupted' });
  t.is((await stat(path)).size, 5000);
});

test('what was cut off while it was written is refused at the end', async (t) => {
  const path = await place(t);
  const file = await PartialFile.open(path, blob);
  await file.append(content.subarray(0, 5000));
  await file.stop();
  await truncate(path, 100);
  const again = await PartialFile.open(path, blob);
  t.is(again.offset, 100);
  await again.discard();
  await t.throwsAsync(stat(path), { code: 'ENOENT' });
});
