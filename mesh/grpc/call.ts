/** Unary calls of a client as promises: with a deadline, a signal, and errors that name the peer. */
import { type CallOptions, Metadata, type ServiceError } from '@grpc/grpc-js';
import { MeshError } from '../error.ts';
import { deadlineIn } from './deadline.ts';
import { fromStatus } from './status.ts';

/** A method of a generated client; to be called on it. */
export type UnaryMethod<Q, R> = (
  request: Q,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, reply: R) => void,
) => { cancel(): void };

export interface CallWay {
  /** For messages: who is called. */
  readonly peer: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Errors: what the peer answered, `unreachable`, `timeout`, `cancelled` when the signal is aborted. */
export function callUnary<Q, R>(stub: object, method: UnaryMethod<Q, R>, request: Q, { peer, timeoutMs, signal }: CallWay): Promise<R> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(cancelled());
      return;
    }
    const cancel = (): void => call.cancel();
    const call = method.call(stub, request, new Metadata(), { deadline: deadlineIn(timeoutMs) }, (error, reply) => {
      signal?.removeEventListener('abort', cancel);
      if (error === null) resolve(reply);
      else reject(signal?.aborted === true ? cancelled() : fromStatus(error, peer));
    });
    signal?.addEventListener('abort', cancel, { once: true });
  });
}

function cancelled(): MeshError {
  return new MeshError('cancelled', 'interrupted');
}
