/** What a person meant by a name, its beginning or `last`: exactly one thing, or an error that says why not. */
import { MeshError } from '../../mesh/error.ts';

export interface Found<T> {
  /** "run", "sweep". */
  readonly what: string;
  readonly name: string;
  readonly found: readonly T[];
  readonly nameOf: (one: T) => string;
  /** How to see what there is. */
  readonly hint: string;
}

const NAMED_MAX = 5;

/** Error `not-found`; `usage` when several begin so. */
export function theOne<T>({ what, name, found, nameOf, hint }: Found<T>): T {
  if (found.length === 1) return found[0]!;
  if (found.length === 0) throw new MeshError('not-found', `there is no ${what} "${name}"`, { hint });
  const names = found.slice(0, NAMED_MAX).map(nameOf).join(', ');
  throw new MeshError('usage', `"${name}" is the beginning of ${found.length} ${what}s: ${names}`);
}
