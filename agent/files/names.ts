/**
 * Names of files: each is a small file that says which blob it stands for, kept under the SHA-256 of the name.
 *
 *     names/3c/3cab7…   {"name":"models/resnet18.onnx","sha256":"9f86…","bytes":46832345}
 *
 * A pointer rather than a hard link: a link shares its times with the blob, does not tell which blob it is, can be written through, and
 * not every file system of a small device has them.
 */
import { createHash } from 'node:crypto';
import { MeshError } from '../../mesh/error.ts';
import { type Blob, type FileEntry, hexOf, SHA256_BYTES } from '../../mesh/files/blob.ts';
import { checkFileName } from '../../mesh/files/file-name.ts';
import type { Vault } from './vault.ts';

export class Names {
  readonly #vault: Vault;

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** Undefined when there is no such name. Error `invalid` for what can't be one, `failed` when its pointer is damaged. */
  async find(name: string): Promise<FileEntry | undefined> {
    return this.#read(keyOf(name));
  }

  /** What the name stood for before is left alone. */
  async set(name: string, blob: Blob): Promise<void> {
    const checked = checkFileName(name);
    await this.#vault.write('names', keyOf(checked), JSON.stringify({ name: checked, sha256: hexOf(blob.sha256), bytes: blob.bytes }));
  }

  /** Returns whether it was there. */
  remove(name: string): Promise<boolean> {
    return this.#vault.remove('names', keyOf(name));
  }

  /** All names in order (of their characters' numbers). A damaged pointer is left out. */
  async list(): Promise<FileEntry[]> {
    const entries: FileEntry[] = [];
    for await (const key of this.#vault.list('names')) {
      const entry = await this.#read(key).catch(unlessDamaged);
      if (entry !== undefined) entries.push(entry);
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #read(key: string): Promise<FileEntry | undefined> {
    const handle = await this.#vault.openRead('names', key);
    if (handle === undefined) return undefined;
    try {
      const { mtimeMs } = await handle.stat();
      return { ...parse(await handle.readFile('utf8'), key), modifiedMs: mtimeMs };
    } finally {
      await handle.close();
    }
  }
}

function keyOf(name: string): string {
  return createHash('sha256').update(checkFileName(name)).digest('hex');
}

function parse(text: string, key: string): { name: string; blob: Blob } {
  try {
    const { name, sha256, bytes } = JSON.parse(text) as { name: string; sha256: string; bytes: number };
    if (keyOf(name) !== key) throw new Error(`it is the pointer of ${JSON.stringify(name)}`);
    if (!/^[0-9a-f]{64}$/.test(sha256) || !Number.isSafeInteger(bytes) || bytes < 0) throw new Error('it names no blob');
    return { name, blob: { sha256: new Uint8Array(Buffer.from(sha256, 'hex').subarray(0, SHA256_BYTES)), bytes } };
  } catch (error) {
    throw new MeshError('failed', `the pointer of a name is damaged: ${MeshError.from(error).message}`, {
      hint: 'put the file under that name again',
      cause: error,
    });
  }
}

function unlessDamaged(error: unknown): undefined {
  if (error instanceof MeshError && (error.code === 'failed' || error.code === 'denied')) return undefined;
  throw error;
}
