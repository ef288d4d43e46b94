/**
 * A frame is one input of a run and everything computed from it: a 64-bit id 0, 1, 2, … and named tensors.
 * An epoch is the version of a run's plan; whatever belongs to an older epoch is refused.
 */
import type { Tensor } from './tensor.ts';

export type FrameId = bigint;
export type Epoch = bigint;

/** Tensors in the order of the route they travel on. */
export interface Frame {
  readonly id: FrameId;
  readonly tensors: readonly Tensor[];
}

/** Raw bytes per chunk: small enough that encoding, sending, receiving and decoding overlap, large enough that messages cost little. */
export const CHUNK_BYTES = 512 * 1024;

/** The names that are no stage ids: where frames start and where they end. */
export const SOURCE = 'source';
export const SINK = 'sink';
