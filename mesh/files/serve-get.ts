/**
 * Serves Get: streams a file from an offset, as fast as the client takes it. Agents serve their store with it, a controller what it lets
 * devices pull.
 */
import type { Server, ServerWritableStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { GetRequest } from '../../proto/gen/mesh/v1/files.ts';
import type { Codec } from '../codec.ts';
import { MeshError } from '../error.ts';
import { toStatus } from '../grpc/status.ts';
import { numberFromWire } from '../wire-number.ts';
import { type FileEntry, type FileRef, formatRef } from './blob.ts';
import type { ByteSource } from './byte-source.ts';
import { type GetChunk, noChunk } from './chunk-codec.ts';
import { ChunkEncoder, commonCodecs } from './chunk-encoder.ts';
import { chunkWriter } from './chunk-writer.ts';
import { CHUNK_BYTES, CHUNK_BYTES_MAX } from './limits.ts';
import { getMethod } from './method.ts';
import { pump } from './pump.ts';
import { entryToWire, refFromWire } from './wire.ts';

export interface OpenedFile {
  readonly entry: FileEntry;
  readonly source: ByteSource;
}

export interface ServeGetOptions {
  /** Error `not-found` when it is not here. The source is closed when the call has ended. */
  open(ref: FileRef): Promise<OpenedFile>;
  readonly codecs: ReadonlyMap<string, Codec>;
  /** Milliseconds, monotonic. */
  now(): number;
}

type Call = ServerWritableStream<GetRequest, GetChunk>;

/** Never rejects: what goes wrong is told to the client. */
export async function serveGet(call: Call, options: ServeGetOptions): Promise<void> {
  try {
    const ref = refFromWire(call.request.file);
    const opened = await options.open(ref);
    try {
      await stream(call, ref, opened, options);
    } finally {
      await opened.source.close();
    }
    call.end();
  } catch (error) {
    if (!call.cancelled) call.emit('error', toStatus(error));
  }
}

async function stream(call: Call, ref: FileRef, { entry, source }: OpenedFile, options: ServeGetOptions): Promise<void> {
  const from = numberFromWire(call.request.offset, 'the offset');
  if (from > source.bytes)
    throw new MeshError('invalid', `${formatRef(ref)} has ${source.bytes} bytes, it can't be read from byte ${from}`);
  const encoder = new ChunkEncoder(commonCodecs(options.codecs, call.request.codecs), options.now);
  const write = chunkWriter(call, 'cancelled');
  await write({ ...noChunk, offset: from, entry: entryToWire(entry) });
  await pump(source, {
    from,
    chunkBytes: Math.min(call.request.chunkBytes || CHUNK_BYTES, CHUNK_BYTES_MAX),
    encode: (raw) => encoder.encode(raw),
    send: (chunk) => encoder.measured(chunk.payload.byteLength, write(chunk)),
  });
}

/** A Files service that answers Get and nothing else: what a controller lets devices pull. */
export function addGetService(server: Server, options: ServeGetOptions): void {
  const implementation: UntypedServiceImplementation = { get: (call: Call) => void serveGet(call, options) };
  server.addService({ get: getMethod }, implementation);
}
