/** The small calls: what is there, and taking it away. */
import { FilesService } from '../../proto/gen/mesh/v1/files.ts';
import { numberFromWire } from '../wire-number.ts';
import { throwIfAborted } from './abort.ts';
import type { FileEntry, FileRef } from './blob.ts';
import { CallGuard, type GuardOptions } from './call-guard.ts';
import { type FilesPeer, withPeer } from './files-peer.ts';
import { entryFromWire, refToWire } from './wire.ts';

/** Error `not-found` when there is no such name or blob. */
export function statFile(peer: FilesPeer | string, ref: FileRef, signal?: AbortSignal): Promise<FileEntry> {
  return withPeer(peer, async (to) => {
    const reply = await to.unary(FilesService.stat, { file: refToWire(ref) }, signal);
    return entryFromWire(reply.entry);
  });
}

export interface ListOptions extends GuardOptions {
  /** Names below this folder; empty: all. */
  readonly folder?: string;
  /** Also the blobs that have no name. */
  readonly blobs?: boolean;
}

/** Names in order, then blobs without a name. */
export function listFiles(peer: FilesPeer | string, options: ListOptions = {}): Promise<FileEntry[]> {
  return withPeer(peer, async (to) => {
    throwIfAborted(options.signal);
    const call = to.serverStream(FilesService.list, { folder: options.folder ?? '', blobs: options.blobs ?? false });
    const guard = new CallGuard(call, to, options);
    const entries: FileEntry[] = [];
    try {
      for await (const entry of call) {
        guard.beat();
        entries.push(entryFromWire(entry));
      }
      return entries;
    } catch (error) {
      throw guard.errorFrom(error);
    } finally {
      guard.release();
    }
  });
}

/** Returns how much of the disk that freed, bytes. Error `not-found`, or `conflict` for a blob that still has names. */
export function deleteFile(peer: FilesPeer | string, ref: FileRef, signal?: AbortSignal): Promise<number> {
  return withPeer(peer, async (to) => {
    const reply = await to.unary(FilesService.delete, { file: refToWire(ref) }, signal);
    return numberFromWire(reply.freedBytes, 'freed_bytes');
  });
}
