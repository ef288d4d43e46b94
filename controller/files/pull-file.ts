/**
 * Gets a file of a device to this machine. What comes lies beside its place until it is complete and checked; when the transfer breaks off it
 * stays there, and the next pull of the same content continues it.
 */
import { rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import { type FileEntry, type FileRef, hexOf } from '../../mesh/files/blob.ts';
import { statFile } from '../../mesh/files/entries.ts';
import type { FilesPeer } from '../../mesh/files/files-peer.ts';
import { fsError } from '../../mesh/files/fs-error.ts';
import { getFile } from '../../mesh/files/get-file.ts';
import { PartialFile } from '../../mesh/files/partial-file.ts';

export interface PullFileOptions {
  /** A file, which is replaced, or a folder, into which it is put under its own name. Undefined: the present folder. */
  readonly output: string | undefined;
  readonly signal: AbortSignal;
  readonly onStart: (entry: FileEntry) => void;
  /** Bytes here. */
  readonly onProgress: (bytes: number) => void;
}

export interface Pulled {
  readonly entry: FileEntry;
  readonly path: string;
}

/** Error `invalid` when what came is not what the device said it has; nothing is replaced then. */
export async function pullFile(peer: FilesPeer, ref: FileRef, options: PullFileOptions): Promise<Pulled> {
  const { signal, onProgress } = options;
  const entry = await statFile(peer, ref, signal);
  const { blob } = entry;
  const hex = hexOf(blob.sha256);
  const path = await placeFor(options.output, basename(entry.name) || hex);
  options.onStart(entry);
  const partialPath = `${path}.${hex.slice(0, 12)}.part`;
  const partial = await PartialFile.open(partialPath, blob, { signal, mode: 0o666 });
  try {
    await getFile(peer, { sha256: blob.sha256 }, (bytes) => partial.append(bytes), { from: partial.offset, signal, onProgress });
    await partial.finish();
  } finally {
    await partial.stop();
  }
  try {
    await rename(partialPath, path);
  } catch (error) {
    throw fsError(error, `write ${path}`);
  }
  return { entry, path };
}

async function placeFor(output: string | undefined, name: string): Promise<string> {
  if (output === undefined) return name;
  if (await isFolder(output)) return join(output, name);
  const folder = dirname(output);
  if (!(await isFolder(folder))) throw new MeshError('usage', `--output: there is no folder ${folder}`, { hint: `mkdir -p ${folder}` });
  return output;
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}
