import test from 'ava';
import { memorySource } from '../../../mesh/files/byte-source.ts';
import { deleteFile, listFiles, statFile } from '../../../mesh/files/entries.ts';
import { fetchBlob } from '../../../mesh/files/fetch-blob.ts';
import { getFile } from '../../../mesh/files/get-file.ts';
import { putFile } from '../../../mesh/files/put-file.ts';
import { blobFor, bring, collector, filesBelow, noise, startFiles } from './harness.ts';

test('what is put under a name is listed, found and got back', async (t) => {
  const { peer, dataFolder } = await startFiles(t);
  const content = noise(3_000_000);
  const blob = blobFor(content);
  const seen: number[] = [];
  const put = await putFile(peer, blob, memorySource(content), { name: 'models/a.onnx', onProgress: (bytes) => seen.push(bytes) });
  t.is(put.sentBytes, content.byteLength);
  t.is(seen.at(-1), content.byteLength);
  const entry = await statFile(peer, { name: 'models/a.onnx' });
  t.deepEqual(entry.blob, blob);
  t.deepEqual(
    (await listFiles(peer, { folder: 'models' })).map(({ name }) => name),
    ['models/a.onnx'],
  );
  t.deepEqual(await listFiles(peer, { folder: 'mod' }), []);
  const got = collector();
  const received = await getFile(peer, { name: 'models/a.onnx' }, got.take);
  t.deepEqual(received.blob, blob);
  t.true(got.content().equals(content));
  t.false((await filesBelow(dataFolder)).some((path) => path.startsWith('partial/')));
});

test('a blob is fetched from another agent, and is there for the next fetch', async (t) => {
  const holder = await startFiles(t);
  const { peer } = await startFiles(t);
  const content = noise(5_000_000, 2);
  const blob = await bring(holder.store, content);
  t.is((await fetchBlob(peer, blob, [holder.address], { name: 'b' })).source, holder.address);
  t.is((await fetchBlob(peer, blob, [holder.address])).source, '');
  const got = collector();
  await getFile(peer, { name: 'b' }, got.take, { from: 4_999_990 });
  t.true(got.content().equals(content.subarray(4_999_990)));
});

test('an empty file is a file', async (t) => {
  const { peer } = await startFiles(t);
  const blob = blobFor(new Uint8Array());
  await putFile(peer, blob, memorySource(new Uint8Array()), { name: 'nothing' });
  t.is((await statFile(peer, { name: 'nothing' })).blob.bytes, 0);
  const got = collector();
  await getFile(peer, { sha256: blob.sha256 }, got.take);
  t.is(got.content().byteLength, 0);
});

test('a deleted name takes its blob with it', async (t) => {
  const { peer } = await startFiles(t);
  const content = noise(1000);
  await putFile(peer, blobFor(content), memorySource(content), { name: 'x' });
  t.is(await deleteFile(peer, { name: 'x' }), 1000);
  await t.throwsAsync(statFile(peer, { name: 'x' }), { message: '"x" is not on this device' });
  t.deepEqual(await listFiles(peer, { blobs: true }), []);
});
