/**
 * Put, as the agent sees it: says where to continue, takes chunks in order, checks the whole, and makes it visible. An upload of a blob that
 * somebody else is bringing waits for that; one of a blob that is here costs nothing.
 */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { decodeChunk, fileCodecs } from '../../../mesh/codec/registry.ts';
import { MeshError } from '../../../mesh/error.ts';
import { abortable } from '../../../mesh/files/abort.ts';
import { type Blob, formatBlob } from '../../../mesh/files/blob.ts';
import type { PutChunk } from '../../../mesh/files/chunk-codec.ts';
import { chunkWriter } from '../../../mesh/files/chunk-writer.ts';
import { checkFileName } from '../../../mesh/files/file-name.ts';
import { CHUNK_BYTES_MAX, WAITING_BEAT_MS } from '../../../mesh/files/limits.ts';
import { blobFromWire } from '../../../mesh/files/wire.ts';
import { PutReply } from '../../../proto/gen/mesh/v1/files.ts';
import type { Incoming } from '../incoming.ts';
import type { FileStore } from '../store.ts';
import { withBeat } from './streaming.ts';

export type PutCall = ServerDuplexStream<PutChunk, PutReply>;

export interface PutSettings {
  readonly store: FileStore;
  /** A client that sends nothing for so long is given up, so that others need not wait for it. */
  readonly idleMs: number;
}

/** How often the client is told how much has come: it shows that, and frees its memory. */
const TELL_BYTES = 2 * 1024 * 1024;

/** Where the chunks come from; undefined at their end. */
type NextChunk = () => Promise<PutChunk | undefined>;

export async function receivePut(call: PutCall, abort: AbortController, settings: PutSettings): Promise<void> {
  const { store } = settings;
  const next = chunksOf(call, abort, settings.idleMs);
  const write = chunkWriter<PutReply>(call, 'cancelled');
  const reply = (fields: Partial<PutReply>): Promise<void> => write(PutReply.fromPartial(fields));
  const patiently = <T>(blob: Blob, work: Promise<T>): Promise<T> => {
    // A beat that the client does not take any more is noticed by the call itself.
    const beat = (): void => void reply({ offset: BigInt(store.receivedBytes(blob)), waiting: true }).catch(() => {});
    return withBeat(WAITING_BEAT_MS, beat, work);
  };

  const { blob, name } = headOf(await next());
  const incoming = await patiently(blob, store.receive(blob, abort.signal));
  if (incoming !== undefined) {
    try {
      await reply({ offset: BigInt(incoming.offset), codecs: [...fileCodecs.keys()] });
      await takeAll(incoming, next, (offset) => void reply({ offset: BigInt(offset), waiting: true }).catch(() => {}));
      await patiently(blob, incoming.commit());
    } finally {
      await incoming.abandon();
    }
  }
  if (name !== '') await store.name(name, blob);
  await reply({ offset: BigInt(blob.bytes), done: true });
}

function headOf(first: PutChunk | undefined): { blob: Blob; name: string } {
  if (first?.head === undefined) throw new MeshError('invalid', 'an upload starts with a head that says what will come');
  const { blob, name } = first.head;
  return { blob: blobFromWire(blob), name: name === '' ? '' : checkFileName(name) };
}

async function takeAll(incoming: Incoming, next: NextChunk, tell: (offset: number) => void): Promise<void> {
  let told = incoming.offset;
  for (let chunk = await next(); chunk !== undefined; chunk = await next()) {
    if (chunk.offset !== incoming.offset) {
      throw new MeshError('invalid', `a chunk of ${formatBlob(incoming.blob)} came for byte ${chunk.offset}, expected ${incoming.offset}`);
    }
    await incoming.append(decodeChunk(fileCodecs, chunk, CHUNK_BYTES_MAX));
    if (incoming.offset - told < TELL_BYTES) continue;
    told = incoming.offset;
    tell(told);
  }
}

function chunksOf(call: PutCall, abort: AbortController, idleMs: number): NextChunk {
  // Reading to the end must not destroy the call, which is still to be answered.
  const requests: AsyncIterator<PutChunk> = call.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]();
  return async () => {
    const timer = setTimeout(() => {
      abort.abort(new MeshError('timeout', `the client has sent nothing for ${idleMs / 1000} s`));
    }, idleMs);
    try {
      const { done, value } = await abortable(requests.next(), abort.signal);
      return done === true ? undefined : value;
    } finally {
      clearTimeout(timer);
    }
  };
}
