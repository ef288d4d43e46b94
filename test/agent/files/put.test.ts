import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import test from 'ava';
import { hexOf } from '../../../mesh/files/blob.ts';
import { type ByteSource, memorySource } from '../../../mesh/files/byte-source.ts';
import { noChunk, type PutChunk } from '../../../mesh/files/chunk-codec.ts';
import { statFile } from '../../../mesh/files/entries.ts';
import { getFile } from '../../../mesh/files/get-file.ts';
import { putMethod } from '../../../mesh/files/method.ts';
import { putFile } from '../../../mesh/files/put-file.ts';
import { blobToWire } from '../../../mesh/files/wire.ts';
import type { PutReply } from '../../../proto/gen/mesh/v1/files.ts';
import { waitUntil } from '../../helpers/wait-until.ts';
import { blobFor, bring, collector, type FilesHarness, filesBelow, noise, startFiles } from './harness.ts';

const CHUNK = 1000;

/** A client that sends what a good one never would. */
function rawPut({ peer }: FilesHarness, ...messages: PutChunk[]): ClientDuplexStream<PutChunk, PutReply> {
  const call = peer.bidi(putMethod);
  for (const message of messages) call.write(message);
  call.resume();
  return call;
}

async function refusal(call: ClientDuplexStream<PutChunk, PutReply>): Promise<string> {
  const [error] = (await once(call, 'error')) as [ServiceError];
  return error.details;
}

function chunk(offset: number, payload: Uint8Array): PutChunk {
  return { offset, rawBytes: payload.byteLength, codec: 'none', payload };
}

/** A source that fails after so many bytes. */
function failing(content: Uint8Array, after: number, error: () => Error): ByteSource {
  const source = memorySource(content);
  return {
    ...source,
    read: (offset, length, lent) => (offset >= after ? Promise.reject(error()) : source.read(offset, length, lent)),
  };
}

/** A source that tells when so many bytes are asked for, and then has no more to give. */
function watched(content: Uint8Array, after: number, reached: () => void): ByteSource {
  const source = memorySource(content);
  return {
    ...source,
    read: (offset, length, lent) => {
      if (offset < after) return source.read(offset, length, lent);
      reached();
      return new Promise(() => {});
    },
  };
}

for (const from of [0, 1, 999, 1000, 1001, 9_999, 10_000]) {
  test(`an upload that broke off at byte ${from} is continued there`, async (t) => {
    const files = await startFiles(t);
    const content = noise(10_000);
    const blob = blobFor(content);
    await writeFile(join(files.dataFolder, 'partial', hexOf(blob.sha256)), content.subarray(0, from));
    t.is((await putFile(files.peer, blob, memorySource(content), { chunkBytes: CHUNK })).sentBytes, 10_000 - from);
    const got = collector();
    await getFile(files.peer, { sha256: blob.sha256 }, got.take, { chunkBytes: CHUNK });
    t.true(got.content().equals(content));
  });
}

for (const from of [0, 1, 999, 1000, 1001, 9_999, 10_000]) {
  test(`a file can be got from byte ${from}`, async (t) => {
    const { peer, store } = await startFiles(t);
    const content = noise(10_000);
    await bring(store, content, 'a');
    const got = collector();
    await getFile(peer, { name: 'a' }, got.take, { from, chunkBytes: CHUNK });
    t.true(got.content().equals(content.subarray(from)));
  });
}

