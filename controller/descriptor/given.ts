/**
 * What of a descriptor can be relied on when some of it is wrong: rules about several keys are checked of the keys that are good, so that one mistake
 * does not hide another, and none is followed by complaints that are only about it.
 */
import type { Path, Problem } from './problems.ts';
import type { Strategy, Written } from './shape.ts';

type Partly<T> = T extends readonly (infer E)[]
  ? readonly (Partly<E> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: Partly<T[K]> }
    : T;

export interface Given {
  /** As written, without what is wrong. */
  readonly written: Partly<Written>;
  /** It is wrong, or missing where it must not be: what is said of it may not be so. */
  isBroken(...path: Path): boolean;
  /** Some key in this table may be meant as another. */
  hasUnknownKey(...path: Path): boolean;
  /** Undefined: unknown. */
  readonly strategy: Strategy | undefined;
  readonly workload: 'model' | 'program' | undefined;
}

/** `problems`: all that the shape has found. */
export function givenOf(value: unknown, problems: readonly Problem[]): Given {
  const broken = new Set(problems.map(({ path }) => JSON.stringify(path)));
  const confused = new Set(problems.filter(({ isUnknownKey }) => isUnknownKey).map(({ path }) => JSON.stringify(path.slice(0, -1))));
  const written = (without(value, broken, []) ?? {}) as Partly<Written>;
  const isBroken = (...path: Path): boolean => path.some((_, index) => broken.has(JSON.stringify(path.slice(0, index + 1))));
  const program = written.ml?.workload;
  return {
    written,
    isBroken,
    hasUnknownKey: (...path) => confused.has(JSON.stringify(path)),
    strategy: isBroken('hardware', 'strategy') ? undefined : (written.hardware?.strategy ?? 'single_node'),
    workload: isBroken('ml', 'workload') ? undefined : typeof program === 'string' ? 'model' : 'program',
  };
}

function without(value: unknown, broken: ReadonlySet<string>, path: Path): unknown {
  if (broken.has(JSON.stringify(path))) return undefined;
  if (Array.isArray(value)) return value.map((element, index) => without(element, broken, [...path, index]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, without(inner, broken, [...path, key])] as const)
      .filter(([, inner]) => inner !== undefined),
  );
}
