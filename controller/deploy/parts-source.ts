/**
 * A model that was never written down: its bytes are in pieces, in memory and in ranges of the file it was cut from. Devices read it like
 * a file, from any offset; nothing is copied to disk first.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { MeshError } from '../../mesh/error.ts';
import type { ByteSource } from '../../mesh/files/byte-source.ts';

export type Piece =
  | { readonly kind: 'memory'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly path: string; readonly offset: number; readonly length: number };

export function partsSource(parts: readonly Piece[]): ByteSource {
  const starts: number[] = [];
  let bytes = 0;
  for (const part of parts) {
    starts.push(bytes);
    bytes += lengthOf(part);
  }
  const files = new Map<string, Promise<FileHandle>>();
  const fileAt = (path: string): Promise<FileHandle> => {
    const opened = files.get(path) ?? open(path, 'r');
    files.set(path, opened);
    return opened;
  };
  return {
    bytes,
    async read(offset, length, lent) {
      let done = 0;
      for (let index = lastAtOrBefore(starts, offset); done < length; index += 1) {
        const part = parts[index]!;
        const from = offset + done - starts[index]!;
        const count = Math.min(lengthOf(part) - from, length - done);
        const target = lent.subarray(done, done + count);
        if (part.kind === 'memory') target.set(part.bytes.subarray(from, from + count));
        else await fill(await fileAt(part.path), target, part.offset + from, part.path);
        done += count;
      }
      return lent.subarray(0, length);
    },
    async close() {
      await Promise.all([...files.values()].map(async (file) => (await file).close()));
    },
  };
}

function lengthOf(part: Piece): number {
  return part.kind === 'memory' ? part.bytes.byteLength : part.length;
}

/** Index of the last start that is not after `offset`; pieces of no length are passed over. */
function lastAtOrBefore(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

async function fill(file: FileHandle, target: Uint8Array, position: number, path: string): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) throw new MeshError('lost', `${path} became shorter while it was read`);
    done += bytesRead;
  }
}
