/**
 * Makes the group of a benchmark run with the limits of its order:
 *
 *     asked, device's own ──▶ what can be had (else: a warning) ──▶ group ──▶ what must be had (else: error `denied`, and no group)
 *
 * A limit is never left out silently: a run without it would be another experiment. What only measures may be missing; then its numbers are.
 */
import type { BenchLimits } from '../../mesh/bench/order.ts';
import { formatBytes } from '../../mesh/bytes.ts';
import { MeshError } from '../../mesh/error.ts';
import { optional } from '../../mesh/wire-number.ts';
import { attempt } from './attempt.ts';
import type { BenchGroup } from './bench-group.ts';
import type { CgroupLimits, Extra, Hierarchy } from './hierarchy.ts';
import { killGroup } from './kill-group.ts';
import { processesIn, removeGroups } from './subtree.ts';
import { tighter } from './tighter.ts';

export interface BenchGroupOptions {
  readonly hierarchy: Hierarchy;
  readonly path: string;
  readonly asked: BenchLimits;
  readonly device: CgroupLimits;
  readonly killProcess: (pid: number) => void;
}

const MEASURING: readonly Extra[] = ['io', 'pressure', 'freezer'];

const HINT = 'run the agent as root or as a systemd service with Delegate=yes, or leave the limit out';

export function openBenchGroup(options: BenchGroupOptions): BenchGroup {
  const { hierarchy, path, killProcess } = options;
  const warnings: string[] = [];
  const limits = possible(options, warnings);
  const remove = (): boolean => removeGroups(hierarchy, path);
  try {
    hierarchy.create(path);
    if (limits.cpus !== undefined) include(hierarchy, path, 'cpuset', `CPUs ${limits.cpus}`);
    if (limits.pids !== undefined) include(hierarchy, path, 'pids', `at most ${limits.pids} processes`);
    for (const extra of MEASURING) attempt(() => hierarchy.include(path, extra));
    checkSwap(hierarchy, path, limits, warnings);
    hierarchy.limit(path, limits);
  } catch (error) {
    remove();
    if (error instanceof MeshError) throw error;
    throw new MeshError('denied', `the limits of the benchmark can't be enforced: ${MeshError.from(error).message}`, {
      cause: error,
      hint: HINT,
    });
  }
  return {
    version: hierarchy.version,
    limits,
    warnings,
    procsFiles: hierarchy.procsFiles(path),
    read: () => hierarchy.reading(path),
    processes: () => processesIn(hierarchy, path),
    kill: () => killGroup(hierarchy, path, killProcess),
    remove,
  };
}

function possible({ hierarchy, asked, device }: BenchGroupOptions, warnings: string[]): BenchLimits {
  const { cpuQuotaCores, memoryLimitBytes } = tighter(asked, device);
  if (asked.cpuQuotaCores !== undefined && cpuQuotaCores !== asked.cpuQuotaCores) {
    warnings.push(`a CPU quota of ${asked.cpuQuotaCores} cores was asked for; the device itself has ${cpuQuotaCores}`);
  }
  if (asked.memoryLimitBytes !== undefined && memoryLimitBytes !== asked.memoryLimitBytes) {
    const [wanted, had] = [formatBytes(asked.memoryLimitBytes), formatBytes(memoryLimitBytes!)];
    warnings.push(`${wanted} of memory were asked for; the device itself has ${had}`);
  }
  return {
    ...optional('cpuQuotaCores', cpuQuotaCores),
    ...optional('memoryLimitBytes', memoryLimitBytes),
    ...optional('memoryHighBytes', highOf(hierarchy, asked, warnings)),
    ...(memoryLimitBytes === undefined ? {} : { swapBytes: swapOf(asked, device, warnings) }),
    ...optional('cpus', asked.cpus),
    ...optional('pids', asked.pids),
  };
}

function highOf({ version }: Hierarchy, { memoryHighBytes }: BenchLimits, warnings: string[]): number | undefined {
  if (memoryHighBytes === undefined || version === 'v2') return memoryHighBytes;
  warnings.push(`nothing slows the run down above ${formatBytes(memoryHighBytes)}: this device has cgroup v1, which has no memory.high`);
  return undefined;
}

/** A device with a limit of memory has no swap besides, so nothing on it has. */
function swapOf({ swapBytes = 0 }: BenchLimits, device: CgroupLimits, warnings: string[]): number {
  if (swapBytes === 0 || device.memoryLimitBytes === undefined) return swapBytes;
  warnings.push(`${formatBytes(swapBytes)} of swap were asked for; the device itself has a limit of memory, and no swap besides`);
  return 0;
}

function include(hierarchy: Hierarchy, path: string, extra: Extra, what: string): void {
  try {
    hierarchy.include(path, extra);
  } catch (error) {
    throw new MeshError('denied', `${what}: can't be enforced without the ${extra} controller: ${MeshError.from(error).message}`, {
      cause: error,
      hint: HINT,
    });
  }
}

function checkSwap(hierarchy: Hierarchy, path: string, limits: BenchLimits, warnings: string[]): void {
  if (limits.swapBytes === undefined || hierarchy.countsSwap(path)) return;
  if (limits.swapBytes > 0) {
    throw new MeshError('denied', `${formatBytes(limits.swapBytes)} of swap can't be enforced: this kernel does not account for swap`, {
      hint: 'boot the device with swapaccount=1, or leave swap out',
    });
  }
  warnings.push(
    'this kernel does not account for swap: if the device has any, what exceeds the memory may go there instead of ending the run',
  );
}
