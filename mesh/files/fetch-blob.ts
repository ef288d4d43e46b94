/** Tells a device to pull a blob from whoever holds it, and follows how far it is. */
import { FetchRequest, FilesService } from '../../proto/gen/mesh/v1/files.ts';
import { MeshError } from '../error.ts';
import { numberFromWire } from '../wire-number.ts';
import { throwIfAborted } from './abort.ts';
import type { Blob } from './blob.ts';
import { CallGuard, type GuardOptions } from './call-guard.ts';
import { type FilesPeer, withPeer } from './files-peer.ts';
import { blobToWire } from './wire.ts';

export interface FetchOptions extends GuardOptions {
  /** Also give it this name on the device. */
  readonly name?: string | undefined;
  /** Bytes of the blob that are on the device. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

export interface Fetched {
  /** The holder it came from; empty: it was there already. */
  readonly source: string;
}

/**
 * Resolves when the blob is complete, checked and durable on the device. `sources` are `host:port`, as the device reaches them, tried in order.
 * Errors: `unreachable` when the device, or from there every source, can't be reached; `invalid`, `exhausted`, `timeout`, `cancelled`.
 */
export function fetchBlob(peer: FilesPeer | string, blob: Blob, sources: readonly string[], options: FetchOptions = {}): Promise<Fetched> {
  return withPeer(peer, (to) => fetch(to, blob, sources, options));
}

async function fetch(peer: FilesPeer, blob: Blob, sources: readonly string[], options: FetchOptions): Promise<Fetched> {
  throwIfAborted(options.signal);
  const request = FetchRequest.fromPartial({ blob: blobToWire(blob), name: options.name ?? '', sources: [...sources] });
  const call = peer.serverStream(FilesService.fetch, request);
  const guard = new CallGuard(call, peer, options);
  try {
    for await (const reply of call) {
      guard.beat();
      options.onProgress?.(numberFromWire(reply.bytes, 'bytes'));
      if (reply.done) return { source: reply.source };
    }
    throw new MeshError('lost', `${peer.label} ended the fetch without a word`);
  } catch (error) {
    throw guard.errorFrom(error);
  } finally {
    guard.release();
  }
}
