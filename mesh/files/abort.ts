/** An aborted signal as one of our errors. */
import { MeshError } from '../error.ts';

/** The reason when it is one of our errors, else `cancelled`. */
export function abortError(signal: AbortSignal): MeshError {
  return signal.reason instanceof MeshError ? signal.reason : new MeshError('cancelled', 'interrupted', { cause: signal.reason });
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortError(signal);
}

/** Settles as the promise does, or rejects as soon as the signal is aborted; the promise itself is left to end on its own. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  throwIfAborted(signal);
  let stop: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(abortError(signal));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
