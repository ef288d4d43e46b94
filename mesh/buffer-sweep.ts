/**
 * Frees the buffers that gRPC leaves behind, before they cost more than they should.
 *
 * Every chunk on its way through grpc-js allocates a few buffers outside V8's heap and drops them at once. The heap itself hardly grows, so V8
 * does not collect its young generation, until it sees that tens of megabytes hang on it and marks the whole heap: some 25 ms of CPU. A
 * minor collection after every few megabytes takes a quarter of a millisecond and frees the same buffers, which are still warm in the cache
 * when they are handed out again.
 *
 * Measured (docs/benchmarks.md): a relay of 1.6 MB frames spends 1.9 ms of CPU per frame with it and 4.3 ms without; a file comes 1.3 times as
 * fast.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Bytes between two collections, by what passes. Frames: as a rule every frame, because each byte of one leaves about three bytes of garbage, and
 * V8 begins to mark at 32 MB including what is in use; with 8 MB half of the markings still came. A sender of files leaves one buffer per
 * chunk; a receiver only what the socket was read into, because the chunks themselves are given away to be written.
 */
export const SWEEP_BYTES = { frames: 1024 ** 2, sentFile: 4 * 1024 ** 2, receivedFile: 16 * 1024 ** 2 } as const;

export class BufferSweep {
  readonly #everyBytes: number;
  #bytes = 0;

  constructor(passing: keyof typeof SWEEP_BYTES) {
    this.#everyBytes = SWEEP_BYTES[passing];
  }

  /** So many bytes have passed, in and out together. */
  moved(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < this.#everyBytes) return;
    this.#bytes = 0;
    collectYoung();
  }
}

let collector: (() => void) | undefined;

/** There is no way to ask for a minor collection but the collector's own function. Does nothing in a runtime that does not give it away. */
function collectYoung(): void {
  collector ??= exposedCollector();
  collector();
}

function exposedCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('globalThis.gc') as ((options: { type: 'minor'; execution: 'sync' }) => void) | undefined;
  return () => gc?.({ type: 'minor', execution: 'sync' });
}
