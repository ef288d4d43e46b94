/** Brings files to a device: those that are there already cost nothing. */
import type { Blob } from '../../mesh/files/blob.ts';
import { FilesPeer } from '../../mesh/files/files-peer.ts';
import { pushFile } from './push-file.ts';

export interface Bringing {
  readonly signal: AbortSignal;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Bytes there, of all. */
  readonly onProgress: (bytes: number, totalBytes: number) => void;
}

/** `paths`: blob → where it lies here. */
export async function bringFiles(
  device: { readonly name: string; readonly address: string },
  paths: ReadonlyMap<Blob, string>,
  { signal, now, onProgress }: Bringing,
): Promise<void> {
  const peer = new FilesPeer(device.address, device.name);
  const totalBytes = [...paths.keys()].reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  try {
    for (const [blob, path] of paths) {
      await pushFile(peer, {
        path,
        blob,
        name: undefined,
        source: undefined,
        signal,
        onProgress: (bytes) => onProgress(before + bytes, totalBytes),
        now,
      });
      before += blob.bytes;
    }
  } finally {
    peer.close();
  }
}
