/** Fetch, as the agent sees it: pulls the blob here, and tells the client how far it is until it has ended. */
import type { ServerWritableStream } from '@grpc/grpc-js';
import { splitAddress } from '../../../mesh/address.ts';
import { MeshError } from '../../../mesh/error.ts';
import { type Blob, formatBlob } from '../../../mesh/files/blob.ts';
import { chunkWriter } from '../../../mesh/files/chunk-writer.ts';
import { checkFileName } from '../../../mesh/files/file-name.ts';
import { PROGRESS_BEAT_MS } from '../../../mesh/files/limits.ts';
import { blobFromWire } from '../../../mesh/files/wire.ts';
import { FetchReply, type FetchRequest } from '../../../proto/gen/mesh/v1/files.ts';
import { pullBlob } from '../pull.ts';
import type { FileStore } from '../store.ts';
import { withBeat } from './streaming.ts';

/** More holders than anyone names by hand; a bound on what one call may make this device connect to. */
const SOURCES_MAX = 64;

export interface FetchSettings {
  readonly store: FileStore;
  /** A source that is silent for so long is left for the next one. */
  readonly idleMs: number;
}

export type FetchCall = ServerWritableStream<FetchRequest, FetchReply>;

export async function receiveFetch(call: FetchCall, abort: AbortController, settings: FetchSettings): Promise<void> {
  const blob = blobFromWire(call.request.blob);
  const name = call.request.name === '' ? '' : checkFileName(call.request.name);
  const { sources } = call.request;
  if (sources.length > SOURCES_MAX)
    throw new MeshError('invalid', `${sources.length} sources are named, at most ${SOURCES_MAX} are allowed`);
  for (const source of sources) splitAddress(source);

  const { store } = settings;
  const write = chunkWriter<FetchReply>(call, 'cancelled');
  let from = '';
  const beat = (): void => {
    // A beat that the client does not take any more is noticed by the call itself.
    void write(FetchReply.fromPartial({ bytes: BigInt(store.receivedBytes(blob)), source: from })).catch(() => {});
  };
  const onSource = (source: string): void => {
    from = source;
  };
  beat();
  const source = await withBeat(PROGRESS_BEAT_MS, beat, bring(blob, { settings, sources, onSource, signal: abort.signal }));
  if (name !== '') await store.name(name, blob);
  await write(FetchReply.fromPartial({ bytes: BigInt(blob.bytes), done: true, source }));
}

interface BringOptions {
  readonly settings: FetchSettings;
  readonly sources: readonly string[];
  readonly onSource: (source: string) => void;
  readonly signal: AbortSignal;
}

/** Returns the source it came from; empty when it was here. */
async function bring(blob: Blob, { settings, sources, onSource, signal }: BringOptions): Promise<string> {
  const incoming = await settings.store.receive(blob, signal);
  if (incoming === undefined) return '';
  try {
    return await pullBlob(incoming, { sources, signal, idleMs: settings.idleMs, onSource });
  } catch (error) {
    throw signal.aborted ? new MeshError('cancelled', `the fetch of ${formatBlob(blob)} was cancelled`, { cause: error }) : error;
  } finally {
    await incoming.abandon();
  }
}
