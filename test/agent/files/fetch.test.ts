import { chmod, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerWritableStream } from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import { lz4 } from '../../../mesh/codec/lz4.ts';
import type { Codec } from '../../../mesh/codec.ts';
import type { Blob } from '../../../mesh/files/blob.ts';
import { type ByteSource, memorySource } from '../../../mesh/files/byte-source.ts';
import type { GetChunk } from '../../../mesh/files/chunk-codec.ts';
import { fetchBlob } from '../../../mesh/files/fetch-blob.ts';
import { getMethod } from '../../../mesh/files/method.ts';
import { type ServeGetOptions, serveGet } from '../../../mesh/files/serve-get.ts';
import { GrpcServer } from '../../../mesh/grpc/server.ts';
import type { GetRequest } from '../../../proto/gen/mesh/v1/files.ts';
import { startRelay } from '../../helpers/relay.ts';
import { waitUntil } from '../../helpers/wait-until.ts';
import { blobFor, bring, filesBelow, noise, startFiles } from './harness.ts';

interface Holder {
  readonly address: string;
  /** Where each Get began. */
  readonly offsets: number[];
}

/** A holder of one blob whose bytes come from `source`. */
async function startHolder(
  t: ExecutionContext,
  blob: Blob,
  source: ByteSource,
  options: Pick<ServeGetOptions, 'codecs' | 'now'> = { codecs: new Map(), now: () => 0 },
): Promise<Holder> {
  const offsets: number[] = [];
  const server = await GrpcServer.listen('127.0.0.1:0', { insecure: false }, (grpc) => {
    grpc.addService(
      { get: getMethod },
      {
        get: (call: ServerWritableStream<GetRequest, GetChunk>) => {
          offsets.push(Number(call.request.offset));
          void serveGet(call, {
            open: async () => ({ entry: { name: '', blob, modifiedMs: 0 }, source }),
            ...options,
          });
        },
      },
    );
  });
  t.teardown(() => server.stop(0));
  return { address: server.address, offsets };
}

/** Reads like `content` until byte `until`, where `then` decides. */
function until(content: Uint8Array, byte: number, then: () => Promise<never>): ByteSource {
  const source = memorySource(content);
  return { ...source, read: (offset, length, lent) => (offset >= byte ? then() : source.read(offset, length, lent)) };
}

const SIZE = 4 * 1024 * 1024;
const content = noise(SIZE);
const blob = blobFor(content);

test('a source that fails is left for the next, which continues where it stopped', async (t) => {
  const broken = await startHolder(
    t,
    blob,
    until(content, SIZE / 2, () => Promise.reject(new Error('bad sector'))),
  );
  const good = await startHolder(t, blob, memorySource(content));
  const { peer, store } = await startFiles(t);
  t.is((await fetchBlob(peer, blob, ['127.0.0.1:1', broken.address, good.address])).source, good.address);
  t.deepEqual(good.offsets, [SIZE / 2]);
  t.true(await store.has(blob));
});

test('a source that sends something else is left for the next, which starts from nothing', async (t) => {
  const wrong = await startHolder(t, blob, memorySource(noise(SIZE, 99)));
  const good = await startHolder(t, blob, memorySource(content));
  const { peer, store } = await startFiles(t);
  t.is((await fetchBlob(peer, blob, [wrong.address, good.address])).source, good.address);
  t.deepEqual(good.offsets, [0]);
  t.true(await store.has(blob));
});

test('when only something else is offered, nothing becomes visible', async (t) => {
  const wrong = await startHolder(t, blob, memorySource(noise(SIZE, 99)));
  const { peer, dataFolder } = await startFiles(t);
  await t.throwsAsync(fetchBlob(peer, blob, [wrong.address], { name: 'a' }), { message: /what came is not blob/ });
  t.deepEqual(
    (await filesBelow(dataFolder)).filter((path) => !path.startsWith('partial/')),
    [],
  );
});

test('a source whose blob has another size is not asked for its bytes', async (t) => {
  const other = await startHolder(t, { ...blob, bytes: 5 }, memorySource(noise(5)));
  const { peer } = await startFiles(t);
  await t.throwsAsync(fetchBlob(peer, blob, [other.address]), { message: /has 5 bytes for blob/ });
});

test('when no source can be reached, that is said of each', async (t) => {
  const { peer } = await startFiles(t);
  const error = await t.throwsAsync(fetchBlob(peer, blob, ['127.0.0.1:1', '127.0.0.1:2']));
  t.like(error, { code: 'unreachable' });
  t.regex(error!.message, /127\.0\.0\.1:1.*127\.0\.0\.1:2/);
});

test('a fetch without sources finds what is there, or says that it is not', async (t) => {
  const { peer, store } = await startFiles(t);
  await t.throwsAsync(fetchBlob(peer, blob, []), { message: /not here, and no source was named/ });
  await bring(store, content);
  t.is((await fetchBlob(peer, blob, [], { name: 'a' })).source, '');
  t.deepEqual((await store.stat({ name: 'a' })).blob, blob);
});

