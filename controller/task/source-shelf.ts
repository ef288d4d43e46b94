/**
 * Files that tasks read, kept under their SHA-256 in the data folder, so that a task can be repeated with the very same ones.
 *
 *     file, or URL ──▶ a part beside it, digested on the way ──▶ sources/<sha256>          what is there already is not copied again
 */
import { createHash, randomBytes } from 'node:crypto';
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { access, copyFile, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MeshError } from '../../mesh/error.ts';
import { fsError } from '../../mesh/files/fs-error.ts';
import { makeFolders } from '../../mesh/make-folders.ts';

export interface Expected {
  readonly algorithm: 'sha256' | 'md5';
  /** Lower case. */
  readonly hex: string;
}

/** A server that says nothing for so long is gone. */
const SILENCE_MS = 30_000;

/** A file that nobody needs may be one that somebody is just about to need. */
const UNUSED_MS = 3_600_000;

export class SourceShelf {
  readonly #folder: string;

  readonly #silenceMs: number;

  /** `folder`: the data folder. */
  constructor(folder: string, { silenceMs = SILENCE_MS }: { readonly silenceMs?: number } = {}) {
    this.#folder = join(folder, 'sources');
    this.#silenceMs = silenceMs;
  }

  /** Absolute. Whether it is there, see {@link has}. */
  pathOf(sha256: string): string {
    return join(this.#folder, sha256);
  }

  has(sha256: string): Promise<boolean> {
    return access(this.pathOf(sha256)).then(
      () => true,
      () => false,
    );
  }

  /** Returns its SHA-256. `what`: how messages call it. Errors: `not-found`, `denied`, `exhausted`; `invalid` when it is not what was expected. */
  async keepFile(path: string, expected: Expected | undefined, signal: AbortSignal, what = path): Promise<string> {
    const found = await stat(path).catch((error: Error) => {
      throw new MeshError('not-found', `${path} can't be read: ${error.message}`, { cause: error });
    });
    if (!found.isFile()) throw new MeshError('invalid', `${path} is no file`);
    return await this.#keep(what, () => createReadStream(path), expected, signal);
  }

  /** Errors as {@link keepFile}; `unreachable` when the server does not answer as it should. */
  async keepUrl(url: string, expected: Expected | undefined, signal: AbortSignal): Promise<string> {
    const silence = new AbortController();
    const over = new AbortController();
    const quiet = (what: string) =>
      setTimeout(() => silence.abort(new Error(`${what} within ${this.#silenceMs / 1000} s`)), this.#silenceMs);
    let timer = quiet('no answer');
    const unreachable = (error: Error): MeshError => {
      signal.throwIfAborted();
      const { message } = silence.signal.aborted ? (silence.signal.reason as Error) : error.cause instanceof Error ? error.cause : error;
      return new MeshError('unreachable', `${url} can't be had: ${message}`, { cause: error });
    };
    try {
      const either = AbortSignal.any([signal, silence.signal, over.signal]);
      const response = await fetch(url, { signal: either }).catch((error: Error) => {
        throw unreachable(error);
      });
      clearTimeout(timer);
      timer = quiet('no more of it');
      if (!response.ok || response.body === null) {
        throw new MeshError('unreachable', `${url} can't be had: its server answers with status ${response.status}`);
      }
      const body = response.body;
      async function* awake(): AsyncGenerator<Uint8Array> {
        try {
          for await (const chunk of body) {
            clearTimeout(timer);
            timer = quiet('no more of it');
            yield chunk;
          }
        } catch (error) {
          throw unreachable(error as Error);
        }
      }
      return await this.#keep(url, () => Readable.from(awake()), expected, signal);
    } finally {
      clearTimeout(timer);
      // Whatever is not read of an answer would keep its connection open, and this process alive.
      over.abort();
    }
  }

  /** A folder with these files under these names, of which none may be changed: it is made once, and stays. */
  async folderOf(digest: string, files: ReadonlyMap<string, string>): Promise<string> {
    const folder = join(this.#folder, 'sets', digest);
    for (const [name, sha256] of files) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await link(this.pathOf(sha256), path).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return;
        // Not every file system knows links.
        await copyFile(this.pathOf(sha256), path, constants.COPYFILE_FICLONE);
      });
    }
    return folder;
  }

  /** Removes what no descriptor needs any more, and what was never finished. `keep`: SHA-256 of those that are needed; `digests` of their descriptors. */
  async prune(keep: ReadonlySet<string>, digests: ReadonlySet<string>, nowMs: number): Promise<void> {
    const old = async (path: string): Promise<boolean> => nowMs - (await stat(path)).mtimeMs > UNUSED_MS;
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const path = join(this.#folder, name);
      // What was kept just now may belong to a descriptor that is not stored yet.
      if (name !== 'sets' && !keep.has(name) && (await old(path).catch(() => false))) await rm(path, { force: true });
    }
    const sets = join(this.#folder, 'sets');
    for (const name of await readdir(sets).catch(() => []))
      if (!digests.has(name) && (await old(join(sets, name)).catch(() => false)))
        await rm(join(sets, name), { recursive: true, force: true });
  }

  async #keep(what: string, from: () => Readable, expected: Expected | undefined, signal: AbortSignal): Promise<string> {
    await makeFolders(this.#folder).catch((error: unknown) => {
      throw fsError(error, `keep ${what}`);
    });
    const part = join(this.#folder, `part-${randomBytes(8).toString('hex')}`);
    const sha256 = createHash('sha256');
    const md5 = expected?.algorithm === 'md5' ? createHash('md5') : undefined;
    const digest = new Transform({
      transform(chunk, _encoding, done) {
        sha256.update(chunk);
        md5?.update(chunk);
        done(null, chunk);
      },
    });
    try {
      await pipeline(from(), digest, createWriteStream(part, { mode: 0o600, flush: true }), { signal });
      const hex = sha256.digest('hex');
      const found = md5?.digest('hex') ?? hex;
      if (expected !== undefined && found !== expected.hex) {
        throw new MeshError(
          'invalid',
          `${what} is not what the descriptor wants: its ${expected.algorithm} is ${found}, expected ${expected.hex}`,
          {
            hint: 'it was changed, or not read to its end',
          },
        );
      }
      await rename(part, this.pathOf(hex));
      return hex;
    } catch (error) {
      signal.throwIfAborted();
      throw fsError(error, `keep ${what}`);
    } finally {
      await rm(part, { force: true });
    }
  }
}
