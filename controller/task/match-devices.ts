/**
 * Which devices a descriptor may run on, and which of them it does: the one of the last time, so that its history goes on; else the least busy.
 */

import { formatBytes } from '../../mesh/bytes.ts';
import type { Device, Presence } from '../../mesh/device.ts';

export interface Wanted {
  /** `*` and `?` stand for others; undefined: any. */
  readonly name: string | undefined;
  readonly arch: string | undefined;
  readonly memoryBytesMin: number | undefined;
}

/** Undefined: it will do. Else why not, for a person. */
export function whyNot(wanted: Wanted, { name, arch, memoryBytes, memoryLimitBytes }: Device): string | undefined {
  if (wanted.name !== undefined && !matches(wanted.name, name)) return `it is not called ${wanted.name}`;
  if (wanted.arch !== undefined && wanted.arch !== arch) return `it is ${arch}, not ${wanted.arch}`;
  const memory = Math.min(memoryBytes, memoryLimitBytes ?? Number.POSITIVE_INFINITY);
  if (wanted.memoryBytesMin !== undefined && memory < wanted.memoryBytesMin)
    return `it has ${formatBytes(memory)} of memory, and ${formatBytes(wanted.memoryBytesMin)} are wanted`;
  return undefined;
}

/** Those that will do, best first. `before`: names of those of the last time, in their order. */
export function ordered(present: readonly Presence[], wanted: Wanted, before: readonly string[]): Presence[] {
  const rank = ({ device: { name } }: Presence): number => (before.includes(name) ? before.indexOf(name) : before.length);
  return present
    .filter(({ device, draining }) => !draining && whyNot(wanted, device) === undefined)
    .toSorted((a, b) => rank(a) - rank(b) || a.stages.length - b.stages.length || a.device.name.localeCompare(b.device.name));
}

/** Of devices that won't do, one line each. */
export function refusals(present: readonly Presence[], wanted: Wanted): string[] {
  return present.map(
    ({ device, draining }) => `${device.name}: ${whyNot(wanted, device) ?? (draining ? 'it is being drained' : 'it will do')}`,
  );
}

/** Each `*` as short as possible, and longer when what follows does not fit: a product of both lengths at most, whatever the pattern. */
function matches(pattern: string, text: string): boolean {
  let [at, from, star, taken] = [0, 0, -1, 0];
  while (from < text.length) {
    if (pattern[at] === '*') [star, taken, at] = [at, from, at + 1];
    else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[from])) [at, from] = [at + 1, from + 1];
    else if (star >= 0) [taken, from, at] = [taken + 1, taken + 1, star + 1];
    else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
