/**
 * Moves a file from a source into a stream of chunks: reading runs ahead of sending, by as many buffers as there are.
 *
 *     read 1 ─ read 2 ─ read 3 ─ (waits for buffer 1) ─ read 4 …
 *         └─▶ send 1 ──────────┘
 *              └─▶ send 2 …                  a buffer is lent again when the stream has taken its bytes
 */
import { BufferSweep } from '../buffer-sweep.ts';
import type { EncodedChunk } from '../codec.ts';
import type { ByteSource } from './byte-source.ts';
import type { Chunk } from './chunk-codec.ts';
import { CHUNKS_IN_FLIGHT } from './limits.ts';

export interface PumpOptions {
  readonly from: number;
  readonly chunkBytes: number;
  encode(raw: Uint8Array): EncodedChunk;
  /** Resolves when the payload's bytes are no longer needed; rejects when the stream is gone. */
  send(chunk: Chunk): Promise<void>;
}

/** Sends everything from `from` to the end; resolves when the stream has taken it all. */
export async function pump(source: ByteSource, options: PumpOptions): Promise<void> {
  const { chunkBytes } = options;
  const sweep = new BufferSweep('sentFile');
  const room = Math.min(chunkBytes, source.bytes - options.from);
  const buffers: { bytes: Uint8Array; taken: Promise<void> }[] = [];
  for (let offset = options.from, turn = 0; offset < source.bytes; offset += chunkBytes, turn++) {
    const length = Math.min(chunkBytes, source.bytes - offset);
    const index = turn % CHUNKS_IN_FLIGHT;
    buffers[index] ??= { bytes: Buffer.allocUnsafeSlow(room), taken: Promise.resolve() };
    const buffer = buffers[index];
    await buffer.taken;
    const raw = await source.read(offset, length, buffer.bytes);
    const { codec, payload } = options.encode(raw);
    buffer.taken = options.send({ offset, rawBytes: length, codec, payload });
    // Awaited when the buffer's turn comes, or below; until then a failure must not count as unhandled.
    buffer.taken.catch(() => {});
    sweep.moved(length);
  }
  await Promise.all(buffers.map((buffer) => buffer.taken));
}
