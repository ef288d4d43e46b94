/**
 * The end of all processes in a group and below it, also of those that fork faster than one can look:
 *
 *     the kernel kills the group, else: freeze ──▶ SIGKILL each ──▶ thaw        again, until nobody is left
 */
import { attempt } from './attempt.ts';
import type { Hierarchy } from './hierarchy.ts';
import { processesIn } from './subtree.ts';

/** Half a second together: a process with gigabytes needs some time to give them back. */
const ROUNDS = 100;
const PAUSE_MS = 5;

/** What hangs in the kernel for longer is left. Blocks this thread meanwhile, usually for one pause. */
export function killGroup(hierarchy: Hierarchy, path: string, killProcess: (pid: number) => void): void {
  attempt(() => hierarchy.unlimitCpu(path));
  for (let round = 0; round < ROUNDS && processesIn(hierarchy, path).length > 0; round += 1) {
    if (!attempt(() => hierarchy.killAll(path))) killOneByOne(hierarchy, path, killProcess);
    pause(PAUSE_MS);
  }
}

/** Frozen, none of them can start others while they are counted. v1 lets them die only when they are thawed. */
function killOneByOne(hierarchy: Hierarchy, path: string, killProcess: (pid: number) => void): void {
  hierarchy.freeze(path, true);
  // One that has just ended is what we want.
  for (const pid of processesIn(hierarchy, path)) attempt(() => killProcess(pid));
  hierarchy.freeze(path, false);
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
