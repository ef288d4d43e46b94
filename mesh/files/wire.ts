/** Blobs, references and entries: our types ↔ protobuf. Validated once, here. */
import type { FileEntry as WireEntry, FileRef as WireRef } from '../../proto/gen/mesh/v1/files.ts';
import { BlobRef } from '../../proto/gen/mesh/v1/types.ts';
import { MeshError } from '../error.ts';
import { numberFromWire, required } from '../wire-number.ts';
import { type Blob, type FileEntry, type FileRef, hexOf } from './blob.ts';
import { checkFileName } from './file-name.ts';

export function blobToWire(blob: Blob): BlobRef {
  return BlobRef.fromPartial({ sha256: Buffer.from(blob.sha256), bytes: BigInt(blob.bytes) });
}

/** Error `invalid` when it is absent or not named by 32 bytes. */
export function blobFromWire(wire: BlobRef | undefined): Blob {
  const { sha256, bytes } = required(wire, 'the blob');
  hexOf(sha256);
  // A copy: the message may be a view into something large.
  return { sha256: new Uint8Array(sha256), bytes: numberFromWire(bytes, "the blob's size") };
}

const BLOBS_MAX = 4096;

/** By name. */
export function blobsToWire(blobs: ReadonlyMap<string, Blob>): { [name: string]: BlobRef } {
  return Object.fromEntries([...blobs].map(([name, blob]) => [name, blobToWire(blob)]));
}

/** Error `invalid` for too many, and for one that is none. */
export function blobsFromWire(wire: { readonly [name: string]: BlobRef }): Map<string, Blob> {
  const entries = Object.entries(wire);
  if (entries.length > BLOBS_MAX) throw new MeshError('invalid', `${entries.length} files: expected at most ${BLOBS_MAX}`);
  return new Map(entries.map(([name, blob]) => [name, blobFromWire(blob)]));
}

export function refToWire(ref: FileRef): WireRef {
  return 'name' in ref ? { ref: { $case: 'name', value: ref.name } } : { ref: { $case: 'sha256', value: Buffer.from(ref.sha256) } };
}

/** Error `invalid` when it refers to nothing, to an impossible name or to something that is no SHA-256. */
export function refFromWire(wire: WireRef | undefined): FileRef {
  const ref = wire?.ref;
  if (ref === undefined) throw new MeshError('invalid', 'which file? Expected a name or a SHA-256');
  if (ref.$case === 'name') return { name: checkFileName(ref.value) };
  hexOf(ref.value);
  return { sha256: new Uint8Array(ref.value) };
}

export function entryToWire(entry: FileEntry): WireEntry {
  return { name: entry.name, blob: blobToWire(entry.blob), modifiedMs: BigInt(Math.trunc(entry.modifiedMs)) };
}

/** Error `invalid`: also for a name that could leave a folder it is saved in. */
export function entryFromWire(wire: WireEntry | undefined): FileEntry {
  const { name, blob, modifiedMs } = required(wire, 'the file entry');
  return {
    name: name === '' ? '' : checkFileName(name),
    blob: blobFromWire(blob),
    modifiedMs: numberFromWire(modifiedMs, 'modified_ms'),
  };
}
