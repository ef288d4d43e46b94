/**
 * A sweep: every combination of the values of its axes, the last axis fastest.
 *
 *     threads = [1, 2]   memory = ["64MiB", "128MiB"]   ──▶   1 64MiB, 1 128MiB, 2 64MiB, 2 128MiB
 */
import type { Assignment } from './placeholders.ts';
import type { Problem } from './problems.ts';
import { rangeValues } from './range.ts';
import type { WrittenAxis } from './sweep-shape.ts';

/** More would run for weeks, and none would look at them. */
export const COMBINATIONS_MAX = 1000;

/** In the order in which they are written. */
export type Axes = ReadonlyMap<string, readonly (string | number)[]>;

/** What was found good by the shape. */
export function axesOf(written: Readonly<Record<string, WrittenAxis>>): Axes {
  return new Map(Object.entries(written).map(([name, axis]) => [name, Array.isArray(axis) ? axis : rangeValues(axis)]));
}

export function axesProblems(axes: Axes): Problem[] {
  const problems: Problem[] = [];
  for (const [name, values] of axes) {
    const twice = values.findIndex((value, index) => values.indexOf(value) < index);
    if (twice >= 0) problems.push({ path: ['sweep', name, twice], what: `${JSON.stringify(values[twice])} is there twice` });
  }
  const count = [...axes.values()].reduce((product, values) => product * values.length, 1);
  if (count > COMBINATIONS_MAX) {
    const product = [...axes.values()].map((values) => values.length).join(' × ');
    problems.push({
      path: ['sweep'],
      what: `${product.length > 80 ? 'these' : product} are ${count} combinations: expected at most ${COMBINATIONS_MAX}`,
    });
  }
  return problems;
}

/** One, of nothing, when there are no axes. */
export function assignmentsOf(axes: Axes): readonly Assignment[] {
  let assignments: Assignment[] = [{}];
  for (const [name, values] of axes)
    assignments = assignments.flatMap((assignment) => values.map((value) => ({ ...assignment, [name]: value })));
  return assignments;
}
