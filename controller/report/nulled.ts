/** JSON has no `undefined`: what is not known is said to be null, not left out. */
export type Nulled<T> = T extends readonly (infer E)[]
  ? readonly Nulled<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Nulled<Exclude<T[K], undefined>> | (undefined extends T[K] ? null : never) }
    : T;

/** Plain data only: objects, arrays, texts, numbers. */
export function nulled<T>(value: T): Nulled<T> {
  if (value === undefined) return null as Nulled<T>;
  if (Array.isArray(value)) return value.map((each) => nulled(each)) as Nulled<T>;
  if (typeof value !== 'object' || value === null) return value as Nulled<T>;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, nulled(each)])) as Nulled<T>;
}
