/** The controller's Files service: Get of what is on its shelf, so that devices pull the models of their stages. Nothing else. */
import type { Server, ServerWritableStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Codec } from '../../mesh/codec.ts';
import type { GetChunk } from '../../mesh/files/chunk-codec.ts';
import { filesService } from '../../mesh/files/method.ts';
import { serveGet } from '../../mesh/files/serve-get.ts';
import type { GetRequest } from '../../proto/gen/mesh/v1/files.ts';
import type { BlobShelf } from './blob-shelf.ts';

export interface ModelsServiceOptions {
  readonly shelf: BlobShelf;
  readonly codecs: ReadonlyMap<string, Codec>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

export function addModelsService(server: Server, { shelf, codecs, now }: ModelsServiceOptions): void {
  const implementation: UntypedServiceImplementation = {
    get: (call: ServerWritableStream<GetRequest, GetChunk>) => void serveGet(call, { open: (ref) => shelf.open(ref), codecs, now }),
  };
  server.addService({ get: filesService.get }, implementation);
}
