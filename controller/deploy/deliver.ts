/**
 * Brings the files of a stage to its device: the device pulls them from this controller, and keeps what it has. A second stage with the
 * same file, or the next run, costs nothing.
 */
import type { Blob } from '../../mesh/files/blob.ts';
import { fetchBlob } from '../../mesh/files/fetch-blob.ts';
import { FilesPeer } from '../../mesh/files/files-peer.ts';

/** A stage has many small weights: one after the other, the way there and back would count for each. */
const FETCHES_AT_ONCE = 4;

export interface DeliveryTarget {
  readonly name: string;
  readonly address: string;
}

/** `source`: where the device reaches this controller. `onProgress`: bytes there, of all. */
export async function deliver(
  device: DeliveryTarget,
  blobs: readonly Blob[],
  source: string,
  signal: AbortSignal,
  onProgress: (bytes: number, totalBytes: number) => void,
): Promise<void> {
  const totalBytes = blobs.reduce((sum, blob) => sum + blob.bytes, 0);
  const peer = new FilesPeer(device.address, device.name);
  try {
    const waiting = [...blobs];
    const arrived = new Map<Blob, number>();
    const fetchSome = async (): Promise<void> => {
      for (let blob = waiting.shift(); blob !== undefined; blob = waiting.shift()) {
        const current = blob;
        const progress = (bytes: number): void => {
          arrived.set(current, bytes);
          onProgress(
            [...arrived.values()].reduce((sum, one) => sum + one, 0),
            totalBytes,
          );
        };
        await fetchBlob(peer, current, [source], { signal, onProgress: progress });
        progress(current.bytes);
      }
    };
    await Promise.all(Array.from({ length: FETCHES_AT_ONCE }, fetchSome));
  } finally {
    peer.close();
  }
}
