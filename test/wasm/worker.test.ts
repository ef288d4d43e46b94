/** A compiled module goes to worker threads, where contexts are made of it; and a worker can load one itself. */
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { loadModule, loadModuleSync } from '../../wasm/module.ts';
import { simd } from './support/builds.ts';
import { raw } from './support/compress-settings.ts';
import { sameBytes } from './support/same-bytes.ts';

const program = `
  import { parentPort, workerData } from 'node:worker_threads';
  import { Blosc2 } from ${JSON.stringify(new URL('../../wasm/blosc2.ts', import.meta.url).href)};
  const { module, bytes } = workerData;
  const blosc = await Blosc2.create(module === undefined ? {} : { module });
  const chunk = blosc.compress(bytes, { typesize: 4 });
  parentPort.postMessage(chunk, [chunk.buffer]);
`;

async function inWorker(workerData: { module?: WebAssembly.Module; bytes: Uint8Array }): Promise<Uint8Array> {
  const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
  const worker = new Worker(url, { workerData });
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
      worker.once('exit', () => reject(new Error('the worker ended without an answer')));
    });
  } finally {
    await worker.terminate();
  }
}

test('worker threads compress at the same time, with one compiled module', async (t) => {
  const inputs = [1, 2, 3].map((seed) => raw(100_000, 4, 0, seed));
  const chunks = await Promise.all(inputs.map((bytes) => inWorker({ module: loadModuleSync(), bytes })));
  for (const [i, chunk] of chunks.entries()) sameBytes(t, simd.decompress(chunk), inputs[i]!);
});

test('a worker loads the module itself', async (t) => {
  const bytes = raw(10_000, 4, 1, 4);
  sameBytes(t, simd.decompress(await inWorker({ bytes })), bytes);
  t.is(await loadModule(), loadModuleSync(), 'compiled once in a thread');
});
