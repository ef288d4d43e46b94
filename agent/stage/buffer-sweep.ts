/**
 * Frees the buffers that gRPC leaves behind, before they cost more than they should.
 *
 * Every chunk on its way through grpc-js allocates a few buffers outside V8's heap and drops them at once. The heap itself hardly grows, so V8
 * does not collect its young generation, until it sees that tens of megabytes hang on it and marks the whole heap: some 25 ms of CPU, every
 * four or five frames. A minor collection after every few megabytes takes a quarter of a millisecond and frees the same buffers.
 *
 * Measured: a relay of 1.6 MB frames spends 1.9 ms of CPU per frame with it and 4.3 ms without (docs/benchmarks.md).
 */

/**
 * Bytes of frames moved between two collections: as a rule every frame. On the way through gRPC each byte leaves about three bytes of garbage,
 * and V8 begins to mark at 32 MB including what is in use: with 8 MB between collections half of the markings still came.
 */
const SWEEP_EVERY_BYTES = 1024 * 1024;

export class BufferSweep {
  readonly #collectYoung: () => void;
  #bytes = 0;

  constructor(collectYoung: () => void) {
    this.#collectYoung = collectYoung;
  }

  /** A frame of so many bytes, in and out together, has passed. */
  moved(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < SWEEP_EVERY_BYTES) return;
    this.#bytes = 0;
    this.#collectYoung();
  }
}
