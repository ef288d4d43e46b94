/**
 * Writing to a gRPC stream as a promise: it resolves when the stream has taken the message, which is the backpressure, and rejects when the
 * stream is gone. grpc-js by itself never calls back for what was written to a stream that has ended.
 */
import { MeshError } from '../error.ts';

interface Stream<T> {
  write(message: T, callback: (error: Error | null | undefined) => void): unknown;
  on(event: string, listener: () => void): unknown;
}

/** `goneEvents`: the events after which nothing is taken any more. */
export function chunkWriter<T>(stream: Stream<T>, ...goneEvents: string[]): (message: T) => Promise<void> {
  const waiting = new Set<(error: MeshError) => void>();
  const error = new MeshError('cancelled', 'the other end has gone');
  let gone = false;
  for (const event of goneEvents) {
    stream.on(event, () => {
      gone = true;
      for (const reject of waiting) reject(error);
      waiting.clear();
    });
  }
  return (message) =>
    new Promise((resolve, reject) => {
      if (gone) {
        reject(error);
        return;
      }
      waiting.add(reject);
      stream.write(message, (failure) => {
        if (!waiting.delete(reject)) return;
        if (failure) reject(failure);
        else resolve();
      });
    });
}
