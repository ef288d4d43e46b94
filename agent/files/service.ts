/**
 * The Files service of an agent, over its store. Small calls and reading are answered here; bringing files has a file of its own each.
 */
import type { Server, ServerWritableStream } from '@grpc/grpc-js';
import { fileCodecs } from '../../mesh/codec/registry.ts';
import { formatRef } from '../../mesh/files/blob.ts';
import { handleSource } from '../../mesh/files/byte-source.ts';
import type { GetChunk } from '../../mesh/files/chunk-codec.ts';
import { chunkWriter } from '../../mesh/files/chunk-writer.ts';
import { IDLE_MS } from '../../mesh/files/limits.ts';
import { filesService } from '../../mesh/files/method.ts';
import { serveGet } from '../../mesh/files/serve-get.ts';
import { entryToWire, refFromWire } from '../../mesh/files/wire.ts';
import { unary } from '../../mesh/grpc/handler.ts';
import { FLOW_WINDOW_BYTES } from '../../mesh/grpc/options.ts';
import { widenReceiveWindow } from '../../mesh/grpc/receive-window.ts';
import type {
  DeleteReply,
  DeleteRequest,
  FileEntry,
  GetRequest,
  ListRequest,
  StatReply,
  StatRequest,
} from '../../proto/gen/mesh/v1/files.ts';
import { type FetchCall, receiveFetch } from './services/fetch.ts';
import { type PutCall, receivePut } from './services/put.ts';
import { streaming } from './services/streaming.ts';
import { FileStore } from './store.ts';

/** For reflection and health. */
export const FILES_SERVICE = 'mesh.v1.Files';

const FREE_BYTES_MIN = 64 * 1024 * 1024;
const PARTIAL_AGE_MS_MAX = 24 * 3600 * 1000;

export interface FilesServiceOptions {
  readonly dataFolder: string;
  /** Room on the disk that uploads leave alone, bytes. Default 64 MiB. */
  readonly freeBytesMin?: number;
  /** Uploads that broke off are kept this long for a later one to continue, milliseconds. Default a day. */
  readonly partialAgeMsMax?: number;
  /** A client or source that sends nothing for so long is given up, milliseconds. Default 30 s. */
  readonly idleMs?: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** Gets what went wrong in a call and is no MeshError. */
  readonly onBug: (error: unknown) => void;
}

export interface AgentFiles {
  readonly store: FileStore;
  addTo(server: Server): void;
}

/** Errors as FileStore.open. */
export async function createFilesService(options: FilesServiceOptions): Promise<AgentFiles> {
  const { now, onBug, idleMs = IDLE_MS } = options;
  const store = await FileStore.open({
    dataFolder: options.dataFolder,
    freeBytesMin: options.freeBytesMin ?? FREE_BYTES_MIN,
    partialAgeMsMax: options.partialAgeMsMax ?? PARTIAL_AGE_MS_MAX,
    wallClock: options.wallClock,
  });

  const implementation = {
    stat: unary<StatRequest, StatReply>(async ({ file }) => ({ entry: entryToWire(await store.stat(refFromWire(file))) }), onBug),

    delete: unary<DeleteRequest, DeleteReply>(async ({ file }) => ({ freedBytes: BigInt(await store.delete(refFromWire(file))) }), onBug),

    list: streaming(async (call: ServerWritableStream<ListRequest, FileEntry>) => {
      const write = chunkWriter<FileEntry>(call, 'cancelled');
      for await (const entry of store.list(call.request.folder, call.request.blobs)) await write(entryToWire(entry));
    }, onBug),

    get: (call: ServerWritableStream<GetRequest, GetChunk>) =>
      void serveGet(call, {
        open: async (ref) => {
          const { entry, handle } = await store.open(ref);
          return { entry, source: handleSource(handle, entry.blob.bytes, formatRef(ref)) };
        },
        codecs: fileCodecs,
        now,
      }),

    put: streaming((call: PutCall, abort) => receivePut(call, abort, { store, idleMs }), onBug),

    fetch: streaming((call: FetchCall, abort) => receiveFetch(call, abort, { store, idleMs }), onBug),
  };
  return {
    store,
    addTo: (server) => {
      widenReceiveWindow([filesService.put.path], FLOW_WINDOW_BYTES);
      server.addService(filesService, implementation);
    },
  };
}
