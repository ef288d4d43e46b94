/**
 * The files of an agent: blobs by their content, names that point at them, and blobs on their way.
 *
 *     receive(blob) ─▶ Incoming ─commit─▶ blob ◀── name
 *                                          └─▶ open, pathOf
 *
 * A blob is complete and checked, or not there. It never changes, so readers need no protection from writers.
 */
import type { FileHandle } from 'node:fs/promises';
import { MeshError } from '../../mesh/error.ts';
import { type Blob, type FileEntry, type FileRef, formatBlob, formatRef, hexOf } from '../../mesh/files/blob.ts';
import { checkFolderName } from '../../mesh/files/file-name.ts';
import { hashFile } from '../../mesh/files/sha256.ts';
import { Claims } from './claims.ts';
import { Incoming } from './incoming.ts';
import { Names } from './names.ts';
import { Vault } from './vault.ts';

export interface StoreOptions {
  readonly dataFolder: string;
  /** Room on the disk that uploads leave alone, bytes: a device whose disk is full to the brim can't even log. */
  readonly freeBytesMin: number;
  /** Uploads that broke off and were not continued for so long are deleted, milliseconds. */
  readonly partialAgeMsMax: number;
  /** Milliseconds since 1970, to compare with times of files. */
  wallClock(): number;
}

/** Names and their blobs change one after the other. */
const NAMES = 'names';

export class FileStore {
  readonly #options: StoreOptions;
  readonly #vault: Vault;
  readonly #names: Names;
  readonly #claims = new Claims();
  readonly #incoming = new Map<string, Incoming>();

  private constructor(options: StoreOptions, vault: Vault) {
    this.#options = options;
    this.#vault = vault;
    this.#names = new Names(vault);
  }

  /** Errors: `denied`, `exhausted`, … when the folder can't be used. */
  static async open(options: StoreOptions): Promise<FileStore> {
    const store = new FileStore(options, await Vault.open(options.dataFolder));
    await store.#vault.removeDrafts();
    await store.removeStale();
    return store;
  }

  /** Error `invalid` when a blob of that content is here and has another size than the caller believes. */
  async has(blob: Blob): Promise<boolean> {
    const facts = await this.#vault.facts('blobs', hexOf(blob.sha256));
    if (facts === undefined) return false;
    if (facts.bytes === blob.bytes) return true;
    throw new MeshError('invalid', `${formatBlob(blob)} has ${facts.bytes} bytes`);
  }

