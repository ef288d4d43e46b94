/** What this controller hands out to devices: blobs by their digest, in memory or in files of this machine. */

import { MeshError } from '../../mesh/error.ts';
import type { FileRef } from '../../mesh/files/blob.ts';
import { type Blob, formatRef, hexOf } from '../../mesh/files/blob.ts';
import { fileSource, memorySource } from '../../mesh/files/byte-source.ts';
import type { OpenedFile } from '../../mesh/files/serve-get.ts';
import { blobOf, hashFile } from '../../mesh/files/sha256.ts';

type Content = { readonly path: string } | { readonly bytes: Uint8Array };

export class BlobShelf {
  readonly #contents = new Map<string, { readonly blob: Blob; readonly content: Content }>();

  addBytes(bytes: Uint8Array): Blob {
    return this.#add(blobOf(bytes), { bytes });
  }

  /** Reads the file once for its digest; it must not change while it is on the shelf. */
  async addFile(path: string, signal: AbortSignal): Promise<Blob> {
    return this.#add(await hashFile(path, { signal }), { path });
  }

  /** Error `not-found` for whatever is not on the shelf. */
  async open(ref: FileRef): Promise<OpenedFile> {
    const found = 'sha256' in ref ? this.#contents.get(hexOf(ref.sha256)) : undefined;
    if (found === undefined) throw new MeshError('not-found', `this controller does not hand out ${formatRef(ref)}`);
    const { blob, content } = found;
    const source = 'bytes' in content ? memorySource(content.bytes) : await fileSource(content.path);
    return { entry: { name: '', blob, modifiedMs: 0 }, source };
  }

  #add(blob: Blob, content: Content): Blob {
    this.#contents.set(hexOf(blob.sha256), { blob, content });
    return blob;
  }
}
