/** SHA-256 of what is too large to hold in memory. */
import { createHash, type Hash } from 'node:crypto';
import { throwIfAborted } from './abort.ts';
import type { Blob } from './blob.ts';
import { type ByteSource, fileSource } from './byte-source.ts';

/** Two of them, so that the disk reads one while the other is digested. */
const READ_BYTES = 1024 * 1024;

export interface HashOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes digested so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** Feeds the first `bytes` bytes of the source into `hash`. */
export async function hashSource(hash: Hash, source: ByteSource, bytes: number, options: HashOptions = {}): Promise<void> {
  const buffers = [Buffer.allocUnsafeSlow(Math.min(READ_BYTES, bytes)), Buffer.allocUnsafeSlow(Math.min(READ_BYTES, bytes))] as const;
  const readAt = (offset: number): Promise<Uint8Array> | undefined => {
    const length = Math.min(READ_BYTES, bytes - offset);
    return length <= 0 ? undefined : source.read(offset, length, buffers[(offset / READ_BYTES) % 2 === 0 ? 0 : 1]);
  };
  let next = readAt(0);
  for (let offset = 0; next !== undefined; offset += READ_BYTES) {
    const chunk = await next;
    throwIfAborted(options.signal);
    next = readAt(offset + READ_BYTES);
    // Digesting may not throw before the read that was started is awaited; it cannot.
    hash.update(chunk);
    options.onProgress?.(offset + chunk.byteLength);
  }
}

export async function hashFile(path: string, options: HashOptions = {}): Promise<Blob> {
  const source = await fileSource(path);
  try {
    const hash = createHash('sha256');
    await hashSource(hash, source, source.bytes, options);
    return { sha256: new Uint8Array(hash.digest()), bytes: source.bytes };
  } finally {
    await source.close();
  }
}

export function blobOf(content: Uint8Array): Blob {
  return { sha256: new Uint8Array(createHash('sha256').update(content).digest()), bytes: content.byteLength };
}
