/** What the thread that writes a file and its owner say to each other. */

/** Given to the thread at its start: the file is open in the whole process under this number, and has `offset` bytes, which are digested first. */
export interface AppendStart {
  readonly fd: number;
  readonly offset: number;
}

/** Bytes to append, or the question for the digest. */
export type AppendOrder = { readonly bytes: Uint8Array } | { readonly digest: true };

export type AppendReport =
  /** What was there is digested. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'written'; readonly bytes: number }
  | { readonly kind: 'digest'; readonly hex: string }
  /** Nothing is written any more. `errno`: for example ENOSPC. */
  | { readonly kind: 'failed'; readonly errno: string; readonly message: string };
