/** Files of this machine that a device may get from us, by the SHA-256 of their content. Nothing else is given away. */
import { MeshError } from '../../mesh/error.ts';
import { type Blob, type FileRef, formatRef, hexOf } from '../../mesh/files/blob.ts';
import { fileSource } from '../../mesh/files/byte-source.ts';
import type { OpenedFile } from '../../mesh/files/serve-get.ts';

export class OfferedFiles {
  readonly #files = new Map<string, { readonly path: string; readonly blob: Blob }>();

  add(path: string, blob: Blob): void {
    this.#files.set(hexOf(blob.sha256), { path, blob });
  }

  /** Errors: `not-found` for what is not offered, `invalid` for a file that changed since. */
  async open(ref: FileRef): Promise<OpenedFile> {
    const found = 'sha256' in ref ? this.#files.get(hexOf(ref.sha256)) : undefined;
    if (found === undefined) throw new MeshError('not-found', `this controller does not offer ${formatRef(ref)}`);
    const { path, blob } = found;
    const source = await fileSource(path);
    if (source.bytes !== blob.bytes) {
      await source.close();
      throw new MeshError('invalid', `${path} changed while it was copied: it has ${source.bytes} bytes, it had ${blob.bytes}`);
    }
    return { entry: { name: '', blob, modifiedMs: source.modifiedMs }, source };
  }
}
