/**
 * A blob: bytes named by their SHA-256. The name says what they are, so a blob can come from anywhere and be checked here.
 */
import { MeshError } from '../error.ts';

export interface Blob {
  /** 32 bytes. */
  readonly sha256: Uint8Array;
  readonly bytes: number;
}

/** What a file is asked for by: a name given on the device, or its content. */
export type FileRef = { readonly name: string } | { readonly sha256: Uint8Array };

export interface FileEntry {
  /** Empty for a blob that has no name. */
  readonly name: string;
  readonly blob: Blob;
  /** Milliseconds since 1970, by the device's clock. */
  readonly modifiedMs: number;
}

export const SHA256_BYTES = 32;

/** 64 lower-case hex digits: the only form in which a blob's name reaches the file system. Error `invalid` when it is not 32 bytes. */
export function hexOf(sha256: Uint8Array): string {
  if (sha256.byteLength !== SHA256_BYTES) {
    throw new MeshError('invalid', `a blob is named by a SHA-256 of ${SHA256_BYTES} bytes, not by ${sha256.byteLength} bytes`);
  }
  return Buffer.from(sha256.buffer, sha256.byteOffset, sha256.byteLength).toString('hex');
}

/** For messages: `blob 9f86d081884c… (12345 bytes)`. */
export function formatBlob(blob: Blob): string {
  return `blob ${hexOf(blob.sha256).slice(0, 12)}… (${blob.bytes} bytes)`;
}

/** For messages: the name as given, or the start of the digest. */
export function formatRef(ref: FileRef): string {
  return 'name' in ref ? `"${ref.name}"` : `blob ${hexOf(ref.sha256).slice(0, 12)}…`;
}
