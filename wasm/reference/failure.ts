/**
 * Why a chunk or frame can't be decoded, in the three classes that the vectors in test/vectors/blosc2 know:
 *
 *     damaged       no encoder writes this
 *     unsupported   a valid chunk that needs something this package leaves out (a codec, a dictionary, a user's filter)
 *     too-large     a valid header that asks for more bytes than the caller allows
 */
export type FailureKind = 'damaged' | 'unsupported' | 'too-large';

export class ChunkFailure extends Error {
  override readonly name = 'ChunkFailure';
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Asserts what every valid chunk fulfils. */
export function mustHold(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ChunkFailure('damaged', message);
}