test('a source that is no address is refused', async (t) => {
  const { peer } = await startFiles(t);
  await t.throwsAsync(fetchBlob(peer, blob, ['http://x']), { message: /is not HOST:PORT/ });
});

test('two fetches of one blob cost one', async (t) => {
  const holder = await startHolder(t, blob, memorySource(content));
  const { peer, store } = await startFiles(t);
  const sources = await Promise.all(['a', 'b', 'c'].map((name) => fetchBlob(peer, blob, [holder.address], { name })));
  t.deepEqual(sources.map(({ source }) => source).sort(), ['', '', holder.address]);
  t.is(holder.offsets.length, 1);
  for (const name of ['a', 'b', 'c']) t.deepEqual((await store.stat({ name })).blob, blob);
});

test('a fetch that is cancelled is kept, and whoever waited continues it', async (t) => {
  const stuck = await startHolder(
    t,
    blob,
    until(content, SIZE / 2, () => new Promise(() => {})),
  );
  const good = await startHolder(t, blob, memorySource(content));
  const { peer, store } = await startFiles(t);
  const abort = new AbortController();
  const first = fetchBlob(peer, blob, [stuck.address], { signal: abort.signal });
  await waitUntil('half of it is here', () => store.receivedBytes(blob) === SIZE / 2);
  const second = fetchBlob(peer, blob, [good.address]);
  abort.abort();
  await t.throwsAsync(first, { message: 'interrupted' });
  t.is((await second).source, good.address);
  t.deepEqual(good.offsets, [SIZE / 2]);
});

test('a source that falls silent is left for the next', async (t) => {
  const silent = await startHolder(
    t,
    blob,
    until(content, SIZE / 2, () => new Promise(() => {})),
  );
  const good = await startHolder(t, blob, memorySource(content));
  const { peer } = await startFiles(t, { idleMs: 1500 });
  t.is((await fetchBlob(peer, blob, [silent.address, good.address])).source, good.address);
});

test('a cable that is pulled in the middle is noticed, and the fetch is continued when it is back', async (t) => {
  const holder = await startHolder(t, blob, memorySource(content));
  const relay = await startRelay(t, holder.address);
  const { peer, store } = await startFiles(t);
  let cut = false;
  const watch = waitUntil('some of it is here', () => store.receivedBytes(blob) > 0).then(() => {
    cut = true;
    relay.cut();
  });
  const fetching = fetchBlob(peer, blob, [relay.address]).then(
    () => undefined,
    (error: Error) => error,
  );
  await watch;
  const error = await fetching;
  t.true(cut);
  relay.mend();
  // The connection may also have been faster than the scissors.
  if (error !== undefined) t.like(error, { name: 'MeshError' });
  await fetchBlob(peer, blob, [relay.address]);
  t.true(await store.has(blob));
});

test('a blob that disappears from its holder can not be got', async (t) => {
  const holder = await startFiles(t);
  await bring(holder.store, content);
  await rename(await holder.store.pathOf(blob), join(holder.dataFolder, 'gone'));
  const { peer } = await startFiles(t);
  await t.throwsAsync(fetchBlob(peer, blob, [holder.address]), { message: /not on this device/ });
});

test('a holder whose file was cut short says so', async (t) => {
  const holder = await startFiles(t);
  await bring(holder.store, content);
  const path = await holder.store.pathOf(blob);
  await chmod(path, 0o600);
  await writeFile(path, content.subarray(0, 100));
  const { peer, dataFolder } = await startFiles(t);
  await t.throwsAsync(fetchBlob(peer, blob, [holder.address]), { message: /has 100 bytes for/ });
  t.deepEqual(
    (await filesBelow(dataFolder)).filter((file) => !file.startsWith('partial/')),
    [],
  );
});

test('content that shrinks well crosses a slow link encoded', async (t) => {
  const text = Buffer.alloc(24 * 1024 * 1024, 'a sentence that comes again and again; ');
  const big = blobFor(text);
  // By this clock the link carries 5 MB/s, and encoding takes no time.
  let clockMs = 0;
  const slow = memorySource(text);
  const source: ByteSource = {
    ...slow,
    read: (offset, length, lent) => {
      clockMs += 100;
      return slow.read(offset, length, lent);
    },
  };
  let encoded = 0;
  const counting: Codec = {
    ...lz4,
    encode: (raw, layout) => {
      encoded += 1;
      return lz4.encode(raw, layout);
    },
  };
  const holder = await startHolder(t, big, source, { codecs: new Map([['lz4', counting]]), now: () => clockMs });
  const { peer, store } = await startFiles(t);
  await fetchBlob(peer, big, [holder.address]);
  t.true(await store.has(big));
  t.true(encoded > 1);
});
