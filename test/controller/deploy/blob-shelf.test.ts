import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { BlobShelf } from '../../../controller/deploy/blob-shelf.ts';
import { type Piece, partsSource } from '../../../controller/deploy/parts-source.ts';

async function withFile(work: (path: string, content: Uint8Array) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'shelf-test-'));
  try {
    const content = Uint8Array.from({ length: 5000 }, (_, index) => (index * 31) & 0xff);
    const path = join(folder, 'weights');
    await writeFile(path, content);
    await work(path, content);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('any range of a model in pieces reads as the whole would', (t) =>
  withFile(async (path, content) => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 50 }).map((bytes): Piece => ({ kind: 'memory', bytes })),
      fc.tuple(fc.nat(4000), fc.nat(900)).map(([offset, length]): Piece => ({ kind: 'file', path, offset, length })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), fc.nat(), fc.nat(), async (parts, a, b) => {
        const whole = Buffer.concat(
          parts.map((part) => (part.kind === 'memory' ? part.bytes : content.subarray(part.offset, part.offset + part.length))),
        );
        const source = partsSource(parts);
        try {
          const offset = a % (whole.length + 1);
          const length = b % (whole.length - offset + 1);
          const read = await source.read(offset, length, new Uint8Array(length + 3));
          return source.bytes === whole.length && Buffer.compare(read, whole.subarray(offset, offset + length)) === 0;
        } finally {
          await source.close();
        }
      }),
      { numRuns: 60 },
    );
    t.pass();
  }));

test('a blob is found by the digest of its pieces, and nothing else is handed out', (t) =>
  withFile(async (path, content) => {
    const shelf = new BlobShelf();
    const blob = await shelf.add([
      { kind: 'memory', bytes: new Uint8Array([1, 2]) },
      { kind: 'file', path, offset: 10, length: 100 },
    ]);
    const whole = Buffer.concat([new Uint8Array([1, 2]), content.subarray(10, 110)]);
    t.deepEqual(Buffer.from(blob.sha256), createHash('sha256').update(whole).digest());
    const { entry, source } = await shelf.open({ sha256: blob.sha256 });
    t.is(entry.blob.bytes, 102);
    await source.close();
    await t.throwsAsync(shelf.open({ sha256: new Uint8Array(32) }), { code: 'not-found' });
    await t.throwsAsync(shelf.open({ name: '../etc/passwd' }), { code: 'not-found' });
  }));

test('a file that became shorter is an error, not an endless read', (t) =>
  withFile(async (path) => {
    const source = partsSource([{ kind: 'file', path, offset: 4990, length: 100 }]);
    await t.throwsAsync(source.read(0, 100, new Uint8Array(100)), { code: 'lost' });
    await source.close();
  }));
