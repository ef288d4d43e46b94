/** What a caller can do about it: nothing (`damaged`), use other software (`unsupported`), allow more (`too-large`), call differently (`usage`). */
export type Blosc2ErrorCode = 'damaged' | 'unsupported' | 'too-large' | 'usage';

/** The only error that this package throws on purpose. The message says what was found and what was expected. */
export class Blosc2Error extends Error {
  override readonly name = 'Blosc2Error';
  readonly code: Blosc2ErrorCode;

  constructor(code: Blosc2ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
