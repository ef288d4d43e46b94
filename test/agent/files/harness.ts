/**
 * An agent's Files service in the test's process, over a store in a temporary folder; a client to talk to it; and content to move.
 */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type AgentFiles, createFilesService, type FilesServiceOptions } from '../../../agent/files/service.ts';
import { FileStore, type StoreOptions } from '../../../agent/files/store.ts';
import type { Blob, FileEntry } from '../../../mesh/files/blob.ts';
import { FilesPeer } from '../../../mesh/files/files-peer.ts';
import { GrpcServer } from '../../../mesh/grpc/server.ts';
import type { Scope } from '../../helpers/scope.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

export interface FilesHarness {
  readonly dataFolder: string;
  readonly files: AgentFiles;
  readonly store: FileStore;
  readonly address: string;
  readonly peer: FilesPeer;
  /** What was thrown in calls and is no MeshError. */
  readonly bugs: unknown[];
  /** Cuts all connections, as when the agent is killed. */
  stop(): Promise<void>;
}

export async function startFiles(t: Scope, changes: Partial<FilesServiceOptions> = {}): Promise<FilesHarness> {
  const dataFolder = changes.dataFolder ?? (await tempFolder(t));
  const bugs: unknown[] = [];
  const files = await createFilesService({
    dataFolder,
    freeBytesMin: 0,
    now: () => performance.now(),
    wallClock: () => Date.now(),
    onBug: (error) => bugs.push(error),
    ...changes,
  });
  const server = await GrpcServer.listen('127.0.0.1:0', { insecure: false }, (grpc) => files.addTo(grpc));
  const peer = new FilesPeer(server.address, 'dev');
  t.teardown(async () => {
    peer.close();
    await server.stop(0);
    if (bugs.length > 0) throw new Error('a call failed unexpectedly', { cause: bugs[0] });
  });
  return { dataFolder, files, store: files.store, address: server.address, peer, bugs, stop: () => server.stop(0) };
}

export async function openStore(t: Scope, changes: Partial<StoreOptions> = {}): Promise<{ store: FileStore; dataFolder: string }> {
  const dataFolder = changes.dataFolder ?? (await tempFolder(t));
  const store = await FileStore.open({
    dataFolder,
    freeBytesMin: 0,
    partialAgeMsMax: 24 * 3600 * 1000,
    wallClock: () => Date.now(),
    ...changes,
  });
  return { store, dataFolder };
}

/** Brings content into a store the way a call does. */
export async function bring(store: FileStore, content: Uint8Array, name?: string): Promise<Blob> {
  const blob = blobFor(content);
  const incoming = await store.receive(blob);
  if (incoming !== undefined) {
    try {
      await incoming.append(content);
      await incoming.commit();
    } finally {
      await incoming.abandon();
    }
  }
  if (name !== undefined) await store.name(name, blob);
  return blob;
}

export function blobFor(content: Uint8Array): Blob {
  return { sha256: new Uint8Array(createHash('sha256').update(content).digest()), bytes: content.byteLength };
}

/** Bytes that look random and are the same in every run. */
export function noise(bytes: number, seed = 1): Buffer {
  const content = Buffer.allocUnsafe(bytes);
  let state = seed >>> 0 || 1;
  for (let i = 0; i < bytes; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    content[i] = state;
  }
  return content;
}

/** Every file below a folder, by relative path. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Collects what getFile hands over. */
export function collector(): { take(bytes: Uint8Array): undefined; content(): Buffer } {
  const parts: Uint8Array[] = [];
  return { take: (bytes) => void parts.push(bytes), content: () => Buffer.concat(parts) };
}

export async function allEntries(store: FileStore, folder = '', blobs = false): Promise<FileEntry[]> {
  const entries: FileEntry[] = [];
  for await (const entry of store.list(folder, blobs)) entries.push(entry);
  return entries;
}

export async function readNamed(store: FileStore, name: string): Promise<string> {
  const { handle } = await store.open({ name });
  try {
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
