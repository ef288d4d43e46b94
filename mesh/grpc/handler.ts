/**
 * Service methods as plain async functions: what they return is the reply, what they throw becomes a status (see status.ts), and a signal
 * tells them that the caller has gone or its deadline has passed.
 */
import type { handleUnaryCall, ServerErrorResponse, ServerUnaryCall } from '@grpc/grpc-js';
import { MeshError } from '../error.ts';
import { remainingMs } from './deadline.ts';
import { toStatus } from './status.ts';

export interface CallContext {
  /** Aborts when the caller cancels, disconnects or its deadline passes. */
  readonly signal: AbortSignal;
  /** Milliseconds until the caller's deadline; infinite without one. */
  readonly remainingMs: number;
}

/** `onBug` gets what was thrown and is no MeshError: a mistake of ours, worth a stack trace in the log. */
export function unary<Q, R>(
  handle: (request: Q, context: CallContext) => R | Promise<R>,
  onBug: (error: unknown) => void,
): handleUnaryCall<Q, R> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handle(call.request, contextOf(call)))
      .then(
        (reply) => callback(null, reply),
        (error: unknown) => {
          if (!(error instanceof MeshError)) onBug(error);
          callback(toStatus(error) as ServerErrorResponse);
        },
      );
  };
}

function contextOf(call: ServerUnaryCall<unknown, unknown>): CallContext {
  const controller = new AbortController();
  call.on('cancelled', () => controller.abort());
  return { signal: controller.signal, remainingMs: remainingMs(call.getDeadline()) };
}
