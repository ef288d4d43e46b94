/** One combination of a sweep, or a descriptor without one: values put in, shape and rules asked. */
import type { z } from 'zod';
import type { TomlTable, TomlValue } from '../../mesh/toml.ts';
import { givenOf } from './given.ts';
import { type Assignment, substitute } from './placeholders.ts';
import type { Path, Problem } from './problems.ts';
import { ruleProblems } from './rules.ts';
import { type Shape, shape } from './shape.ts';
import { shapeProblems, valueAt } from './shape-problems.ts';
import type { WrittenAxis } from './sweep-shape.ts';

export interface Validated {
  /** Undefined when there are problems. */
  readonly shape: Shape | undefined;
  readonly problems: readonly Problem[];
}

/** `sections`: all but `[sweep]`. */
export function validate(sections: TomlTable, assignment: Assignment): Validated {
  const value = substitute(sections, assignment) as TomlTable;
  const first = shape.safeParse(value);
  if (first.success) return finished(value, first);
  const problems = shapeProblems(first.error.issues, value, shape);
  // A number that was put where a text belongs is meant as that text.
  const numbers = problems.filter(
    ({ path, wantsText }) => wantsText && typeof valueAt(value, path) === 'number' && typeof valueAt(sections, path) === 'string',
  );
  if (numbers.length === 0) return finished(value, first);
  const spelled = spellOut(value, new Set(numbers.map(({ path }) => JSON.stringify(path))), []) as TomlTable;
  return finished(spelled, shape.safeParse(spelled));
}

export function validateSweep(sweep: TomlValue): {
  readonly value: Readonly<Record<string, WrittenAxis>> | undefined;
  readonly problems: readonly Problem[];
} {
  const whole = { sweep };
  const result = shape.pick({ sweep: true }).safeParse(whole);
  return result.success
    ? { value: result.data.sweep, problems: [] }
    : { value: undefined, problems: shapeProblems(result.error.issues, whole, shape) };
}

function finished(value: TomlTable, result: z.ZodSafeParseResult<Shape>): Validated {
  const problems = result.success ? [] : shapeProblems(result.error.issues, value, shape);
  const all = [...problems, ...ruleProblems(givenOf(value, problems))];
  return { shape: all.length === 0 ? result.data : undefined, problems: all };
}

function spellOut(value: TomlValue, where: ReadonlySet<string>, path: Path): TomlValue {
  if (typeof value === 'number' && where.has(JSON.stringify(path))) return String(value);
  if (Array.isArray(value)) return value.map((element: TomlValue, index) => spellOut(element, where, [...path, index]));
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, spellOut(inner, where, [...path, key])]));
}
