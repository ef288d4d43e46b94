/** The consumer's end over gRPC. Every pull has a connection of its own: one slow stream does not hold up another. */
import { Client, type ClientDuplexStream, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { PullRequest } from '../../../proto/gen/mesh/v1/stage.ts';
import { MeshError } from '../../error.ts';
import { channelCredentials } from '../../grpc/credentials.ts';
import { bulkChannelOptions, CALL_TIMEOUT_MS } from '../../grpc/options.ts';
import { fromStatus } from '../../grpc/status.ts';
import { PROTOCOL_VERSION } from '../../protocol-version.ts';
import { turnsToWire } from '../../wire-turns.ts';
import type { Link, Part, Progress, PullHandlers, PullOpen, PullStream } from '../link.ts';
import { pullMethod } from './method.ts';

/** How long an orderly end may take before the connection is dropped. */
const CLOSE_TIMEOUT_MS = 500;

export function grpcLink(): Link {
  return { pull: (address, open, handlers) => new GrpcPullStream(address, open, handlers) };
}

class GrpcPullStream implements PullStream {
  readonly #client: Client;
  readonly #call: ClientDuplexStream<PullRequest, Part>;
  readonly #handlers: PullHandlers;
  #closed = false;

  constructor(address: string, open: PullOpen, handlers: PullHandlers) {
    this.#handlers = handlers;
    this.#client = new Client(address, channelCredentials(), bulkChannelOptions);
    this.#call = this.#client.makeBidiStreamRequest(
      pullMethod.path,
      pullMethod.requestSerialize,
      pullMethod.responseDeserialize,
      new Metadata(),
      {},
    );
    const peer = `${open.producer} at ${address}`;
    // A peer that accepts TCP and stays silent would otherwise keep the call connecting for ever.
    const silence = setTimeout(() => {
      this.#finish(new MeshError('unreachable', `${peer} did not accept the stream within ${CALL_TIMEOUT_MS / 1000} s`));
    }, CALL_TIMEOUT_MS);
    this.#call.on('metadata', () => clearTimeout(silence));
    this.#call.on('data', (part: Part) => {
      if (this.#closed) return;
      try {
        handlers.part(part);
      } catch (error) {
        this.#finish(MeshError.from(error, 'invalid'));
      }
    });
    this.#call.on('error', (error: ServiceError) => {
      clearTimeout(silence);
      // UNAVAILABLE on an open stream means that it broke, not that it was never there.
      this.#finish(fromStatus(error, peer));
    });
    this.#call.on('status', (end) => {
      clearTimeout(silence);
      if (end.code === status.OK) this.#finish(undefined);
    });
    this.#call.write({
      body: {
        $case: 'open',
        value: {
          protocolVersion: PROTOCOL_VERSION,
          ...open,
          tensors: [...open.tensors],
          windowBytes: BigInt(open.windowBytes),
          turns: turnsToWire(open.turns),
        },
      },
    });
  }

  progress(progress: Progress): void {
    if (this.#closed) return;
    this.#call.write({
      body: {
        $case: 'progress',
        value: {
          receivedFrames: BigInt(progress.receivedFrames),
          consumedFrames: BigInt(progress.consumedFrames),
          consumedBytes: BigInt(progress.consumedBytes),
        },
      },
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#call.write({ body: { $case: 'close', value: {} } });
    this.#call.end();
    const patience = setTimeout(() => this.#release(), CLOSE_TIMEOUT_MS);
    this.#call.on('status', () => {
      clearTimeout(patience);
      this.#client.close();
    });
    // What is still on its way is thrown away, so that the end can arrive.
    this.#call.resume();
  }

  #finish(error: MeshError | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#release();
    this.#handlers.closed(error);
  }

  #release(): void {
    this.#call.cancel();
    this.#client.close();
  }
}
