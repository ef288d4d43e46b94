/**
 * Where the Files service keeps a complete blob: `blobs/9f/9f86d0818…`.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import { formatBlob, hexOf } from '../../mesh/files/blob.ts';
import type { FindBlob } from './workspace.ts';

export function findBlobBelow(dataFolder: string): FindBlob {
  return async (blob) => {
    const hex = hexOf(blob.sha256);
    const path = join(dataFolder, 'blobs', hex.slice(0, 2), hex);
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (found === undefined) {
      throw new MeshError('not-found', `${formatBlob(blob)} is not on this device`, { hint: 'send it there first: controller push' });
    }
    if (found.size !== blob.bytes) {
      throw new MeshError(
        'invalid',
        `${formatBlob(blob)} has ${found.size} bytes on this device: its digest and size do not belong together`,
      );
    }
    return path;
  };
}
