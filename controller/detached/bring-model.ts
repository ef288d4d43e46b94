/**
 * Brings a run's model to the device that keeps the run, and to another one: should the first be lost, whoever takes the run over finds it there.
 */
import { dirname, relative } from 'node:path';
import type { Presence } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Blob } from '../../mesh/files/blob.ts';
import { fetchBlob } from '../../mesh/files/fetch-blob.ts';
import { FilesPeer } from '../../mesh/files/files-peer.ts';
import { hashFile } from '../../mesh/files/sha256.ts';
import type { ModelBlobs } from '../../mesh/run-order.ts';
import type { Model } from '../../partition/model.ts';
import type { Payload } from '../../partition/payload.ts';
import { pushFile } from '../files/push-file.ts';

export interface ModelFiles extends ModelBlobs {
  /** Blob → where it lies here. */
  readonly paths: ReadonlyMap<Blob, string>;
}

/** The files that a model on this machine consists of. */
export async function modelFilesOf(path: string, { payloads }: Model, signal: AbortSignal): Promise<ModelFiles> {
  const paths = new Map<Blob, string>();
  const add = async (file: string): Promise<Blob> => {
    const blob = await hashFile(file, { signal });
    paths.set(blob, file);
    return blob;
  };
  const model = await add(path);
  const externalData = new Map<string, Blob>();
  for (const file of new Set([...payloads.values()].flatMap(fileOf))) {
    if (file !== path) externalData.set(relative(dirname(path), file), await add(file));
  }
  return { model, externalData, paths };
}

/** Sends the files to `host`; a copy goes on from there to `spare`, which does without if it must. */
export async function bringModel(
  { paths }: ModelFiles,
  host: Presence,
  spare: Presence | undefined,
  { signal, now }: { readonly signal: AbortSignal; readonly now: () => number },
): Promise<void> {
  const peer = new FilesPeer(host.device.address, host.device.name);
  try {
    for (const [blob, path] of paths) {
      await pushFile(peer, { path, blob, name: undefined, source: undefined, signal, onProgress: () => {}, now });
    }
  } finally {
    peer.close();
  }
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

function fileOf(payload: Payload): string[] {
  if (payload.kind === 'file') return [payload.path];
  return payload.kind === 'strided' ? fileOf(payload.of) : [];
}
