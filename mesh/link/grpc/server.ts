/** The producer's end over gRPC: each Pull call becomes a PushStream handed to `accept`. */
import { Metadata, type Server, type ServerDuplexStream } from '@grpc/grpc-js';
import type { PullRequest } from '../../../proto/gen/mesh/v1/stage.ts';
import { MeshError } from '../../error.ts';
import { toStatus } from '../../grpc/status.ts';
import { PROTOCOL_VERSION } from '../../protocol-version.ts';
import { turnsFromWire } from '../../wire-turns.ts';
import type { Accept, Part, Progress, PullOpen, PushStream } from '../link.ts';
import { pullMethod } from './method.ts';

export function addLinkService(server: Server, accept: Accept): void {
  server.addService({ pull: pullMethod }, { pull: (call: ServerDuplexStream<PullRequest, Part>) => handle(call, accept) });
}

function handle(call: ServerDuplexStream<PullRequest, Part>, accept: Accept): void {
  let stream: GrpcPushStream | undefined;
  call.on('data', (request: PullRequest) => {
    try {
      if (stream === undefined) {
        stream = new GrpcPushStream(call, openOf(request));
        accept(stream);
      } else stream.receive(request);
    } catch (error) {
      const refusal = MeshError.from(error, 'invalid');
      if (stream === undefined) call.emit('error', toStatus(refusal));
      else stream.end(refusal);
    }
  });
  const lose = (why: string): void => stream?.gone(new MeshError('lost', `the connection from ${stream.open.consumer} broke${why}`));
  call.on('error', (error) => lose(`: ${error.message}`));
  call.on('cancelled', () => lose(''));
  // A broken connection ends the request stream, too; an orderly end said so before.
  call.on('end', () => lose(''));
}

function openOf(request: PullRequest): PullOpen {
  if (request.body?.$case !== 'open') throw new MeshError('invalid', 'a Pull starts with an Open message');
  const open = request.body.value;
  if (open.protocolVersion !== PROTOCOL_VERSION) {
    throw new MeshError(
      'conflict',
      `the consumer speaks protocol version ${open.protocolVersion}, this producer version ${PROTOCOL_VERSION}`,
      {
        hint: 'install the same release of splitmesh on every device',
      },
    );
  }
  return {
    run: open.run,
    epoch: open.epoch,
    producer: open.producer,
    consumer: open.consumer,
    tensors: open.tensors,
    windowFrames: open.windowFrames,
    windowBytes: Number(open.windowBytes),
    ...turnsFromWire(open.turns, `the stream from ${open.producer} to ${open.consumer}`),
  };
}

class GrpcPushStream implements PushStream {
  readonly open: PullOpen;
  readonly #call: ServerDuplexStream<PullRequest, Part>;
  readonly #pending = new Set<(error: MeshError) => void>();
  #progressListener: (progress: Progress) => void = () => {};
  #closeListener: (error: MeshError | undefined) => void = () => {};
  #closed = false;

  constructor(call: ServerDuplexStream<PullRequest, Part>, open: PullOpen) {
    this.#call = call;
    this.open = open;
    // The consumer takes the arrival of these as "accepted".
    call.sendMetadata(new Metadata());
  }

  receive(request: PullRequest): void {
    if (request.body?.$case === 'close') {
      this.end();
      return;
    }
    if (request.body?.$case !== 'progress') throw new MeshError('invalid', 'a Pull is opened only once');
    this.#progressListener({
      receivedFrames: Number(request.body.value.receivedFrames),
      consumedFrames: Number(request.body.value.consumedFrames),
      consumedBytes: Number(request.body.value.consumedBytes),
    });
  }

  send(part: Part): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(this.#goneError());
        return;
      }
      this.#pending.add(reject);
      this.#call.write(part, () => {
        if (this.#pending.delete(reject)) resolve();
      });
    });
  }

  onProgress(listener: (progress: Progress) => void): void {
    this.#progressListener = listener;
  }

  onClose(listener: (error: MeshError | undefined) => void): void {
    this.#closeListener = listener;
  }

  end(error?: MeshError): void {
    if (this.#closed) return;
    if (error === undefined) this.#call.end();
    else this.#call.emit('error', toStatus(error));
    this.gone(error);
  }

  gone(error: MeshError | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const reject of this.#pending) reject(error ?? this.#goneError());
    this.#pending.clear();
    this.#closeListener(error);
  }

  #goneError(): MeshError {
    return new MeshError('lost', `${this.open.consumer} no longer pulls from ${this.open.producer}`);
  }
}
