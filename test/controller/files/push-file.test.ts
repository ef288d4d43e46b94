import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { OfferedFiles } from '../../../controller/files/offered-files.ts';
import { pushFile } from '../../../controller/files/push-file.ts';
import { addGetService } from '../../../mesh/files/serve-get.ts';
import { GrpcServer } from '../../../mesh/grpc/server.ts';
import { blobFor, noise, startFiles } from '../../agent/files/harness.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const content = noise(100_000);
const blob = blobFor(content);
const calm = { signal: new AbortController().signal, onProgress: () => {}, now: () => 0 };

test('a device that can not reach us is sent the file', async (t) => {
  const { peer, store } = await startFiles(t);
  const path = join(await tempFolder(t), 'file');
  await writeFile(path, content);
  const seen: number[] = [];
  const onProgress = (bytes: number): void => void seen.push(bytes);
  t.is(await pushFile(peer, { ...calm, path, blob, name: 'a', source: '127.0.0.1:1', onProgress }), 'sent');
  t.is(seen.at(-1), blob.bytes);
  t.true(await store.has(blob));
  t.is(await pushFile(peer, { ...calm, path, blob, name: 'b', source: undefined }), 'there');
});

test('a device fetches what is offered, and nothing else', async (t) => {
  const { peer } = await startFiles(t);
  const path = join(await tempFolder(t), 'file');
  await writeFile(path, content);
  const offered = new OfferedFiles();
  const server = await GrpcServer.listen('127.0.0.1:0', { insecure: false }, (grpc) => {
    addGetService(grpc, { open: (ref) => offered.open(ref), codecs: new Map(), now: () => 0 });
  });
  t.teardown(() => server.stop(0));
  const options = { ...calm, path, blob, name: 'a', source: server.address };
  await t.throwsAsync(pushFile(peer, options), { message: /does not offer/ });
  offered.add(path, blob);
  t.is(await pushFile(peer, options), 'fetched');
});

test('a file that changes while it is copied is refused', async (t) => {
  const { peer, store } = await startFiles(t);
  const path = join(await tempFolder(t), 'file');
  await writeFile(path, noise(100_000, 2));
  await t.throwsAsync(pushFile(peer, { ...calm, path, blob, name: 'a', source: undefined }), { message: /what came is not blob/ });
  await writeFile(path, noise(99_999));
  await t.throwsAsync(pushFile(peer, { ...calm, path, blob, name: 'a', source: undefined }), { message: /is offered with 99999 bytes/ });
  t.false(await store.has(blob));
});
