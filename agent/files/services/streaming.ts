/** A streaming method as an async function: it has a signal, what it throws becomes the status, and it may beat while it makes the client wait. */
import type { ServerDuplexStream, ServerWritableStream } from '@grpc/grpc-js';
import { MeshError } from '../../../mesh/error.ts';
import { toStatus } from '../../../mesh/grpc/status.ts';

// biome-ignore lint/suspicious/noExplicitAny: of whatever messages.
type Call = ServerWritableStream<any, any> | ServerDuplexStream<any, any>;

/** `onBug` gets what was thrown and is no MeshError. The signal aborts when the client has gone. */
export function streaming<C extends Call>(
  work: (call: C, abort: AbortController) => Promise<void>,
  onBug: (error: unknown) => void,
): (call: C) => void {
  return (call) => {
    const abort = new AbortController();
    call.on('cancelled', () => abort.abort(new MeshError('cancelled', 'the client has gone')));
    work(call, abort).then(
      () => call.end(),
      (error: unknown) => {
        if (call.cancelled) return;
        if (!(error instanceof MeshError)) onBug(error);
        call.emit('error', toStatus(error));
      },
    );
  };
}

/** Calls `beat` every `everyMs` until the work has ended. */
export async function withBeat<T>(everyMs: number, beat: () => void, work: Promise<T>): Promise<T> {
  const timer = setInterval(beat, everyMs);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