test('a file can not be got from behind its end', async (t) => {
  const { peer, store } = await startFiles(t);
  await bring(store, noise(10), 'a');
  await t.throwsAsync(
    getFile(peer, { name: 'a' }, () => undefined, { from: 11 }),
    { message: /can't be read from byte 11/ },
  );
});

test('an upload of other content than announced is refused and leaves nothing', async (t) => {
  const { peer, dataFolder } = await startFiles(t);
  const content = noise(10_000);
  const blob = blobFor(content);
  content[5000]! ^= 1;
  await t.throwsAsync(putFile(peer, blob, memorySource(content), { name: 'a' }), { message: /what came is not blob/ });
  t.deepEqual(await filesBelow(dataFolder), []);
});

test('an upload that ends early is refused, nothing becomes visible, and what came is kept', async (t) => {
  const files = await startFiles(t);
  const content = noise(5000);
  const blob = blobFor(content);
  const call = rawPut(files, { ...noChunk, head: { blob: blobToWire(blob), name: 'a' } }, chunk(0, content.subarray(0, 3000)));
  call.end();
  t.regex(await refusal(call), /ended early, at byte 3000/);
  await t.throwsAsync(statFile(files.peer, { name: 'a' }), { message: /not on this device/ });
  t.is((await putFile(files.peer, blob, memorySource(content))).sentBytes, 2000);
});

const head = { ...noChunk, head: { blob: blobToWire(blobFor(noise(5000))), name: '' } };
const misuses: readonly (readonly [title: string, messages: readonly PutChunk[], said: RegExp])[] = [
  ['without a head', [chunk(0, noise(10))], /starts with a head/],
  ['of a blob without digest', [{ ...noChunk, head: { blob: undefined, name: '' } }], /blob is missing/],
  [
    'of a blob with half a digest',
    [{ ...noChunk, head: { blob: { sha256: Buffer.alloc(16), bytes: 1n }, name: '' } }],
    /SHA-256 of 32 bytes/,
  ],
  [
    'of an impossible size',
    [{ ...noChunk, head: { blob: { sha256: Buffer.alloc(32), bytes: 2n ** 63n }, name: '' } }],
    /larger than 9007199254740991/,
  ],
  [
    'larger than the disk',
    [{ ...noChunk, head: { blob: { sha256: Buffer.alloc(32), bytes: 2n ** 52n }, name: '' } }],
    /the disk has no room/,
  ],
  ['under a name that leads out', [{ ...noChunk, head: { ...head.head, name: '../../etc/cron.d/x' } }], /is not a file name/],
  ['with a gap', [head, chunk(100, noise(10))], /came for byte 100, expected 0/],
  ['of more than announced', [head, chunk(0, noise(5001))], /more bytes came/],
  ['with a chunk that is shorter than it says', [head, { ...chunk(0, noise(10)), rawBytes: 20 }], /carries 10 bytes and says it has 20/],
  ['with a chunk that says it is huge', [head, { ...chunk(0, noise(10)), codec: 'lz4', rawBytes: 2 ** 32 - 1 }], /is larger than/],
  ['with a damaged LZ4 chunk', [head, { ...chunk(0, noise(10)), codec: 'lz4', rawBytes: 100 }], /LZ4 chunk of 100 bytes is damaged/],
  ['with an unknown codec', [head, { ...chunk(0, noise(10)), codec: 'zip' }], /codec "zip" is not known/],
];
for (const [title, messages, said] of misuses) {
  test(`an upload ${title} is refused, and the agent goes on`, async (t) => {
    const files = await startFiles(t);
    t.regex(await refusal(rawPut(files, ...messages)), said);
    t.deepEqual(
      (await filesBelow(files.dataFolder)).filter((path) => !path.startsWith('partial/')),
      [],
    );
    const content = noise(100);
    await putFile(files.peer, blobFor(content), memorySource(content));
  });
}

test('an upload that the client cancels is kept for later, and nothing becomes visible', async (t) => {
  const { peer, dataFolder, store } = await startFiles(t);
  const content = noise(50_000);
  const blob = blobFor(content);
  const abort = new AbortController();
  const source = watched(content, 20_000, () => abort.abort());
  await t.throwsAsync(putFile(peer, blob, source, { name: 'a', chunkBytes: CHUNK, signal: abort.signal }), { message: 'interrupted' });
  t.false(await store.has(blob));
  t.deepEqual(
    (await filesBelow(dataFolder)).filter((path) => !path.startsWith('partial/')),
    [],
  );
  t.true((await putFile(peer, blob, memorySource(content), { name: 'a' })).sentBytes <= 50_000);
  t.true(await store.has(blob));
});

test('an upload whose source fails says why, and can be continued', async (t) => {
  const { peer, store } = await startFiles(t);
  const content = noise(10_000);
  const blob = blobFor(content);
  const source = failing(content, 5000, () => new Error('the disk reported an error'));
  await t.throwsAsync(putFile(peer, blob, source, { chunkBytes: CHUNK }), { message: 'the disk reported an error' });
  await putFile(peer, blob, memorySource(content));
  t.true(await store.has(blob));
});

test('the client hears how much has come while it sends', async (t) => {
  const { peer } = await startFiles(t);
  const content = noise(9 * 1024 * 1024);
  const seen: number[] = [];
  await putFile(peer, blobFor(content), memorySource(content), { onProgress: (bytes) => seen.push(bytes) });
  t.true(seen.length >= 4);
  t.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  );
  t.is(seen.at(-1), content.byteLength);
});

