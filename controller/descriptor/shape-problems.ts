/**
 * What the validator found, in our words: "expected a text in quotes, found 12".
 *
 * Of a choice (a text or an array) only the branch that was meant is spoken of: the one whose kind of value was found.
 */
import { z } from 'zod';
import { suggest } from '../../mesh/suggest.ts';
import { shownToml } from '../../mesh/toml.ts';
import { WHOLE_NUMBER } from './fields.ts';
import type { Path, Problem } from './problems.ts';

type Issue = z.core.$ZodIssue;

export interface ShapeProblem extends Problem {
  /** A text was expected. */
  readonly wantsText?: true;
}

/** `value` is what was validated against `schema`. */
export function shapeProblems(issues: readonly Issue[], value: unknown, schema: z.ZodType): ShapeProblem[] {
  const problems = issues.flatMap((issue) => problemsOf(issue, [], value, schema));
  // A text that is empty is also no name, and no address; where a key has another name, it is no wonder that something is missing.
  const said = new Set(problems.filter(({ isUnknownKey }) => isUnknownKey).map(({ path }) => JSON.stringify(path.slice(0, -1))));
  return problems.filter(({ path, isUnknownKey }) => {
    const key = JSON.stringify(path);
    if (isUnknownKey === undefined && said.has(key)) return false;
    if (isUnknownKey === undefined) said.add(key);
    return true;
  });
}

/** What stands at a path, undefined when there is nothing. */
export function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<string | number, unknown>)[step];
  }
  return found;
}

function problemsOf(issue: Issue, prefix: Path, value: unknown, schema: z.ZodType): ShapeProblem[] {
  const path = [...prefix, ...(issue.path as (string | number)[])];
  const found = valueAt(value, path);
  const expected = (what: string): ShapeProblem[] => [
    { path, what: found === undefined ? `is missing: expected ${what}` : `expected ${what}, found ${shownToml(found)}` },
  ];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], what: unknownKey(key, path, schema), isUnknownKey: true }));
    case 'invalid_type':
      return expected(issue.message === WHOLE_NUMBER ? WHOLE_NUMBER : (kinds[issue.expected] ?? issue.expected)).map((problem) =>
        issue.expected === 'string' ? { ...problem, wantsText: true } : problem,
      );
    case 'invalid_value':
      return oneOf(issue.values.map(String), found, expected);
    case 'invalid_format':
      return expected(issue.message);
    case 'invalid_union': {
      const branches = issue.errors.filter((errors) => !errors.some((error) => error.path.length === 0 && error.code === 'invalid_type'));
      return branches.length === 1 && found !== undefined
        ? branches[0]!.flatMap((error) => problemsOf(error, path, value, schema))
        : expected(issue.message);
    }
    case 'invalid_key':
      return [{ path, what: keyProblem(issue.issues[0], String(path.at(-1))) }];
    case 'too_small':
      return [outOfBounds(path, found, bound(issue.origin, Number(issue.minimum), issue.inclusive === true, 'least'))];
    case 'too_big':
      return [outOfBounds(path, found, bound(issue.origin, Number(issue.maximum), issue.inclusive === true, 'most'))];
    case 'custom':
      return [{ path, what: issue.message }];
    default:
      return expected(issue.message);
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'an array',
  object: 'a table',
  record: 'a table',
};

function oneOf(values: readonly string[], found: unknown, expected: (what: string) => ShapeProblem[]): ShapeProblem[] {
  const meant = typeof found === 'string' ? suggest(found, values) : undefined;
  return expected(`one of ${values.join(', ')}`).map((problem) =>
    meant === undefined ? problem : { ...problem, what: `${problem.what}; did you mean ${meant}?` },
  );
}

function keyProblem(issue: Issue | undefined, key: string): string {
  const shown = shownToml(key);
  if (issue?.code === 'invalid_format') return `${shown} is not ${issue.message}`;
  return issue?.message ?? `${shown} can't be a key`;
}

function bound(origin: string, limit: number, inclusive: boolean, which: 'least' | 'most'): string {
  if (origin === 'string') return limit === 1 && which === 'least' ? 'a text that is not empty' : `at ${which} ${limit} characters`;
  if (origin === 'array') return `at ${which} ${limit} ${limit === 1 ? 'element' : 'elements'}`;
  if (inclusive) return `at ${which} ${limit}`;
  return which === 'least' ? `more than ${limit}` : `less than ${limit}`;
}

/** Of a list and of a long text the length is what matters. */
function outOfBounds(path: Path, found: unknown, expected: string): ShapeProblem {
  const hasLength = Array.isArray(found) || (typeof found === 'string' && found.length > 0);
  return { path, what: `expected ${expected}, found ${hasLength ? found.length : shownToml(found)}` };
}

function unknownKey(key: string, path: Path, schema: z.ZodType): string {
  const known = keysAt(schema, path);
  const meant = suggest(key, known);
  const table = path.filter((step) => typeof step === 'string').join('.');
  const inArray = typeof path.at(-1) === 'number';
  const where = table === '' ? 'a section' : `a key of ${inArray ? `[[${table}]]` : `[${table}]`}`;
  return `this is not ${where}${meant === undefined ? `: expected one of ${known.join(', ')}` : `; did you mean ${meant}?`}`;
}

/** Keys that a table of the shape may have. */
function keysAt(schema: z.ZodType, path: Path): readonly string[] {
  let candidates = unwrapped(schema);
  for (const step of path) candidates = candidates.flatMap((candidate) => into(candidate, step));
  return candidates.flatMap((candidate) => (candidate instanceof z.ZodObject ? Object.keys(candidate.shape) : []));
}

function into(schema: z.core.$ZodType, step: string | number): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodArray) return typeof step === 'number' ? unwrapped(schema.element) : [];
  if (schema instanceof z.ZodRecord) return unwrapped(schema.valueType);
  return schema instanceof z.ZodObject && Object.hasOwn(schema.shape, step) ? unwrapped(schema.shape[step]) : [];
}

/** What may be meant: without defaults around it, and each of a choice. */
function unwrapped(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrapped(schema.unwrap());
  return schema instanceof z.ZodUnion ? schema.options.flatMap(unwrapped) : [schema];
}
