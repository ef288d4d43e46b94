/**
 * What a mesh, device, run or stage may be called: the name becomes a token of a NATS subject, a folder and a cgroup, so it is kept plain.
 */
import { MeshError } from './error.ts';

const pattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export function isName(value: string): boolean {
  return pattern.test(value);
}

/** Returns `value` when it is a name. Error `invalid` otherwise; `what` says of what ("device", "run"). */
export function checkName(value: string, what: string): string {
  if (!isName(value)) {
    throw new MeshError(
      'invalid',
      `"${value.slice(0, 80)}" is not a ${what} name: expected 1 to 64 letters, digits, - or _, starting with a letter or digit`,
    );
  }
  return value;
}
