/**
 * Bytes that can't be decoded: `invalid` when they are damaged or not what was asked for, `unsupported` when another version wrote them.
 */
export class ActivationError extends Error {
  override readonly name = 'ActivationError';
  readonly code: 'invalid' | 'unsupported';

  constructor(code: 'invalid' | 'unsupported', message: string) {
    super(message);
    this.code = code;
  }
}

/** `what` is a codec's name. */
export function damaged(what: string, found: string): ActivationError {
  return new ActivationError('invalid', `${what} bytes are damaged: ${found}`);
}
