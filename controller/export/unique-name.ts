/** Names that a format has shortened or changed may have become the same: the second one gets a number. */

export interface UniqueOptions {
  /** Characters (UTF-16) that a name may have. */
  readonly max?: number;
  /** What of a name must differ; all of it, if not given. */
  readonly fold?: (name: string) => string;
}

/** `used`: folded, of names before; the new one is added. */
export function uniqueName(name: string, used: Set<string>, options: UniqueOptions = {}): string {
  const { max = Number.POSITIVE_INFINITY, fold = (whole) => whole } = options;
  let unique = name;
  for (let count = 2; used.has(fold(unique)); count += 1) {
    const end = `_${count}`;
    unique = `${name.slice(0, max - end.length)}${end}`;
  }
  used.add(fold(unique));
  return unique;
}
