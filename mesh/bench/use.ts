/**
 * What a benchmark run used. What this device does not tell is absent, which is shown as "unknown"; never 0.
 */

/** Each with its unit, and where it is from. */
export const useFields = {
  wallMs: { unit: 'ms', title: 'wall time', source: 'start of the process → its end' },
  cpuUserMs: { unit: 'ms', title: 'CPU time, user', source: 'cgroup' },
  cpuSystemMs: { unit: 'ms', title: 'CPU time, system', source: 'cgroup' },
  cpuMs: { unit: 'ms', title: 'CPU time', source: 'cgroup, else /proc' },
  quotaPeriods: { unit: '', title: 'quota periods', source: 'cgroup: periods in which it wanted to run' },
  throttledPeriods: { unit: '', title: 'throttled periods', source: 'cgroup: periods in which its quota was used up' },
  throttledMs: { unit: 'ms', title: 'throttled time', source: 'cgroup: kept from running, all CPUs together' },
  peakMemoryBytes: { unit: 'B', title: 'peak memory', source: "cgroup: the kernel's own peak, page cache included" },
  peakUnreclaimableBytes: { unit: 'B', title: 'peak anonymous + kernel memory', source: 'cgroup, sampled: what could not be given back' },
  treeHighWaterBytes: {
    unit: 'B',
    title: 'high-water mark of its processes',
    source: '/proc, sampled: sum of the resident high-water marks of the processes alive together',
  },
  peakSwapBytes: { unit: 'B', title: 'peak swap', source: 'cgroup, sampled' },
  majorFaults: { unit: '', title: 'major page faults', source: 'cgroup, else /proc' },
  oomKills: { unit: '', title: 'processes killed for want of memory', source: 'cgroup' },
  cpuStalledMs: { unit: 'ms', title: 'some process waited for the CPU', source: 'PSI of the cgroup' },
  memoryStalledSomeMs: { unit: 'ms', title: 'some process waited for memory', source: 'PSI of the cgroup' },
  memoryStalledFullMs: { unit: 'ms', title: 'all processes waited for memory', source: 'PSI of the cgroup' },
  ioStalledFullMs: { unit: 'ms', title: 'all processes waited for IO', source: 'PSI of the cgroup' },
  readBytes: { unit: 'B', title: 'read from disks', source: 'cgroup, else /proc' },
  writtenBytes: { unit: 'B', title: 'written to disks', source: 'cgroup, else /proc' },
  receivedBytes: { unit: 'B', title: 'received by the device', source: 'its network interfaces without loopback' },
  sentBytes: { unit: 'B', title: 'sent by the device', source: 'its network interfaces without loopback' },
  cycles: { unit: '', title: 'CPU cycles', source: 'perf events' },
  instructions: { unit: '', title: 'instructions', source: 'perf events' },
  energyJ: { unit: 'J', title: 'energy of the device', source: 'RAPL or INA3221' },
  idleW: { unit: 'W', title: 'power before the run', source: 'RAPL or INA3221' },
  energyAboveIdleJ: { unit: 'J', title: 'energy above idle', source: 'energy − power before the run × wall time' },
} as const satisfies Record<string, UseField>;

export interface UseField {
  readonly unit: 'ms' | 'B' | 'J' | 'W' | '';
  readonly title: string;
  readonly source: string;
}

export type UseName = keyof typeof useFields;

export const useNames = Object.keys(useFields) as readonly UseName[];

export type ResourceUse = { readonly [name in UseName]?: number };