  /** Error `not-found`. */
  async stat(ref: FileRef): Promise<FileEntry> {
    if ('sha256' in ref) {
      const facts = await this.#vault.facts('blobs', hexOf(ref.sha256));
      if (facts === undefined) throw notHere(ref);
      return { name: '', blob: { sha256: ref.sha256, bytes: facts.bytes }, modifiedMs: facts.modifiedMs };
    }
    const entry = await this.#names.find(ref.name);
    if (entry === undefined) throw notHere(ref);
    if (!(await this.#holds(entry.blob))) throw new MeshError('not-found', `the content of ${formatRef(ref)} was taken away`);
    return entry;
  }

  /** Names below `folder` (empty: all), then, when `blobs` is set, the blobs that have no name. */
  async *list(folder: string, blobs: boolean): AsyncGenerator<FileEntry> {
    const below = checkFolderName(folder);
    const names = await this.#names.list();
    for (const entry of names) {
      if ((below === '' || entry.name.startsWith(`${below}/`)) && (await this.#holds(entry.blob))) yield entry;
    }
    if (!blobs) return;
    const named = new Set(names.map((entry) => hexOf(entry.blob.sha256)));
    for await (const hex of this.#vault.list('blobs')) {
      const facts = named.has(hex) ? undefined : await this.#vault.facts('blobs', hex);
      if (facts !== undefined) yield { name: '', blob: { sha256: fromHex(hex), bytes: facts.bytes }, modifiedMs: facts.modifiedMs };
    }
  }

  /** Opens a file for reading; the caller closes it. It can be read to its end also when it is deleted meanwhile. Error `not-found`. */
  async open(ref: FileRef): Promise<{ readonly entry: FileEntry; readonly handle: FileHandle }> {
    const entry = await this.stat(ref);
    const handle = await this.#vault.openRead('blobs', hexOf(entry.blob.sha256));
    if (handle === undefined) throw notHere(ref);
    return { entry, handle };
  }

  /** Where a blob lies, for programs of this device that read it or link to it. It must not be written. Error `not-found`. */
  async pathOf(blob: Blob): Promise<string> {
    if (!(await this.has(blob))) throw new MeshError('not-found', `${formatBlob(blob)} is not on this device`);
    return this.#vault.path('blobs', hexOf(blob.sha256));
  }

  /**
   * Takes a complete file of this device, which lies on the store's disk, under a name. What had the name is deleted when it had no other. The file may be
   * moved.
   */
  async adopt(path: string, name: string): Promise<Blob> {
    const blob = await hashFile(path);
    const hex = hexOf(blob.sha256);
    const letGo = await this.#claims.take(hex);
    try {
      if (!(await this.has(blob))) await this.#vault.publish(path, 'blobs', hex);
    } finally {
      letGo();
    }
    const before = await this.#names.find(name).catch(() => undefined);
    if (before !== undefined && Buffer.compare(before.blob.sha256, blob.sha256) !== 0) await this.delete({ name });
    await this.name(name, blob);
    return blob;
  }

  /** Gives a blob that is here a name, which it takes from another blob if need be. */
  async name(name: string, blob: Blob): Promise<void> {
    const letGo = await this.#claims.take(NAMES);
    try {
      if (!(await this.has(blob))) throw new MeshError('not-found', `${formatBlob(blob)} is not on this device`);
      await this.#names.set(name, blob);
    } finally {
      letGo();
    }
  }

  /**
   * Deletes a name, and its blob when that was the last one; or a blob without a name. Returns how much room that gave, bytes.
   * Errors: `not-found`, or `conflict` for a blob that has names.
   */
  async delete(ref: FileRef): Promise<number> {
    const letGo = await this.#claims.take(NAMES);
    try {
      const names = await this.#names.list();
      if ('sha256' in ref) return await this.#deleteBlob(ref, names);
      const entry = await this.#names.find(ref.name).catch(() => undefined);
      if (!(await this.#names.remove(ref.name))) throw notHere(ref);
      if (entry === undefined) return 0;
      const { sha256 } = entry.blob;
      const others = names.some(({ name, blob }) => name !== entry.name && Buffer.compare(blob.sha256, sha256) === 0);
      return others ? 0 : await this.#removeBlob(hexOf(sha256));
    } finally {
      letGo();
    }
  }

  /**
   * Waits until nobody else brings this blob, then lets the caller bring it; undefined when it is here already (perhaps by then).
   * Errors: `exhausted` when the disk has no room, `cancelled`.
   */
  async receive(blob: Blob, signal?: AbortSignal): Promise<Incoming | undefined> {
    if (await this.has(blob)) return undefined;
    const hex = hexOf(blob.sha256);
    const letGo = await this.#claims.take(hex, signal);
    const end = (): void => {
      this.#incoming.delete(hex);
      letGo();
    };
    try {
      if (await this.has(blob)) {
        end();
        return undefined;
      }
      await this.removeStale();
      const incoming = await Incoming.begin(this.#vault, blob, this.#options.freeBytesMin, end, signal);
      this.#incoming.set(hex, incoming);
      return incoming;
    } catch (error) {
      end();
      throw error;
    }
  }

  /** How much of a blob that somebody is bringing is here, bytes. */
  receivedBytes(blob: Blob): number {
    return this.#incoming.get(hexOf(blob.sha256))?.offset ?? 0;
  }

  /** Deletes uploads that broke off long ago. */
  async removeStale(): Promise<void> {
    const oldest = this.#options.wallClock() - this.#options.partialAgeMsMax;
    for await (const hex of this.#vault.list('partial')) {
      if (this.#claims.isTaken(hex)) continue;
      const letGo = await this.#claims.take(hex);
      try {
        const facts = await this.#vault.facts('partial', hex);
        if (facts !== undefined && facts.modifiedMs < oldest) await this.#vault.remove('partial', hex);
      } finally {
        letGo();
      }
    }
  }

  async #holds(blob: Blob): Promise<boolean> {
    return (await this.#vault.facts('blobs', hexOf(blob.sha256)))?.bytes === blob.bytes;
  }

  async #deleteBlob(ref: { readonly sha256: Uint8Array }, names: readonly FileEntry[]): Promise<number> {
    const named = names.find(({ blob }) => Buffer.compare(blob.sha256, ref.sha256) === 0);
    if (named !== undefined) {
      throw new MeshError('conflict', `${formatRef(ref)} is called "${named.name}"`, { hint: 'delete it by that name' });
    }
    await this.stat(ref);
    return this.#removeBlob(hexOf(ref.sha256));
  }

  async #removeBlob(hex: string): Promise<number> {
    const facts = await this.#vault.facts('blobs', hex);
    return facts !== undefined && (await this.#vault.remove('blobs', hex)) ? facts.bytes : 0;
  }
}

function notHere(ref: FileRef): MeshError {
  return new MeshError('not-found', `${formatRef(ref)} is not on this device`, { hint: 'controller ls DEVICE lists what is there' });
}

function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}
