/** What this controller hands out to devices: models by their digest, in pieces of memory and files of this machine. */
import { createHash } from 'node:crypto';
import { MeshError } from '../../mesh/error.ts';
import { type Blob, type FileRef, formatRef, hexOf } from '../../mesh/files/blob.ts';
import type { OpenedFile } from '../../mesh/files/serve-get.ts';
import { hashSource } from '../../mesh/files/sha256.ts';
import { type Piece, partsSource } from './parts-source.ts';

export class BlobShelf {
  readonly #contents = new Map<string, { readonly blob: Blob; readonly parts: readonly Piece[] }>();

  /** Reads everything once for the digest; files must not change while they are on the shelf. */
  async add(parts: readonly Piece[], signal?: AbortSignal): Promise<Blob> {
    const source = partsSource(parts);
    try {
      const hash = createHash('sha256');
      await hashSource(hash, source, source.bytes, { signal });
      const blob = { sha256: new Uint8Array(hash.digest()), bytes: source.bytes };
      this.#contents.set(hexOf(blob.sha256), { blob, parts });
      return blob;
    } finally {
      await source.close();
    }
  }

  /** Error `not-found` for whatever is not on the shelf. */
  async open(ref: FileRef): Promise<OpenedFile> {
    const found = 'sha256' in ref ? this.#contents.get(hexOf(ref.sha256)) : undefined;
    if (found === undefined) throw new MeshError('not-found', `this controller does not hand out ${formatRef(ref)}`);
    return { entry: { name: '', blob: found.blob, modifiedMs: 0 }, source: partsSource(found.parts) };
  }
}
