/**
 * Which kernel interfaces this machine offers, best first. Without cpu and memory controllers a hierarchy is of no use here.
 */
import { optional } from '../../mesh/wire-number.ts';
import { type CgroupFiles, readIfThere } from './cgroup-files.ts';
import type { Hierarchy } from './hierarchy.ts';
import { findCgroupPlaces } from './mounts.ts';
import { HierarchyV1 } from './v1.ts';
import { HierarchyV2 } from './v2.ts';

export function detectHierarchies(files: CgroupFiles): Hierarchy[] {
  const places = findCgroupPlaces(readIfThere(files, '/proc/self/mountinfo') ?? '', readIfThere(files, '/proc/self/cgroup') ?? '');
  const found: Hierarchy[] = [];
  const cpu = places.v1.get('cpu');
  const cpuacct = places.v1.get('cpuacct');
  const memory = places.v1.get('memory');
  if (cpu !== undefined && cpuacct !== undefined && memory !== undefined) {
    const extras = {
      ...optional('cpuset', places.v1.get('cpuset')),
      ...optional('pids', places.v1.get('pids')),
      ...optional('io', places.v1.get('blkio')),
      ...optional('freezer', places.v1.get('freezer')),
      ...optional('pressure', places.v2?.own),
    };
    found.push(new HierarchyV1(files, { cpu, cpuacct, memory, ...extras }));
  }
  if (places.v2 !== undefined) {
    const { own, mount } = places.v2;
    // The agent's own group is right when it was delegated (systemd: Delegate=yes). Started by hand its group is shared with a shell
    // and may not be divided; then root can use the top.
    for (const base of new Set([own, mount])) {
      const controllers = readIfThere(files, `${base}/cgroup.controllers`)?.trim().split(/\s+/) ?? [];
      if (controllers.includes('cpu') && controllers.includes('memory')) found.push(new HierarchyV2(files, base, own));
    }
  }
  return found;
}
