/**
 * A named pipe for the metrics of a program whose standard output is taken, or that writes them from a shell: each line is one of mesh/emit.ts.
 *
 *     program ──▶ $SPLITMESH_METRICS (a FIFO beside its folder) ──▶ lines
 *
 * The agent holds a writing end of its own, so that the pipe does not end when the first of several writers closes it; it ends when that is closed.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { close, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { MeshError } from '../../mesh/error.ts';

export class MetricsPipe {
  /** Closed once all has been read that was written before {@link release}. */
  readonly closed: Promise<unknown>;
  readonly #reader: Socket;
  readonly #writer: number;
  #released = false;

  private constructor(path: string, onBytes: (bytes: Buffer) => void) {
    // In this order: opening a pipe to write fails when nobody reads.
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    this.#reader = new Socket({ fd: reader, readable: true, writable: false });
    this.#reader.on('data', onBytes);
    this.#reader.on('error', () => {});
    this.closed = once(this.#reader, 'close');
  }

  /** At a path where nothing is. Error `failed`: the file system knows no pipes. */
  static async make(path: string): Promise<void> {
    await promisify(execFile)('mkfifo', ['-m', '600', path]).catch((error: Error) => {
      throw new MeshError('failed', `a pipe for metrics can't be made: ${error.message.trim()}`, { cause: error });
    });
  }

  static open(path: string, onBytes: (bytes: Buffer) => void): MetricsPipe {
    return new MetricsPipe(path, onBytes);
  }

  /** Nobody of ours writes any more. Idempotent. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    close(this.#writer);
  }

  /** What was not read is lost. Idempotent. */
  destroy(): void {
    this.release();
    this.#reader.destroy();
  }
}
