/**
 * What varies on the machine: CPU time used since the last reading, free memory and disk, temperature, power.
 */
import { statfsSync } from 'node:fs';
import type { DeviceLoad } from '../mesh/device.ts';
import { optional } from '../mesh/wire-number.ts';
import { BusyMeter } from './busy-meter.ts';
import { readSystemFile } from './hardware.ts';
import { PowerMeter, readTemperature } from './sensors.ts';

export class LoadMeter {
  readonly #root: string;
  readonly #dataFolder: string;
  readonly #power: PowerMeter;
  readonly #busy: BusyMeter;

  /** `root` is `/`, or a folder that stands for it in a test. */
  constructor(root: string, dataFolder: string) {
    this.#root = root;
    this.#dataFolder = dataFolder;
    this.#power = new PowerMeter(root);
    this.#busy = new BusyMeter(root);
  }

  /** `nowMs`: any monotonic clock. CPU use is over the time since the last call, hence absent at the first. */
  read(nowMs: number): DeviceLoad {
    const memoryFreeKiB = /^MemAvailable:\s+(\d+) kB$/m.exec(readSystemFile(this.#root, '/proc/meminfo') ?? '')?.[1];
    return {
      ...optional('cpuBusyCores', this.#busy.read(nowMs)),
      ...optional('memoryFreeBytes', memoryFreeKiB === undefined ? undefined : Number(memoryFreeKiB) * 1024),
      ...optional('diskFreeBytes', this.#diskFreeBytes()),
      ...optional('temperatureCelsius', readTemperature(this.#root)),
      ...optional('powerWatts', this.#power.read(nowMs)),
    };
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
