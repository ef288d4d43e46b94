/**
 * Limits that the kernel takes, but that say nothing: below them every run looks alike, or none begins.
 *
 *     0 ───── floor ──────────────────────────▶ limit
 *       refused │ kept apart by the kernel
 */
import type { BenchLimits } from '../../mesh/bench/order.ts';
import { formatBytes } from '../../mesh/bytes.ts';
import { parseCpuList } from '../cgroup/cpu-list.ts';
import { CPU_QUOTA_CORES_MIN } from '../cgroup/cpu-quota.ts';

export interface FloorMachine {
  readonly cores: number;
  readonly pageBytes: number;
}

/**
 * The kernel charges memory to a group in batches, and each CPU keeps what is left of its last one: up to 64 pages (MEMCG_CHARGE_BATCH) per CPU are
 * charged and not used. Measured with two CPUs of 4 KiB pages (Linux 6.18), three runs of /bin/true each: killed with 128 KiB and less; with 256 KiB to
 * 4 MiB it ran, and its peak was 256 or 512 KiB by chance, whatever the limit.
 */
const PAGES_PER_CPU = 64;

/** The program alone. Node needs about ten: with 4 it hung, with 8 it ran. */
const PIDS_MIN = 1;

/** Why the limits are of no use on this machine, for a person; undefined when they are. */
export function belowFloor(limits: BenchLimits, machine: FloorMachine): string | undefined {
  return quotaBelow(limits) ?? memoryBelow(limits, machine) ?? highAbove(limits) ?? cpusBeyond(limits, machine) ?? pidsBelow(limits);
}

function quotaBelow({ cpuQuotaCores }: BenchLimits): string | undefined {
  if (cpuQuotaCores === undefined || cpuQuotaCores >= CPU_QUOTA_CORES_MIN) return undefined;
  return `a CPU quota of ${cpuQuotaCores} cores was asked for, and the least is ${CPU_QUOTA_CORES_MIN}: the kernel gives 1 ms in each second, or nothing`;
}

function memoryBelow({ memoryLimitBytes, memoryHighBytes }: BenchLimits, { cores, pageBytes }: FloorMachine): string | undefined {
  const floor = PAGES_PER_CPU * pageBytes * cores;
  const asked = Math.min(memoryLimitBytes ?? floor, memoryHighBytes ?? floor);
  if (asked >= floor) return undefined;
  const why = `the kernel charges memory in batches of ${PAGES_PER_CPU} pages for each of ${cores} CPUs, and keeps nothing smaller apart`;
  return `${formatBytes(asked)} of memory were asked for, and the least is ${formatBytes(floor)}: ${why}`;
}

function highAbove({ memoryLimitBytes, memoryHighBytes }: BenchLimits): string | undefined {
  if (memoryLimitBytes === undefined || memoryHighBytes === undefined || memoryHighBytes <= memoryLimitBytes) return undefined;
  const [high, limit] = [formatBytes(memoryHighBytes), formatBytes(memoryLimitBytes)];
  return `it was to be slowed down above ${high} of memory, and at ${limit} it is killed: it would never come so far`;
}

function cpusBeyond({ cpus }: BenchLimits, { cores }: FloorMachine): string | undefined {
  if (cpus === undefined) return undefined;
  const asked = parseCpuList(cpus);
  if (asked === undefined || asked.length === 0) return `"${cpus}" is no list of CPUs: expected for example 0-1,3`;
  const beyond = asked.filter((cpu) => cpu >= cores);
  const has = cores === 1 ? 'CPU 0' : `CPUs 0-${cores - 1}`;
  return beyond.length === 0 ? undefined : `CPUs ${cpus} were asked for, and this device has ${has}`;
}

function pidsBelow({ pids }: BenchLimits): string | undefined {
  if (pids === undefined || pids >= PIDS_MIN) return undefined;
  return `at most ${pids} processes were asked for, and the least is ${PIDS_MIN}: the program itself`;
}
