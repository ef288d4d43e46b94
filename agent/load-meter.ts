/**
 * What varies on the machine: CPU time used since the last reading, free memory and disk, temperature, power.
 */
import { statfsSync } from 'node:fs';
import type { DeviceLoad } from '../mesh/device.ts';
import { optional } from '../mesh/wire-number.ts';
import { readSystemFile } from './hardware.ts';
import { TICK_MS } from './proc-stat.ts';
import { PowerMeter, readTemperature } from './sensors.ts';

export class LoadMeter {
  readonly #root: string;
  readonly #dataFolder: string;
  readonly #power: PowerMeter;
  #last: { readonly busyMs: number; readonly nowMs: number } | undefined;

  /** `root` is `/`, or a folder that stands for it in a test. */
  constructor(root: string, dataFolder: string) {
    this.#root = root;
    this.#dataFolder = dataFolder;
    this.#power = new PowerMeter(root);
  }

  /** `nowMs`: any monotonic clock. CPU use is over the time since the last call, hence absent at the first. */
  read(nowMs: number): DeviceLoad {
    const memoryFreeKiB = /^MemAvailable:\s+(\d+) kB$/m.exec(readSystemFile(this.#root, '/proc/meminfo') ?? '')?.[1];
    return {
      ...optional('cpuBusyCores', this.#cpuBusyCores(nowMs)),
      ...optional('memoryFreeBytes', memoryFreeKiB === undefined ? undefined : Number(memoryFreeKiB) * 1024),
      ...optional('diskFreeBytes', this.#diskFreeBytes()),
      ...optional('temperatureCelsius', readTemperature(this.#root)),
      ...optional('powerWatts', this.#power.read(nowMs)),
    };
  }

  #cpuBusyCores(nowMs: number): number | undefined {
    const line = /^cpu +(.+)$/m.exec(readSystemFile(this.#root, '/proc/stat') ?? '')?.[1];
    if (line === undefined) return undefined;
    // user, nice, system, idle, iowait, irq, softirq, steal, …: busy is all but idle and waiting; guest time is part of user.
    const [user, nice, system, , , irq, softirq] = line.split(' ').map(Number);
    const busyMs = (user! + nice! + system! + (irq ?? 0) + (softirq ?? 0)) * TICK_MS;
    const last = this.#last;
    this.#last = { busyMs, nowMs };
    if (last === undefined || nowMs <= last.nowMs) return undefined;
    return Math.max(0, (busyMs - last.busyMs) / (nowMs - last.nowMs));
  }

  #diskFreeBytes(): number | undefined {
    try {
      const { bavail, bsize } = statfsSync(this.#dataFolder);
      return bavail * bsize;
    } catch {
      return undefined;
    }
  }
}
