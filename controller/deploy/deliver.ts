/**
 * Brings the files of a stage to its device: the device pulls them from this controller, and keeps what it has. A second stage with the
 * same file, or the next run, costs nothing.
 */
import type { Blob } from '../../mesh/files/blob.ts';
import { fetchBlob } from '../../mesh/files/fetch-blob.ts';
import { FilesPeer } from '../../mesh/files/files-peer.ts';

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
    let before = 0;
    for (const blob of blobs) {
      await fetchBlob(peer, blob, [source], { signal, onProgress: (bytes) => onProgress(before + bytes, totalBytes) });
      before += blob.bytes;
    }
    onProgress(totalBytes, totalBytes);
  } finally {
    peer.close();
  }
}
