/**
 * One device's Files service, as a client sees it: a connection of its own, so that bulk does not queue before anything else, and what its
 * errors call the device.
 */
import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  Metadata,
  type MethodDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { splitAddress } from '../address.ts';
import { MeshError } from '../error.ts';
import { channelCredentials } from '../grpc/credentials.ts';
import { CALL_TIMEOUT_MS, fileChannelOptions } from '../grpc/options.ts';
import { fromStatus } from '../grpc/status.ts';
import { abortError } from './abort.ts';

export class FilesPeer {
  readonly label: string;
  readonly #client: Client;

  /** `name`: how messages call the device. Nothing is sent before the first call. Error `usage` when the address is not HOST:PORT. */
  constructor(address: string, name?: string) {
    splitAddress(address);
    this.label = name === undefined || name === address ? address : `${name} at ${address}`;
    this.#client = new Client(address, channelCredentials(), fileChannelOptions);
  }

  /** A small call: answered at once or not at all. */
  unary<Q, R>(method: MethodDefinition<Q, R>, request: Q, signal?: AbortSignal): Promise<R> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(abortError(signal));
        return;
      }
      let ended: MeshError | undefined;
      const end = (error: MeshError): void => {
        ended ??= error;
        call.cancel();
      };
      const abort = (): void => end(abortError(signal!));
      const deadline = setTimeout(() => end(unanswered(this.label)), CALL_TIMEOUT_MS);
      const call = this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        (error, reply) => {
          clearTimeout(deadline);
          signal?.removeEventListener('abort', abort);
          if (error === null) resolve(reply!);
          else reject(ended ?? fromStatus(error, this.label));
        },
      );
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  serverStream<Q, R>(method: MethodDefinition<Q, R>, request: Q): ClientReadableStream<R> {
    return this.#client.makeServerStreamRequest(method.path, method.requestSerialize, method.responseDeserialize, request);
  }

  bidi<Q, R>(method: MethodDefinition<Q, R>): ClientDuplexStream<Q, R> {
    return this.#client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize, new Metadata());
  }

  errorFrom(thrown: unknown): MeshError {
    if (thrown instanceof MeshError || !isServiceError(thrown)) return MeshError.from(thrown);
    return fromStatus(thrown, this.label);
  }

  /** Ends what is still under way. Idempotent. */
  close(): void {
    this.#client.close();
  }
}

/** Runs `work` with the peer, or with one made for it from an address. */
export async function withPeer<T>(peer: FilesPeer | string, work: (peer: FilesPeer) => Promise<T>): Promise<T> {
  if (typeof peer !== 'string') return work(peer);
  const own = new FilesPeer(peer);
  try {
    return await work(own);
  } finally {
    own.close();
  }
}

export function unanswered(label: string): MeshError {
  return new MeshError('unreachable', `${label} did not answer within ${CALL_TIMEOUT_MS / 1000} s`, {
    hint: 'check that the agent runs there and that its port can be reached from here',
  });
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && 'metadata' in thrown && 'details' in thrown && 'code' in thrown;
}
