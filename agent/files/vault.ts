/**
 * The folders of the store, and the only places in which it opens, makes or removes anything:
 *
 *     data folder/
 *       blobs/9f/9f86d0818…     content, complete and checked, read-only     named by SHA-256
 *       partial/9f86d0818…      content on its way                           named by the SHA-256 it shall have
 *       names/3c/3cab7…         a small file: name, and the blob it stands for   named by the SHA-256 of the name
 *
 * Every path is made of hex digits, so nothing that a client says can lead out of the data folder: no name, however long or strange,
 * becomes a path. What somebody on the device could plant are symbolic links: folders are looked at before each use, and files are
 * opened with O_NOFOLLOW.
 */
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, realpath, rename, statfs, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import { fsError } from '../../mesh/files/fs-error.ts';

export type Shelf = 'blobs' | 'partial' | 'names';

const shelves: readonly Shelf[] = ['blobs', 'partial', 'names'];
const HEX = /^[0-9a-f]{64}$/;
/** End of the names of small files that are not complete yet. */
const DRAFT = '.draft';
const FOLDER = /^[0-9a-f]{2}$/;

export class Vault {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /** Makes the folders that are missing. The data folder itself may be a symbolic link: that is its owner's choice. */
  static async open(dataFolder: string): Promise<Vault> {
    try {
      await mkdir(dataFolder, { recursive: true });
      const vault = new Vault(await realpath(dataFolder));
      for (const shelf of shelves) await vault.#folder([shelf], true);
      return vault;
    } catch (error) {
      throw fsError(error, `use the data folder ${dataFolder}`);
    }
  }

  /** Where a file is, or would be. Error `denied` when something else is in its folder's place. */
  path(shelf: Shelf, hex: string): Promise<string> {
    return this.#path(shelf, hex, false);
  }

  /** Opens a regular file for reading; undefined when it is not there. */
  async openRead(shelf: Shelf, hex: string): Promise<FileHandle | undefined> {
    const path = await this.path(shelf, hex);
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      if (!(await handle.stat()).isFile()) throw new MeshError('denied', `${path} is not a regular file`);
      return handle;
    } catch (error) {
      await handle?.close();
      if (isMissing(error)) return undefined;
      throw fsError(error, `open ${path}`);
    }
  }

  /** Size and time of a regular file; undefined when it is not there, or something else is. */
  async facts(shelf: Shelf, hex: string): Promise<{ readonly bytes: number; readonly modifiedMs: number } | undefined> {
    const path = await this.path(shelf, hex);
    try {
      const facts = await lstat(path);
      return facts.isFile() ? { bytes: facts.size, modifiedMs: facts.mtimeMs } : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw fsError(error, `look at ${path}`);
    }
  }

  /** Makes a complete, synced file visible under its name, so that it stays so when the power fails. */
  async publish(from: string, shelf: Shelf, hex: string): Promise<void> {
    const path = await this.#path(shelf, hex, true);
    try {
      await rename(from, path);
      await syncFolder(dirname(path));
    } catch (error) {
      throw fsError(error, `store ${path}`);
    }
  }

  /** Returns whether it was there. */
  async remove(shelf: Shelf, hex: string): Promise<boolean> {
    return removeFile(await this.path(shelf, hex));
  }

  /** The names of all files, in order. What does not look like one of ours is passed over. */
  async *list(shelf: Shelf): AsyncGenerator<string> {
    const found = await this.#entries(shelf);
    if (shelf === 'partial') {
      yield* found.filter((name) => HEX.test(name));
      return;
    }
    for (const folder of found.filter((name) => FOLDER.test(name))) {
      for (const name of await this.#entries(shelf, folder)) if (HEX.test(name)) yield name;
    }
  }

  /** Writes a small file at once: complete or not there, also when the power fails. */
  async write(shelf: Shelf, hex: string, content: string): Promise<void> {
    const draft = join(await this.#folder(['partial'], true), `${hex}${DRAFT}`);
    try {
      await removeFile(draft);
      const handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
      try {
        await handle.writeFile(content);
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw fsError(error, `write ${draft}`);
    }
    await this.publish(draft, shelf, hex);
  }

  /** Removes drafts that a crash left. */
  async removeDrafts(): Promise<void> {
    for (const name of await this.#entries('partial')) {
      if (name.endsWith(DRAFT)) await removeFile(join(this.root, 'partial', name));
    }
  }

  /** Room on the disk that an unprivileged process may fill, bytes. */
  async freeBytes(): Promise<number> {
    try {
      const { bavail, bsize } = await statfs(this.root);
      return bavail * bsize;
    } catch (error) {
      throw fsError(error, `look at the disk of ${this.root}`);
    }
  }

  async #entries(...parts: readonly string[]): Promise<string[]> {
    const path = await this.#folder(parts, false);
    try {
      return (await readdir(path)).sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw fsError(error, `list ${path}`);
    }
  }

  async #path(shelf: Shelf, hex: string, make: boolean): Promise<string> {
    if (!HEX.test(hex)) throw new MeshError('invalid', `"${hex.slice(0, 80)}" is not 64 hex digits`);
    return join(await this.#folder(shelf === 'partial' ? [shelf] : [shelf, hex.slice(0, 2)], make), hex);
  }

  /** Error `denied` when something that is not a folder is in its place. One that is missing is made on demand only. */
  async #folder(parts: readonly string[], make: boolean): Promise<string> {
    let path = this.root;
    for (const part of parts) {
      const above = path;
      path = join(path, part);
      try {
        // Also a symbolic link to a folder is refused: it leads somewhere else.
        if (!(await lstat(path)).isDirectory()) {
          throw new MeshError('denied', `${path} is not a folder`, { hint: 'something was put in its place; remove it' });
        }
      } catch (error) {
        if (!isMissing(error)) throw fsError(error, `use the folder ${path}`);
        if (make) await makeFolder(path, above);
      }
    }
    return path;
  }
}

async function makeFolder(path: string, above: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
    await syncFolder(above);
  } catch (error) {
    // Somebody else made it at the same time.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fsError(error, `make the folder ${path}`);
  }
}

/** Directory entries reach the disk when their folder is synced, not with the file. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Returns whether it was there. */
async function removeFile(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw fsError(error, `delete ${path}`);
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
