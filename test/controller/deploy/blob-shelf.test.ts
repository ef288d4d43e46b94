import { createHash } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { BlobShelf } from '../../../controller/deploy/blob-shelf.ts';

async function withFile(work: (path: string, content: Buffer) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'shelf-test-'));
  try {
    const content = Buffer.from(Uint8Array.from({ length: 5000 }, (_, index) => (index * 31) & 0xff));
    const path = join(folder, 'weights');
    await writeFile(path, content);
    await work(path, content);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function shelfWith(path: string, content: Buffer) {
  const bytes = Buffer.from('a model');
  const weight = content.subarray(10, 110);
  const shelf = new BlobShelf();
  const stage = shelf.add({
    model: { name: 'model.onnx', sha256: sha256(bytes), bytes: bytes.length, content: { kind: 'memory', bytes } },
    weights: [{ name: 'w.bin', sha256: sha256(weight), bytes: weight.length, content: { kind: 'file', path, offset: 10, length: 100 } }],
  });
  return { shelf, stage, weight };
}

test('a weight is read from its range of the model file, from any offset', (t) =>
  withFile(async (path, content) => {
    const { shelf, stage, weight } = shelfWith(path, content);
    const blob = stage.externalData['w.bin']!;
    t.is(Buffer.from(blob.sha256).toString('hex'), sha256(weight));
    const { entry, source } = await shelf.open({ sha256: blob.sha256 });
    t.is(entry.blob.bytes, 100);
    t.is(source.bytes, 100);
    t.deepEqual(Buffer.from(await source.read(40, 60, new Uint8Array(64))), weight.subarray(40, 100));
    await source.close();
  }));

test('nothing is handed out but what is on the shelf', (t) =>
  withFile(async (path, content) => {
    const { shelf } = shelfWith(path, content);
    await t.throwsAsync(shelf.open({ sha256: new Uint8Array(32) }), { code: 'not-found' });
    await t.throwsAsync(shelf.open({ name: '../etc/passwd' }), { code: 'not-found' });
  }));

test('a model file that became shorter is an error, not an endless read', (t) =>
  withFile(async (path, content) => {
    const { shelf, stage } = shelfWith(path, content);
    const { source } = await shelf.open({ sha256: stage.externalData['w.bin']!.sha256 });
    await truncate(path, 50);
    await t.throwsAsync(source.read(0, 100, new Uint8Array(100)), { code: 'lost' });
    await source.close();
  }));
