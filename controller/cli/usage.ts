/** What is wrong with what a person asked for is a usage error (exit code 2), whichever part of the program noticed it. */
import { type ErrorCode, MeshError } from '../../mesh/error.ts';

const askedWrong: ReadonlySet<ErrorCode> = new Set(['not-found', 'invalid', 'unsupported', 'denied']);

/** For work that only looks at the command line and the files it names: its errors become `usage`, message and hint unchanged. */
export async function asked<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof MeshError) || !askedWrong.has(thrown.code)) throw thrown;
    throw new MeshError('usage', thrown.message, thrown.hint === undefined ? { cause: thrown } : { cause: thrown, hint: thrown.hint });
  }
}
