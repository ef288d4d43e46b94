/**
 * Temperature and power, where the machine has a sensor that we may read.
 *
 * Power comes from RAPL (an energy counter of the package, readable for root on most systems) or from the INA3221 that Jetson boards have
 * on their input rail. Rails that cover only a part of the machine are not reported: a part would pass for the whole.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readSystemFile, readSystemNumber } from './hardware.ts';

/** Zones and chips that measure the processor, by the names that kernels give them. */
const cpuSensor = /cpu|soc|pkg|coretemp|k10temp|zenpower|bcm2835|acpitz/i;

/** Degrees Celsius of the processor's hottest sensor, or undefined. */
export function readTemperature(root: string): number | undefined {
  const zones = folders(root, '/sys/class/thermal', 'thermal_zone')
    .filter((zone) => cpuSensor.test(readSystemFile(root, `${zone}/type`) ?? ''))
    .map((zone) => `${zone}/temp`);
  const chips = folders(root, '/sys/class/hwmon', 'hwmon')
    .filter((chip) => cpuSensor.test(readSystemFile(root, `${chip}/name`) ?? ''))
    .map((chip) => `${chip}/temp1_input`);
  const celsius = [...zones, ...chips]
    .map((path) => readSystemNumber(root, path))
    .filter((milli) => milli !== undefined)
    .map((milli) => milli / 1000)
    // Sensors that are off report nonsense.
    .filter((value) => value > -40 && value < 150);
  return celsius.length === 0 ? undefined : Math.max(...celsius);
}

/** Watts drawn by the processor or the board, or undefined. Counters need two readings, so the first call may know nothing yet. */
export class PowerMeter {
  readonly #root: string;
  #last: { readonly microjoules: number; readonly nowMs: number } | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  read(nowMs: number): number | undefined {
    return this.#inputRail() ?? this.#package(nowMs);
  }

  #inputRail(): number | undefined {
    for (const chip of folders(this.#root, '/sys/class/hwmon', 'hwmon')) {
      if (readSystemFile(this.#root, `${chip}/name`) !== 'ina3221') continue;
      for (const channel of [1, 2, 3]) {
        const label = readSystemFile(this.#root, `${chip}/in${channel}_label`) ?? '';
        const millivolts = readSystemNumber(this.#root, `${chip}/in${channel}_input`);
        const milliamperes = readSystemNumber(this.#root, `${chip}/curr${channel}_input`);
        if (/^(VDD_IN|POM_5V_IN)$/.test(label) && millivolts !== undefined && milliamperes !== undefined) {
          return (millivolts * milliamperes) / 1e6;
        }
      }
    }
    return undefined;
  }

  #package(nowMs: number): number | undefined {
    const zone = '/sys/class/powercap/intel-rapl:0';
    const microjoules = readSystemNumber(this.#root, `${zone}/energy_uj`);
    const last = this.#last;
    this.#last = microjoules === undefined ? undefined : { microjoules, nowMs };
    if (microjoules === undefined || last === undefined || nowMs <= last.nowMs) return undefined;
    // The counter starts again at 0 when it has reached its range.
    const range = microjoules < last.microjoules ? readSystemNumber(this.#root, `${zone}/max_energy_range_uj`) : 0;
    return range === undefined ? undefined : (microjoules - last.microjoules + range) / 1e3 / (nowMs - last.nowMs);
  }
}

function folders(root: string, parent: string, prefix: string): string[] {
  try {
    return readdirSync(join(root, parent))
      .filter((name) => name.startsWith(prefix))
      .map((name) => `${parent}/${name}`);
  } catch {
    return [];
  }
}
