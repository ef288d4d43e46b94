/**
 * From fields of the wire to values of ours, checked. 64-bit integers on the wire are bigint; sizes and counts of ours are numbers.
 */
import { MeshError } from './error.ts';

/** Error `invalid` when the value is not exact as a number; `what` names the field. */
export function numberFromWire(value: bigint, what: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new MeshError('invalid', `${what} is ${value}: larger than ${Number.MAX_SAFE_INTEGER}`);
  return number;
}

/** Error `invalid` when the text is none of the choices. */
export function choiceFromWire<T extends string>(value: string, choices: readonly T[], what: string): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new MeshError('invalid', `${what} is "${value.slice(0, 80)}": expected one of ${choices.join(', ')}`);
  return found;
}

/** Error `invalid` when a required message is absent. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new MeshError('invalid', `${what} is missing`);
  return value;
}

/** `{ [key]: value }`, or `{}` when the value is undefined: optional fields are absent, never undefined. */
export function optional<K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: T });
}
