/**
 * Devices of a test get the processor first: what else runs on this machine gets what they leave. So that an emulated device has the CPU that
 * its quota promises, also while others work here.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Weights of a group at the same level: the highest of each version. */
const SHARES_V1 = '262144';
const WEIGHT_V2 = '10000';

/** Of the group that an agent with limits has made for itself and its stages. */
export function serveFirst(agentPid: number): void {
  const lines = readFileSync(`/proc/${agentPid}/cgroup`, 'utf8').trim().split('\n');
  for (const line of lines) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    // The agent is in a leaf of its own; the limits, and this, are those of the group above.
    const group = path?.replace(/\/agent$/, '');
    if (group === undefined || group === path) continue;
    if (controllers === '') writeIfThere(join('/sys/fs/cgroup', group, 'cpu.weight'), WEIGHT_V2);
    else if (controllers!.split(',').includes('cpu')) writeIfThere(join('/sys/fs/cgroup/cpu', group, 'cpu.shares'), SHARES_V1);
  }
}

function writeIfThere(file: string, text: string): void {
  if (existsSync(file)) writeFileSync(file, text);
}
