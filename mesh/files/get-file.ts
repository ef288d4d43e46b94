/** Gets a file of a device: the chunks are checked, decoded and handed on in order, as fast as they are taken. */
import { GetRequest } from '../../proto/gen/mesh/v1/files.ts';
import { BufferSweep } from '../buffer-sweep.ts';
import { decodeChunk, fileCodecs } from '../codec/registry.ts';
import { MeshError } from '../error.ts';
import { throwIfAborted } from './abort.ts';
import type { FileEntry, FileRef } from './blob.ts';
import { CallGuard, type GuardOptions } from './call-guard.ts';
import { type FilesPeer, withPeer } from './files-peer.ts';
import { CHUNK_BYTES, CHUNK_BYTES_MAX } from './limits.ts';
import { getMethod } from './method.ts';
import { entryFromWire, refToWire } from './wire.ts';

export interface GetOptions extends GuardOptions {
  /** Where to start, bytes. */
  readonly from?: number;
  readonly chunkBytes?: number;
  /** Called first: what the file is, before any of its bytes. What it throws ends the call. */
  readonly onEntry?: ((entry: FileEntry) => void | Promise<void>) | undefined;
  /** Bytes of the file that are here, counted from its start. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** Takes the bytes in order; the promise, if there is one, is waited for before more are handed over. The bytes are the taker's to keep. */
export type TakeBytes = (bytes: Uint8Array) => Promise<void> | undefined;

/**
 * Streams the file from `from` to its end into `take`. The content is not digested here: who keeps the bytes does that.
 * Errors: `not-found`; `unreachable` or `timeout` when the peer is silent; `lost` when the stream ended early; `cancelled`; what `take` throws.
 */
export function getFile(peer: FilesPeer | string, ref: FileRef, take: TakeBytes, options: GetOptions = {}): Promise<FileEntry> {
  return withPeer(peer, (to) => get(to, ref, take, options));
}

async function get(peer: FilesPeer, ref: FileRef, take: TakeBytes, options: GetOptions): Promise<FileEntry> {
  throwIfAborted(options.signal);
  let offset = options.from ?? 0;
  const chunkBytes = options.chunkBytes ?? CHUNK_BYTES;
  const call = peer.serverStream(
    getMethod,
    GetRequest.fromPartial({ file: refToWire(ref), offset: BigInt(offset), chunkBytes, codecs: [...fileCodecs.keys()] }),
  );
  const guard = new CallGuard(call, peer, options);
  let entry: FileEntry | undefined;
  const sweep = new BufferSweep('receivedFile');
  try {
    for await (const chunk of call) {
      guard.beat();
      if (entry === undefined) {
        entry = entryFromWire(chunk.entry);
        const held = options.onEntry?.(entry);
        if (held !== undefined) await guard.hold(held);
      }
      if (chunk.offset !== offset) throw new MeshError('invalid', `${peer.label} sent byte ${chunk.offset} where ${offset} was expected`);
      if (chunk.rawBytes === 0) continue;
      const raw = decodeChunk(fileCodecs, chunk, CHUNK_BYTES_MAX);
      offset += raw.byteLength;
      const taken = take(raw);
      if (taken !== undefined) await guard.hold(taken);
      sweep.moved(raw.byteLength);
      options.onProgress?.(offset);
    }
    if (entry === undefined) throw new MeshError('lost', `${peer.label} ended the transfer before it began`);
    if (offset !== entry.blob.bytes) {
      throw new MeshError('lost', `${peer.label} ended the transfer at byte ${offset} of ${entry.blob.bytes}`);
    }
    return entry;
  } catch (error) {
    throw guard.errorFrom(error);
  } finally {
    guard.release();
  }
}
