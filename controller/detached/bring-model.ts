/**
 * Brings a run's model to the device that keeps the run, and to another one: should the first be lost, whoever takes the run over finds it there.
 */
import type { Presence } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Blob } from '../../mesh/files/blob.ts';
import { fetchBlob } from '../../mesh/files/fetch-blob.ts';
import { FilesPeer } from '../../mesh/files/files-peer.ts';
import { bringFiles } from '../files/bring-files.ts';
import type { ModelFiles } from '../files/model-files.ts';

/** Sends the files to `host`; a copy goes on from there to `spare`, which does without if it must. */
export async function bringModel(
  { paths }: ModelFiles,
  host: Presence,
  spare: Presence | undefined,
  { signal, now }: { readonly signal: AbortSignal; readonly now: () => number },
): Promise<void> {
  await bringFiles(host.device, paths, { signal, now, onProgress: () => {} });
  if (spare !== undefined) await fetchModel([...paths.keys()], spare, [host], signal).catch(() => {});
}

/** Has a device get the files from others that may have them. Error `not-found` when none has. */
export async function fetchModel(blobs: readonly Blob[], to: Presence, from: readonly Presence[], signal: AbortSignal): Promise<void> {
  const peer = new FilesPeer(to.device.address, to.device.name);
  const sources = from.map(({ device }) => device.address);
  try {
    for (const blob of blobs) await fetchBlob(peer, blob, sources, { signal });
  } catch (error) {
    throw new MeshError(
      'not-found',
      `${to.device.name} can't get the run's model from the other devices: ${MeshError.from(error).message}`,
      {
        cause: error,
      },
    );
  } finally {
    peer.close();
  }
}
