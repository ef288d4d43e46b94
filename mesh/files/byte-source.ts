/**
 * Where the bytes of a file come from: the disk or memory. Reading says how much it wants and lends a buffer; what comes back is either
 * that buffer filled, or a view of bytes that were there already.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { MeshError } from '../error.ts';
import { fsError } from './fs-error.ts';

export interface ByteSource {
  readonly bytes: number;
  /** Exactly `length` bytes at `offset`; `lent` has room for them. */
  read(offset: number, length: number, lent: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

export function memorySource(content: Uint8Array): ByteSource {
  return {
    bytes: content.byteLength,
    read: async (offset, length) => content.subarray(offset, offset + length),
    close: async () => {},
  };
}

/** Takes over the handle. Error `lost` when the file became shorter than `bytes` while it was read. */
export function handleSource(handle: FileHandle, bytes: number, what: string): ByteSource {
  return {
    bytes,
    async read(offset, length, lent) {
      try {
        await fill(handle, lent, length, offset, what);
      } catch (error) {
        throw fsError(error, `read ${what}`);
      }
      return lent.subarray(0, length);
    },
    close: () => handle.close(),
  };
}

/** A file of the person's, by path: symbolic links are followed. Error `not-found`, `denied`, or `invalid` when it is not a regular file. */
export async function fileSource(path: string): Promise<ByteSource & { readonly modifiedMs: number }> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK opening a named pipe would wait for its writer.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = await handle.stat();
    if (facts.isDirectory()) throw new MeshError('invalid', `${path} is a folder, not a file`);
    if (!facts.isFile()) throw new MeshError('invalid', `${path} is not a regular file`);
    return { ...handleSource(handle, facts.size, path), modifiedMs: facts.mtimeMs };
  } catch (error) {
    await handle?.close();
    throw fsError(error, `open ${path}`);
  }
}

async function fill(handle: FileHandle, target: Uint8Array, length: number, offset: number, what: string): Promise<void> {
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(target, done, length - done, offset + done);
    if (bytesRead === 0) throw new MeshError('lost', `${what} became shorter while it was read: it ends at byte ${offset + done}`);
    done += bytesRead;
  }
}
