/** Fields of a JSON file that a person wrote: each has the type that is expected, or the error names its path and what was found there. */

/** Throws. `path`: of the field in the file (`compute[3][0]`). `found`: the rest of the sentence. */
export type Fail = (path: string, found: string) => never;

export function objectOf(value: unknown, path: string, fail: Fail): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(path, 'is no object');
  return value as Record<string, unknown>;
}

export function listOf(value: unknown, path: string, fail: Fail): readonly unknown[] {
  return Array.isArray(value) ? value : fail(path, value === undefined ? 'is missing: expected a list' : 'is no list');
}

export function listOfLength(value: unknown, length: number, path: string, fail: Fail): readonly unknown[] {
  const list = listOf(value, path, fail);
  if (list.length !== length) fail(path, `has ${list.length} entries: expected ${length}`);
  return list;
}

export function amounts(value: unknown, length: number, path: string, fail: Fail): readonly number[] {
  return listOfLength(value, length, path, fail).map((each, index) => amount(each, `${path}[${index}]`, fail));
}

/** Null where there is none. */
export function amountsOrNull(value: unknown, length: number, path: string, fail: Fail): readonly (number | null)[] {
  return listOfLength(value, length, path, fail).map((each, index) => (each === null ? null : amount(each, `${path}[${index}]`, fail)));
}

export function amount(value: unknown, path: string, fail: Fail): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  return fail(path, `is ${shown(value)}: expected a number of at least 0`);
}

export function positive(value: unknown, path: string, fail: Fail): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  return fail(path, `is ${shown(value)}: expected a number above 0`);
}

/** A whole number from `min` to `max`; `what` says so in words. */
export function whole(value: unknown, min: number, max: number, what: string, path: string, fail: Fail): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  return fail(path, `is ${shown(value)}: expected ${what}`);
}

/** For a file that a person wrote a name wrong in: a field that nobody reads is no field. */
export function refuseOthers(value: Record<string, unknown>, known: readonly string[], path: string, fail: Fail): void {
  for (const key of Object.keys(value)) if (!known.includes(key)) fail(`${path}.${key}`, `is unknown: expected ${known.join(', ')}`);
}

export function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'missing';
}
