/**
 * A blob on its way into the store. Whoever holds one is the only one who writes that blob; the others wait.
 *
 *     begin ─▶ append … ─▶ commit ─▶ in the store         abandon: what came is kept, and continued by the next who brings it
 */
import { MeshError } from '../../mesh/error.ts';
import { type Blob, hexOf } from '../../mesh/files/blob.ts';
import { PartialFile } from '../../mesh/files/partial-file.ts';
import type { Vault } from './vault.ts';

export class Incoming {
  readonly blob: Blob;
  readonly #vault: Vault;
  readonly #letGo: () => void;
  #file: PartialFile;

  private constructor(vault: Vault, blob: Blob, file: PartialFile, letGo: () => void) {
    this.#vault = vault;
    this.blob = blob;
    this.#file = file;
    this.#letGo = letGo;
  }

  /** `letGo` is called when it has ended in whatever way. Error `exhausted` when the disk has no room for the rest. */
  static async begin(vault: Vault, blob: Blob, freeBytesMin: number, letGo: () => void, signal?: AbortSignal): Promise<Incoming> {
    const path = await vault.path('partial', hexOf(blob.sha256));
    const file = await PartialFile.open(path, blob, { signal });
    try {
      const missing = blob.bytes - file.offset;
      const free = await vault.freeBytes();
      if (missing + freeBytesMin > free) throw noRoom(missing, free, freeBytesMin);
      return new Incoming(vault, blob, file, letGo);
    } catch (error) {
      await (file.offset === 0 ? file.discard() : file.stop());
      throw error;
    }
  }

  /** Bytes that are here: where to continue. */
  get offset(): number {
    return this.#file.offset;
  }

  /** As PartialFile.append. */
  append(bytes: Uint8Array): Promise<void> | undefined {
    return this.#file.append(bytes);
  }

  /** Checks the content, makes it durable and visible. Errors as PartialFile.finish; call `abandon` in any case. */
  async commit(): Promise<void> {
    await this.#file.finish();
    const hex = hexOf(this.blob.sha256);
    await this.#vault.publish(await this.#vault.path('partial', hex), 'blobs', hex);
  }

  /** Throws away what came, which turned out to be something else, to start again. */
  async restart(): Promise<void> {
    await this.#file.discard();
    this.#file = await PartialFile.open(await this.#vault.path('partial', hexOf(this.blob.sha256)), this.blob);
  }

  /** Lets go. What came and was not committed is kept. Idempotent. */
  async abandon(): Promise<void> {
    try {
      await this.#file.stop();
    } finally {
      this.#letGo();
    }
  }
}

function noRoom(missing: number, free: number, freeBytesMin: number): MeshError {
  const keep = freeBytesMin === 0 ? '' : `, of which ${freeBytesMin} are kept free`;
  return new MeshError('exhausted', `the disk has no room: ${missing} bytes are to come, ${free} are free${keep}`, {
    hint: 'delete files of this device that are not needed, or give it a larger disk',
  });
}
