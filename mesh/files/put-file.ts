/**
 * Puts a blob on a device by sending it: for a client that the device cannot reach; otherwise let it fetch, which is faster.
 *
 *     client ── head ──▶ device      ◀── continue at N ──        (or: waiting …, or: done, it is here already)
 *            ── chunks from N ──▶    ◀── waiting, has M … ── done ──    (checked, durable, visible)
 */
import type { PutReply } from '../../proto/gen/mesh/v1/files.ts';
import { fileCodecs } from '../codec/registry.ts';
import { MeshError } from '../error.ts';
import { numberFromWire } from '../wire-number.ts';
import { throwIfAborted } from './abort.ts';
import { type Blob, formatBlob } from './blob.ts';
import type { ByteSource } from './byte-source.ts';
import { CallGuard, type GuardOptions } from './call-guard.ts';
import { noChunk, type PutChunk } from './chunk-codec.ts';
import { ChunkEncoder, commonCodecs } from './chunk-encoder.ts';
import { chunkWriter } from './chunk-writer.ts';
import { type FilesPeer, withPeer } from './files-peer.ts';
import { CHUNK_BYTES } from './limits.ts';
import { putMethod } from './method.ts';
import { pump } from './pump.ts';
import { SentFrames } from './sent-frames.ts';
import { blobToWire } from './wire.ts';

export interface PutOptions extends GuardOptions {
  /** Also give it this name on the device. */
  readonly name?: string | undefined;
  readonly chunkBytes?: number;
  /** Bytes of the blob that are on the device, counted from its start. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
  /** Milliseconds, monotonic: to see whether encoding pays. Absent: nothing is encoded. */
  readonly now?: (() => number) | undefined;
}

export interface Put {
  /** What was sent; 0: it was there already. */
  readonly sentBytes: number;
}

/**
 * Resolves when the blob is complete, checked and durable on the device. `source` is not closed.
 * Errors: `invalid` when the content is not the blob; `exhausted` when the device has no room; `unreachable`, `timeout`, `cancelled`.
 */
export function putFile(peer: FilesPeer | string, blob: Blob, source: ByteSource, options: PutOptions = {}): Promise<Put> {
  return withPeer(peer, (to) => put(to, blob, source, options));
}

async function put(peer: FilesPeer, blob: Blob, source: ByteSource, options: PutOptions): Promise<Put> {
  throwIfAborted(options.signal);
  if (source.bytes !== blob.bytes) throw new MeshError('invalid', `${formatBlob(blob)} is offered with ${source.bytes} bytes of content`);
  const call = peer.bidi(putMethod);
  const guard = new CallGuard(call, peer, options);
  const frames = new SentFrames();
  const replies = call[Symbol.asyncIterator]() as AsyncIterator<PutReply>;
  const nextReply = async (): Promise<PutReply> => {
    for (;;) {
      const { done, value } = await replies.next();
      if (done === true) throw new MeshError('lost', `${peer.label} ended the upload without a word`);
      guard.beat();
      const there = numberFromWire(value.offset, 'the offset');
      frames.received(there);
      options.onProgress?.(there);
      if (!value.waiting) return value;
    }
  };
  const write = chunkWriter<PutChunk>(call, 'error', 'status');
  try {
    await write({ ...noChunk, head: { blob: blobToWire(blob), name: options.name ?? '' } });
    const start = await nextReply();
    if (start.done) return { sentBytes: 0 };
    const from = numberFromWire(start.offset, 'the offset');
    if (from > blob.bytes) throw new MeshError('invalid', `${peer.label} wants ${formatBlob(blob)} from byte ${from} on`);
    // When the call has ended, sending ends with it: its next write is refused.
    void send(source, write, { from, codecs: start.codecs, frames, guard, options }).then(
      () => {
        call.end();
      },
      (error) => guard.end(MeshError.from(error)),
    );
    const last = await nextReply();
    if (!last.done) throw new MeshError('invalid', `${peer.label} answered the end of an upload with something else`);
    return { sentBytes: blob.bytes - from };
  } catch (error) {
    throw guard.errorFrom(error);
  } finally {
    guard.release();
  }
}

interface SendOptions {
  readonly from: number;
  readonly codecs: readonly string[];
  readonly frames: SentFrames;
  readonly guard: CallGuard;
  readonly options: PutOptions;
}

async function send(
  source: ByteSource,
  write: (chunk: PutChunk) => Promise<void>,
  { from, codecs, frames, guard, options }: SendOptions,
): Promise<void> {
  const { now } = options;
  const encoder = new ChunkEncoder(now === undefined ? new Map() : commonCodecs(fileCodecs, codecs), now ?? (() => 0));
  await pump(source, {
    from,
    chunkBytes: options.chunkBytes ?? CHUNK_BYTES,
    encode: (raw) => encoder.encode(raw),
    send: async (chunk) => {
      const frame = frames.next(chunk.offset + chunk.rawBytes);
      await encoder.measured(chunk.payload.byteLength, write({ ...chunk, frame }));
      guard.beat();
    },
  });
}
