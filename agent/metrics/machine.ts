/**
 * What is known of the machine under the names that Node Exporter gives it, so that the same queries serve both. CPU time comes as the kernel counts it
 * (/proc/stat, proc(5)): whoever asks takes differences over a time of their own.
 */
import { readdirSync, realpathSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { type Mount, parseMount } from '../cgroup/mounts.ts';
import { readSystemFile, readSystemNumber } from '../hardware.ts';
import { TICK_MS } from '../proc-stat.ts';
import { type Family, gauge, type Sample } from './family.ts';

/** The columns of /proc/stat. What guests used is part of user and nice already. */
const modes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;

/** `root` is `/`, or a folder that stands for it in a test. `machine` is what uname calls the hardware. */
export function machineFamilies(root: string, dataFolder: string, machine: string): Family[] {
  const meminfo = readSystemFile(root, '/proc/meminfo') ?? '';
  const [load1] = (readSystemFile(root, '/proc/loadavg') ?? '').split(' ');
  return [
    { name: 'node_cpu_seconds_total', help: 'Seconds the CPUs spent in each mode.', type: 'counter', samples: cpuSeconds(root) },
    { name: 'node_cpu_scaling_frequency_hertz', help: 'Current frequency of each CPU.', type: 'gauge', samples: frequencies(root) },
    gauge('node_memory_MemTotal_bytes', 'Memory of the machine.', kibibytes(meminfo, 'MemTotal')),
    gauge('node_memory_MemAvailable_bytes', 'Memory that can be had without swapping.', kibibytes(meminfo, 'MemAvailable')),
    gauge('node_load1', 'Load average over a minute.', load1 !== '' && Number.isFinite(Number(load1)) ? Number(load1) : undefined),
    ...fileSystem(root, dataFolder),
    ...uname(root, machine),
  ];
}

function cpuSeconds(root: string): Sample[] {
  const lines = (readSystemFile(root, '/proc/stat') ?? '').split('\n');
  return lines.flatMap((line) => {
    const [, cpu, columns] = /^cpu(\d+) (.+)$/.exec(line) ?? [];
    if (cpu === undefined || columns === undefined) return [];
    const ticks = columns.split(' ').map(Number);
    // Old kernels count fewer modes.
    return modes.flatMap((mode, index) => {
      const value = ticks[index];
      return value === undefined || !Number.isFinite(value) || value < 0
        ? []
        : [{ labels: { cpu, mode }, value: (value * TICK_MS) / 1000 }];
    });
  });
}

/** Many machines, and all virtual ones, don't tell. */
function frequencies(root: string): Sample[] {
  const folder = '/sys/devices/system/cpu';
  return names(root, folder).flatMap((name) => {
    const cpu = /^cpu(\d+)$/.exec(name)?.[1];
    const kilohertz = cpu === undefined ? undefined : readSystemNumber(root, `${folder}/${name}/cpufreq/scaling_cur_freq`);
    return cpu === undefined || kilohertz === undefined ? [] : [{ labels: { cpu }, value: kilohertz * 1000 }];
  });
}

function kibibytes(meminfo: string, name: string): number | undefined {
  const value = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1];
  return value === undefined ? undefined : Number(value) * 1024;
}

/** Of the data folder: models and inputs are there. */
function fileSystem(root: string, dataFolder: string): Family[] {
  const labels = mountLabels(root, dataFolder);
  const size = readSize(dataFolder);
  return [
    gauge('node_filesystem_size_bytes', 'Size of the file system of the data folder.', size?.bytes, labels),
    gauge('node_filesystem_avail_bytes', 'What users may still write to it.', size?.freeBytes, labels),
  ];
}

function readSize(folder: string): { readonly bytes: number; readonly freeBytes: number } | undefined {
  try {
    const { blocks, bavail, bsize } = statfsSync(folder);
    return { bytes: blocks * bsize, freeBytes: bavail * bsize };
  } catch {
    return undefined;
  }
}

function mountLabels(root: string, folder: string): Sample['labels'] {
  const path = resolved(folder);
  const above = ({ point }: Mount): boolean => path === point || path.startsWith(point === '/' ? '/' : `${point}/`);
  const mounts = (readSystemFile(root, '/proc/self/mountinfo') ?? '').split('\n').flatMap(parseMount).filter(above);
  // The deepest; of two on the same place the later one hides the other.
  const mount = mounts.reduce<Mount | undefined>(
    (best, each) => (best === undefined || each.point.length >= best.point.length ? each : best),
    undefined,
  );
  return { device: mount?.source ?? '', fstype: mount?.type ?? '', mountpoint: mount?.point ?? '/' };
}

function resolved(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function uname(root: string, machine: string): Family[] {
  const kernel = (name: string): string => readSystemFile(root, `/proc/sys/kernel/${name}`) ?? '';
  const labels = {
    ...{ sysname: kernel('ostype'), release: kernel('osrelease'), version: kernel('version'), machine },
    ...{ nodename: kernel('hostname'), domainname: kernel('domainname') },
  };
  return [gauge('node_uname_info', 'The kernel, and what the machine calls itself.', 1, labels)];
}

function names(root: string, folder: string): string[] {
  try {
    return readdirSync(join(root, folder));
  } catch {
    return [];
  }
}
