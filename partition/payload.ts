/**
 * Where a run of bytes lies: in memory, in a range of a file, or scattered over another payload at equal distances. Weights are passed
 * around as payloads, so that splitting a model moves references and never the weights themselves.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { MeshError } from '../mesh/error.ts';

export type Payload =
  | { readonly kind: 'memory'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly path: string; readonly offset: number; readonly length: number }
  /** `runs` times `runBytes` bytes, each `stride` bytes after the one before: a part of an axis that is not the first one. */
  | {
      readonly kind: 'strided';
      readonly of: Payload;
      readonly offset: number;
      readonly runBytes: number;
      readonly stride: number;
      readonly runs: number;
    };

export function payloadLength(payload: Payload): number {
  if (payload.kind === 'memory') return payload.bytes.byteLength;
  return payload.kind === 'file' ? payload.length : payload.runs * payload.runBytes;
}

/** A part of it, which must lie inside. */
function slicePayload(payload: Payload, offset: number, length: number): Payload {
  if (payload.kind === 'memory') return { kind: 'memory', bytes: payload.bytes.subarray(offset, offset + length) };
  if (payload.kind === 'file') return { ...payload, offset: payload.offset + offset, length };
  return { kind: 'strided', of: payload, offset, runBytes: length, stride: length, runs: 1 };
}

/**
 * Entries `first` to `last` of an axis, for every index of the axes before it: `outer` × `size` × `innerBytes` bytes become
 * `outer` × (last − first + 1) × `innerBytes`.
 */
export function slicePayloadAxis(
  payload: Payload,
  { outer, size, innerBytes }: { readonly outer: number; readonly size: number; readonly innerBytes: number },
  { first, last }: { readonly first: number; readonly last: number },
): Payload {
  const runBytes = (last - first + 1) * innerBytes;
  if (outer === 1) return slicePayload(payload, first * innerBytes, runBytes);
  return { kind: 'strided', of: payload, offset: first * innerBytes, runBytes, stride: size * innerBytes, runs: outer };
}

/** The bytes themselves; for small payloads. Error `invalid` when the file has become shorter. */
export function readPayload(payload: Payload): Uint8Array {
  if (payload.kind === 'memory') return payload.bytes;
  if (payload.kind === 'strided') return gathered(payload, readPayload(payload.of));
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

/** Random access. A view returned by `read` is valid until the next call. Close it. */
export interface PayloadReader {
  /** At most `length` bytes from `offset` on, at least one. Error `invalid` when the file has become shorter. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Errors of the file system when the file can't be opened. */
export async function openPayload(payload: Payload): Promise<PayloadReader> {
  if (payload.kind === 'memory') {
    return { read: async (offset, length) => payload.bytes.subarray(offset, offset + length), close: async () => {} };
  }
  if (payload.kind === 'strided') return stridedReader(payload, await openPayload(payload.of));
  const file = await open(payload.path, 'r');
  let buffer = new Uint8Array(0);
  return {
    async read(offset, length) {
      const count = Math.min(length, payload.length - offset);
      if (buffer.length < count) buffer = new Uint8Array(count);
      const { bytesRead } = await file.read(buffer, 0, count, payload.offset + offset);
      if (bytesRead === 0) throw becameShorter(payload.path);
      return buffer.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
}

/** The bytes in pieces of at most `chunkBytes`. A piece is valid until the next one is asked for (the buffer is used again). */
export async function* streamPayload(payload: Payload, chunkBytes = 1 << 20): AsyncGenerator<Uint8Array, void, undefined> {
  const length = payloadLength(payload);
  const reader = await openPayload(payload);
  try {
    for (let done = 0; done < length; ) {
      const chunk = await reader.read(done, Math.min(chunkBytes, length - done));
      done += chunk.length;
      yield chunk;
    }
  } finally {
    await reader.close();
  }
}

/** SHA-256 as 64 lower-case hexadecimal digits. */
export async function sha256OfPayload(payload: Payload): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of streamPayload(payload)) hash.update(chunk);
  return hash.digest('hex');
}

type Strided = Extract<Payload, { readonly kind: 'strided' }>;

/** Bytes of the underlying payload read at a time: runs that lie close together come with one read. */
const SPAN_BYTES = 1 << 20;

function stridedReader(payload: Strided, under: PayloadReader): PayloadReader {
  const { offset: start, runBytes, stride, runs } = payload;
  let buffer = new Uint8Array(0);
  return {
    async read(offset, length) {
      const [run, inside] = [Math.floor(offset / runBytes), offset % runBytes];
      const together = Math.min(runs - run, Math.max(1, Math.floor(SPAN_BYTES / stride)), Math.ceil((inside + length) / runBytes));
      const at = start + run * stride;
      if (together === 1) return under.read(at + inside, Math.min(length, runBytes - inside));
      const span = await exactly(under, at, (together - 1) * stride + runBytes);
      const picked = together * runBytes;
      if (buffer.length < picked) buffer = new Uint8Array(picked);
      for (let index = 0; index < together; index += 1)
        buffer.set(span.subarray(index * stride, index * stride + runBytes), index * runBytes);
      return buffer.subarray(inside, Math.min(picked, inside + length));
    },
    close: () => under.close(),
  };
}

async function exactly(reader: PayloadReader, offset: number, length: number): Promise<Uint8Array> {
  const first = await reader.read(offset, length);
  if (first.length === length) return first;
  const bytes = new Uint8Array(length);
  bytes.set(first);
  for (let done = first.length; done < length; ) {
    const more = await reader.read(offset + done, length - done);
    bytes.set(more, done);
    done += more.length;
  }
  return bytes;
}

function gathered({ offset, runBytes, stride, runs }: Strided, under: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(runs * runBytes);
  for (let run = 0; run < runs; run += 1)
    bytes.set(under.subarray(offset + run * stride, offset + run * stride + runBytes), run * runBytes);
  return bytes;
}

function becameShorter(path: string): MeshError {
  return new MeshError('invalid', `${path} became shorter while it was in use`, { hint: 'leave model files alone while they are used' });
}
