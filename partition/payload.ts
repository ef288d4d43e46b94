/**
 * Where a run of bytes lies: in memory, or in a range of a file. Weights are passed around as payloads, so that splitting a model
 * moves references and never the weights themselves.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { MeshError } from '../mesh/error.ts';

export type Payload =
  | { readonly kind: 'memory'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly path: string; readonly offset: number; readonly length: number };

export function payloadLength(payload: Payload): number {
  return payload.kind === 'memory' ? payload.bytes.byteLength : payload.length;
}

/** A part of it, which must lie inside. */
export function slicePayload(payload: Payload, offset: number, length: number): Payload {
  if (payload.kind === 'memory') return { kind: 'memory', bytes: payload.bytes.subarray(offset, offset + length) };
  return { ...payload, offset: payload.offset + offset, length };
}

/** The bytes themselves; for small payloads. Error `invalid` when the file has become shorter. */
export function readPayload(payload: Payload): Uint8Array {
  if (payload.kind === 'memory') return payload.bytes;
  const bytes = new Uint8Array(payload.length);
  const file = openSync(payload.path, 'r');
  try {
    for (let done = 0; done < bytes.length; ) {
      const count = readSync(file, bytes, done, bytes.length - done, payload.offset + done);
      if (count === 0) throw becameShorter(payload.path);
      done += count;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}

/** The bytes in pieces of at most `chunkBytes`. A piece is valid until the next one is asked for (the buffer is used again). */
export async function* streamPayload(payload: Payload, chunkBytes = 1 << 20): AsyncGenerator<Uint8Array, void, undefined> {
  if (payload.kind === 'memory') {
    for (let at = 0; at < payload.bytes.length; at += chunkBytes) yield payload.bytes.subarray(at, at + chunkBytes);
    return;
  }
  const file = await open(payload.path, 'r');
  try {
    const buffer = new Uint8Array(Math.min(chunkBytes, payload.length));
    for (let done = 0; done < payload.length; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, payload.length - done), payload.offset + done);
      if (bytesRead === 0) throw becameShorter(payload.path);
      done += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** SHA-256 as 64 lower-case hexadecimal digits. */
export async function sha256OfPayload(payload: Payload): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of streamPayload(payload)) hash.update(chunk);
  return hash.digest('hex');
}

function becameShorter(path: string): MeshError {
  return new MeshError('invalid', `${path} became shorter while it was in use`, { hint: 'leave model files alone while they are used' });
}
