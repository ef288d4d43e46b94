/**
 * A model's files in a folder of their own, under the names the model uses.
 *
 * The files are hard links to blobs: no bytes are copied, and a blob that is deleted meanwhile stays until the folder is gone. (Symbolic
 * links would not do: ONNX Runtime refuses external data that really lies outside the model's folder.) Where the file system has no hard
 * links they are copied.
 */
import { constants } from 'node:fs';
import { copyFile, link, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import type { Blob } from '../../mesh/files/blob.ts';
import type { ModelBlobs } from '../../mesh/run-order.ts';

/** Path of a complete blob on this device. Error `not-found` when it is not here. */
export type FindBlob = (blob: Blob) => Promise<string>;

/** Makes the folder. Returns the path of the model. Errors: `not-found` for a missing blob, `invalid` for a name that is none; the file system's own. */
export async function placeModel({ model, externalData }: ModelBlobs, folder: string, findBlob: FindBlob): Promise<string> {
  const names = [...externalData.keys()];
  for (const name of names) checkRelativeName(name);
  await mkdir(folder, { recursive: true });
  const path = join(folder, names.includes('model.onnx') ? 'stage-model.onnx' : 'model.onnx');
  await place(await findBlob(model), path);
  for (const [name, blob] of externalData) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await place(await findBlob(blob), join(folder, name));
  }
  return path;
}

/** Error `invalid` when the name could mean a file outside the folder it is relative to. */
export function checkRelativeName(name: string): void {
  const parts = name.split('/');
  const plain = parts.every((part) => part !== '' && part !== '.' && part !== '..' && Buffer.byteLength(part) <= 255);
  if (!plain || name.includes('\0') || name.includes('\\') || name.length > 1024) {
    throw new MeshError(
      'invalid',
      `external data "${name.slice(0, 80)}" is not a relative name: expected parts joined by /, without . and ..`,
    );
  }
}

/** Links a blob to a path, or copies it where links are not possible. */
export async function place(blob: string, path: string): Promise<void> {
  try {
    await link(blob, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EMLINK') throw error;
    await copyFile(blob, path, constants.COPYFILE_EXCL);
  }
}
