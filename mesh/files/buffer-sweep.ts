/**
 * Frees the buffers that a transfer leaves behind, before they cost more than they should.
 *
 * Every chunk on its way through grpc-js allocates some buffers outside V8's heap and drops them at once. The heap itself hardly grows, so V8 does
 * not collect its young generation, until some tens of megabytes hang on it; then it marks the whole heap, thirty times per gigabyte. A
 * minor collection after every few chunks takes a quarter of a millisecond and frees the same buffers, which are still warm in the cache
 * when they are handed out again. Measured: bench/files.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Bytes moved between two collections: few enough that V8 has not begun to mark. A sender leaves a frame per chunk behind. A receiver leaves the
 * buffers that the socket was read into; the chunks themselves are given away to be written.
 */
const sweepBytes = { send: 4 * 1024 * 1024, receive: 16 * 1024 * 1024 };

type Collect = (options: { readonly type: 'minor'; readonly execution: 'sync' }) => void;

export class BufferSweep {
  readonly #collect: Collect | undefined;
  readonly #everyBytes: number;
  #bytes = 0;

  /** `expectedBytes`: a transfer too small to leave much behind does without. */
  constructor(direction: 'send' | 'receive', expectedBytes: number) {
    this.#everyBytes = sweepBytes[direction];
    this.#collect = expectedBytes < this.#everyBytes ? undefined : exposedCollector();
  }

  /** So many bytes have passed. */
  moved(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < this.#everyBytes) return;
    this.#bytes = 0;
    this.#collect?.({ type: 'minor', execution: 'sync' });
  }
}

/** The collector's own function: there is no other way to ask for a minor collection. Undefined when this runtime does not give it away. */
function exposedCollector(): Collect | undefined {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('globalThis.gc');
  return typeof collect === 'function' ? (collect as Collect) : undefined;
}
