/**
 * The one error type for things that go wrong while operating (a programmer's mistake is an assertion instead).
 *
 * `message` says what was wrong and what was expected; `hint` says what to do about it. Foreign errors become a MeshError only at the
 * edges, through {@link MeshError.from}.
 */
export type ErrorCode =
  | 'usage' // the person asked for something that cannot be: exit code 2
  | 'invalid' // data of a wrong shape, type or content
  | 'not-found'
  | 'conflict' // another epoch, version or owner
  | 'exhausted' // memory, disk, quota, credit
  | 'denied' // permission
  | 'unreachable' // a peer does not answer
  | 'lost' // a peer that was there is gone
  | 'cancelled'
  | 'timeout'
  | 'unsupported'
  | 'failed'; // the work itself failed (a model, a child process)

export interface MeshErrorOptions {
  readonly hint?: string;
  readonly cause?: unknown;
}

export class MeshError extends Error {
  override readonly name = 'MeshError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: MeshErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }

  /** Turns whatever was thrown into a MeshError; one that is already one passes through. */
  static from(thrown: unknown, code: ErrorCode = 'failed'): MeshError {
    if (thrown instanceof MeshError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new MeshError(code, message, { cause: thrown });
  }
}
