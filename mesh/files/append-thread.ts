/** The thread that writes and digests one large file: an appender of its own, fed by messages. See appender.ts. */
import { createHash, type Hash } from 'node:crypto';
import { fdatasync, readSync, writev } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { AppendOrder, AppendReport, AppendStart } from './append-protocol.ts';
import { LocalAppender } from './appender.ts';

const READ_BYTES = 1024 * 1024;

const { fd, offset } = workerData as AppendStart;

function report(message: AppendReport): void {
  parentPort!.postMessage(message);
}

function reportFailure(error: unknown): void {
  const { code = '', message } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
  report({ kind: 'failed', errno: code, message });
}

/** Nobody waits for this thread, so it may read without giving way. */
function digestWhatIsThere(hash: Hash): void {
  const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, offset));
  for (let done = 0; done < offset; ) {
    const bytes = readSync(fd, buffer, 0, Math.min(buffer.byteLength, offset - done), done);
    if (bytes === 0) throw new Error('the file became shorter');
    hash.update(buffer.subarray(0, bytes));
    done += bytes;
  }
}

function write(buffers: readonly Uint8Array[], position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    writev(fd, buffers, position, (error, bytes) => (error === null ? resolve(bytes) : reject(error)));
  });
}

function sync(): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
  });
}

function onWritten(bytes: Uint8Array): void {
  report({ kind: 'written', bytes: bytes.byteLength });
  // Gives the memory back now: the collector would wait until a lot has piled up.
  (bytes.buffer as ArrayBuffer).transfer(0);
}

try {
  const hash = createHash('sha256');
  digestWhatIsThere(hash);
  const appender = new LocalAppender({ offset, hash, write, sync, onWritten, onFailed: reportFailure });
  parentPort!.on('message', (order: AppendOrder) => {
    if ('bytes' in order) {
      try {
        // The owner keeps count of what waits, and is told of failures when they happen.
        appender.append(order.bytes)?.catch(() => {});
      } catch (error) {
        reportFailure(error);
      }
    } else {
      appender.digest().then((hex) => report({ kind: 'digest', hex }), reportFailure);
    }
  });
  report({ kind: 'ready' });
} catch (error) {
  reportFailure(error);
}
