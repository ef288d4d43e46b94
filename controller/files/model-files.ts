/** The files that a model on this machine consists of, as blobs. */
import { dirname, relative } from 'node:path';
import type { Blob } from '../../mesh/files/blob.ts';
import { hashFile } from '../../mesh/files/sha256.ts';
import type { ModelBlobs } from '../../mesh/run-order.ts';
import type { Model } from '../../partition/model.ts';
import type { Payload } from '../../partition/payload.ts';

export interface ModelFiles extends ModelBlobs {
  /** Blob → where it lies here. */
  readonly paths: ReadonlyMap<Blob, string>;
}

/** Reads all of them once. */
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

function fileOf(payload: Payload): string[] {
  if (payload.kind === 'file') return [payload.path];
  return payload.kind === 'strided' ? fileOf(payload.of) : [];
}
