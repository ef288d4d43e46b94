/**
 * A group with all groups below it: a program that may write to its own group can make some, and put its processes there.
 *
 *     bench-1 ──┬── inner ── innermost
 *               └── other
 */
import { attempt } from './attempt.ts';
import type { Hierarchy } from './hierarchy.ts';

/** Paths; each after the one that it is in. */
function groupsIn(hierarchy: Hierarchy, path: string): string[] {
  return [path, ...hierarchy.children(path).flatMap((name) => groupsIn(hierarchy, `${path}/${name}`))];
}

/** Ids of all that live there. */
export function processesIn(hierarchy: Hierarchy, path: string): number[] {
  const [top, ...below] = groupsIn(hierarchy, path);
  const found = new Set(hierarchy.processes(top!));
  for (const group of below) {
    // It may have just gone, or be one of another controller only.
    attempt(() => {
      for (const pid of hierarchy.processes(group)) found.add(pid);
    });
  }
  return [...found];
}

/** From the bottom up. False when something of it is left. */
export function removeGroups(hierarchy: Hierarchy, path: string): boolean {
  let gone = true;
  const listed = attempt(() => {
    for (const group of groupsIn(hierarchy, path).toReversed()) gone = attempt(() => hierarchy.remove(group)) && gone;
  });
  return listed && gone;
}
