/** What this controller hands out to devices: the files of its stages by their digest. Weights stay where they are until a device asks. */
import { MeshError } from '../../mesh/error.ts';
import { type Blob, type FileRef, formatRef, hexOf } from '../../mesh/files/blob.ts';
import type { OpenedFile } from '../../mesh/files/serve-get.ts';
import { hashFile } from '../../mesh/files/sha256.ts';
import type { Payload } from '../../partition/payload.ts';
import type { StageFile, StageFiles } from '../../partition/stage-files.ts';
import { payloadSource } from './payload-source.ts';
import type { StageModel } from './stage-order.ts';

export class BlobShelf {
  readonly #contents = new Map<string, { readonly blob: Blob; readonly content: Payload }>();

  /** Puts a stage's files on the shelf; those that are there already cost nothing. */
  add({ model, weights }: StageFiles): StageModel {
    const externalData = Object.fromEntries(weights.map((file) => [file.name, this.#addStageFile(file)]));
    return { model: this.#addStageFile(model), externalData };
  }

  /** A file of the person's. Reads it once for its digest; it must not change while it is on the shelf. */
  async addFile(path: string, signal: AbortSignal): Promise<Blob> {
    const blob = await hashFile(path, { signal });
    this.#contents.set(hexOf(blob.sha256), { blob, content: { kind: 'file', path, offset: 0, length: blob.bytes } });
    return blob;
  }

  /** Error `not-found` for whatever is not on the shelf. */
  async open(ref: FileRef): Promise<OpenedFile> {
    const found = 'sha256' in ref ? this.#contents.get(hexOf(ref.sha256)) : undefined;
    if (found === undefined) throw new MeshError('not-found', `this controller does not hand out ${formatRef(ref)}`);
    return { entry: { name: '', blob: found.blob, modifiedMs: 0 }, source: await payloadSource(found.content) };
  }

  #addStageFile({ sha256, bytes, content }: StageFile): Blob {
    const blob = { sha256: new Uint8Array(Buffer.from(sha256, 'hex')), bytes };
    this.#contents.set(sha256, { blob, content });
    return blob;
  }
}