test('two uploads of one blob cost one', async (t) => {
  const { peer, store } = await startFiles(t);
  const content = noise(2_000_000);
  const blob = blobFor(content);
  const puts = await Promise.all(['a', 'b'].map((name) => putFile(peer, blob, memorySource(content), { name, chunkBytes: CHUNK })));
  t.deepEqual(
    puts.map(({ sentBytes }) => sentBytes).sort((a, b) => a - b),
    [0, 2_000_000],
  );
  for (const name of ['a', 'b']) t.deepEqual((await store.stat({ name })).blob, blob);
});

test('who waits for another upload of the blob takes over when that breaks off', async (t) => {
  const files = await startFiles(t);
  const content = noise(5000);
  const blob = blobFor(content);
  const first = rawPut(files, { ...noChunk, head: { blob: blobToWire(blob), name: '' } }, chunk(0, content.subarray(0, 3000)));
  first.on('error', () => {});
  await waitUntil('the first upload is on its way', () => files.store.receivedBytes(blob) === 3000);
  const waiting: number[] = [];
  const second = putFile(files.peer, blob, memorySource(content), { onProgress: (bytes) => waiting.push(bytes) });
  await waitUntil('the second upload hears how far the first is', () => waiting.includes(3000));
  first.cancel();
  t.is((await second).sentBytes, 2000);
});

test('a client that falls silent is given up, so that others need not wait for it', async (t) => {
  const files = await startFiles(t, { idleMs: 50 });
  const content = noise(5000);
  const blob = blobFor(content);
  const call = rawPut(files, { ...noChunk, head: { blob: blobToWire(blob), name: '' } }, chunk(0, content.subarray(0, 3000)));
  t.regex(await refusal(call), /has sent nothing for 0.05 s/);
  t.is((await putFile(files.peer, blob, memorySource(content))).sentBytes, 2000);
});

test('what is there is not sent again, and gets its name', async (t) => {
  const { peer, store } = await startFiles(t);
  const content = noise(5000);
  const blob = await bring(store, content);
  const source = failing(content, 0, () => new Error('nothing should be read'));
  t.is((await putFile(peer, blob, source, { name: 'a' })).sentBytes, 0);
  t.deepEqual((await store.stat({ name: 'a' })).blob, blob);
});

test('a source that is shorter than its blob is not sent at all', async (t) => {
  const { peer, dataFolder } = await startFiles(t);
  await t.throwsAsync(putFile(peer, blobFor(noise(10)), memorySource(noise(9))), { message: /is offered with 9 bytes/ });
  t.deepEqual(await filesBelow(dataFolder), []);
});

test('an agent that ends in the middle is reported, and its successor continues', async (t) => {
  const files = await startFiles(t);
  const content = noise(100_000);
  const blob = blobFor(content);
  let stopped: Promise<void> | undefined;
  const source = watched(content, 50_000, () => {
    stopped ??= files.stop();
  });
  await t.throwsAsync(putFile(files.peer, blob, source, { chunkBytes: CHUNK }));
  await stopped;
  const path = join(files.dataFolder, 'partial', hexOf(blob.sha256));
  await waitUntil('the broken call has ended', () => files.store.receivedBytes(blob) === 0);
  const kept = (await stat(path)).size;
  const again = await startFiles(t, { dataFolder: files.dataFolder });
  t.is((await putFile(again.peer, blob, memorySource(content))).sentBytes, 100_000 - kept);
});
