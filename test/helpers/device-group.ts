/**
 * A device group of the real kernel for one test, as an agent has one, with a process that is put into the agent's place, so that the test itself
 * stays where it is.
 */
import { readFileSync } from 'node:fs';

import { realCgroupFiles } from '../../agent/cgroup/cgroup-files.ts';
import { detectHierarchies } from '../../agent/cgroup/detect.ts';
import { type DeviceGroup, openDeviceGroup } from '../../agent/cgroup/device-group.ts';
import type { CgroupLimits } from '../../agent/cgroup/hierarchy.ts';
import { isRoot } from './privileges.ts';
import { isAlive } from './proc.ts';
import { startProcess, type TestProcess } from './processes.ts';
import type { Scope } from './scope.ts';

/** Why there can't be one here, or none that has these controllers besides cpu and memory; undefined when there can. */
export function deviceGroupMissing(...controllers: readonly string[]): string | undefined {
  if (!isRoot) return 'needs root';
  const [hierarchy] = detectHierarchies(realCgroupFiles());
  if (hierarchy === undefined) return 'needs cgroups with cpu and memory controllers';
  const found =
    hierarchy.version === 'v1' ? readFileSync('/proc/self/cgroup', 'utf8') : readFileSync('/sys/fs/cgroup/cgroup.controllers', 'utf8');
  const missing = controllers.filter((controller) => !found.split(/[:,\s]/).includes(controller));
  return missing.length === 0 ? undefined : `needs the ${missing.join(' and ')} controller of cgroups`;
}

export interface RealDevice {
  readonly group: DeviceGroup;
  /** The name of its folder in each hierarchy. */
  readonly folder: string;
}

export function realDevice(t: Scope, limits: CgroupLimits = {}): RealDevice {
  const { pid } = startProcess(t, ['sleep', '600']);
  const group = openDeviceGroup({ hierarchies: detectHierarchies(realCgroupFiles()), name: 'bench', pid, limits, isAlive });
  t.teardown(() => group.close());
  return { group, folder: `splitmesh-bench-${pid}` };
}

/** Runs a command in a group, which it enters before it does anything else. */
export function startInGroup(
  t: Scope,
  { procsFiles }: { readonly procsFiles: readonly string[] },
  command: readonly string[],
): TestProcess {
  const script = 'while [ "$1" != -- ]; do echo 0 > "$1" || exit 99; shift; done; shift; exec "$@"';
  return startProcess(t, ['/bin/sh', '-c', script, 'in-group', ...procsFiles, '--', ...command]);
}
