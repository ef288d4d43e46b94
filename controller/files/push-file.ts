/**
 * Brings a file of this machine to a device. The device pulls it from us, which is faster; when it can't reach us, we send it.
 *
 *     fetch: device ──get──▶ our server          unreachable from there: put: us ──chunks──▶ device
 */
import { MeshError } from '../../mesh/error.ts';
import type { Blob } from '../../mesh/files/blob.ts';
import { fileSource } from '../../mesh/files/byte-source.ts';
import { fetchBlob } from '../../mesh/files/fetch-blob.ts';
import type { FilesPeer } from '../../mesh/files/files-peer.ts';
import { putFile } from '../../mesh/files/put-file.ts';

export interface PushOptions {
  readonly path: string;
  readonly blob: Blob;
  /** What it is called on the device; undefined: it gets no name. */
  readonly name: string | undefined;
  /** `host:port` where the device may get the blob from us; undefined: it is sent. */
  readonly source: string | undefined;
  readonly signal: AbortSignal;
  /** Bytes on the device. */
  readonly onProgress: (bytes: number) => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** `there`: the device had it already. */
export type PushedHow = 'fetched' | 'sent' | 'there';

export async function pushFile(peer: FilesPeer, options: PushOptions): Promise<PushedHow> {
  const { blob, name, source, signal, onProgress } = options;
  if (source !== undefined) {
    try {
      const { source: from } = await fetchBlob(peer, blob, [source], { name, signal, onProgress });
      return from === '' ? 'there' : 'fetched';
    } catch (error) {
      if (!cannotReachUs(error)) throw error;
    }
  }
  const content = await fileSource(options.path);
  try {
    const { sentBytes } = await putFile(peer, blob, content, { name, signal, onProgress, now: options.now });
    return sentBytes === 0 && blob.bytes > 0 ? 'there' : 'sent';
  } finally {
    await content.close();
  }
}

/** When it is the device itself that can't be reached, sending will say so. */
function cannotReachUs(error: unknown): boolean {
  return error instanceof MeshError && (error.code === 'unreachable' || error.code === 'timeout' || error.code === 'lost');
}
