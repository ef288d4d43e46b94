/** The thread that writes and digests one large file: see appender.ts. Everything is done at once and in order; nobody waits for this thread. */
import { createHash } from 'node:crypto';
import { readSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { AppendOrder, AppendReport, AppendStart } from './append-protocol.ts';

const READ_BYTES = 1024 * 1024;

const { fd, offset: before } = workerData as AppendStart;
const hash = createHash('sha256');
let offset = 0;
let failed = false;

function report(message: AppendReport): void {
  parentPort!.postMessage(message);
}

function guarded(work: () => void): void {
  if (failed) return;
  try {
    work();
  } catch (error) {
    failed = true;
    const { code = '', message } = error as NodeJS.ErrnoException;
    report({ kind: 'failed', errno: code, message });
  }
}

function digestWhatIsThere(): void {
  const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, before));
  while (offset < before) {
    const bytes = readSync(fd, buffer, 0, Math.min(buffer.byteLength, before - offset), offset);
    if (bytes === 0) throw new Error('the file became shorter');
    hash.update(buffer.subarray(0, bytes));
    offset += bytes;
  }
}

function append(bytes: Uint8Array): void {
  for (let done = 0; done < bytes.byteLength; ) done += writeSync(fd, bytes, done, bytes.byteLength - done, offset + done);
  offset += bytes.byteLength;
  hash.update(bytes);
  report({ kind: 'written', bytes: bytes.byteLength });
  // Gives the memory back now: the collector would wait until a lot has piled up.
  (bytes.buffer as ArrayBuffer).transfer(0);
}

parentPort!.on('message', (order: AppendOrder) => {
  guarded(() => {
    if ('bytes' in order) append(order.bytes);
    else report({ kind: 'digest', hex: hash.digest('hex') });
  });
});
guarded(() => {
  digestWhatIsThere();
  report({ kind: 'ready' });
});
