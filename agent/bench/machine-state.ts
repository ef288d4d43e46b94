/**
 * What the machine is like before a run: what explains that the same run takes longer on another day. What it does not tell is absent.
 */
import { statfsSync } from 'node:fs';
import os from 'node:os';
import type { BenchEnvironment } from '../../mesh/bench/record.ts';
import { optional } from '../../mesh/wire-number.ts';
import { readSystemFile, readSystemNumber } from '../hardware.ts';
import { readTemperature } from '../sensors.ts';

export type MachineState = Pick<
  BenchEnvironment,
  'kernel' | 'temperatureCelsius' | 'loadAverage' | 'memoryFreeBytes' | 'swapTotalBytes' | 'frequencyMHz' | 'governor' | 'diskUsedPercent'
>;

/** `root` is `/`, or a folder that stands for it in a test. */
export function readMachineState(root: string): MachineState {
  const memory = readSystemFile(root, '/proc/meminfo') ?? '';
  return {
    kernel: readSystemFile(root, '/proc/sys/kernel/osrelease') ?? os.release(),
    ...optional('temperatureCelsius', readTemperature(root)),
    ...optional('loadAverage', numberIn(readSystemFile(root, '/proc/loadavg'), /^([\d.]+) /)),
    ...optional('memoryFreeBytes', bytesOf(memory, 'MemAvailable')),
    ...optional('swapTotalBytes', bytesOf(memory, 'SwapTotal')),
    ...optional('frequencyMHz', frequencyMHz(root)),
    ...optional('diskUsedPercent', diskUsedPercent(root)),
    ...optional('governor', readSystemFile(root, '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor')),
  };
}

/** As `df` has it: of what anybody but root may use. */
function diskUsedPercent(root: string): number | undefined {
  try {
    const { blocks, bfree, bavail } = statfsSync(root);
    const used = blocks - bfree;
    return used + bavail > 0 ? (100 * used) / (used + bavail) : undefined;
  } catch {
    return undefined;
  }
}

/** As set by the governor; a virtual machine only knows what its host told it once. */
function frequencyMHz(root: string): number | undefined {
  const kilohertz = readSystemNumber(root, '/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq');
  return kilohertz === undefined ? numberIn(readSystemFile(root, '/proc/cpuinfo'), /^cpu MHz\s*: ([\d.]+)$/m) : kilohertz / 1000;
}

function bytesOf(meminfo: string, name: string): number | undefined {
  const kib = numberIn(meminfo, new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm'));
  return kib === undefined ? undefined : kib * 1024;
}

function numberIn(text: string | undefined, pattern: RegExp): number | undefined {
  const found = text === undefined ? undefined : pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}
