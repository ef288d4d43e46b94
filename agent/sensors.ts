/**
 * Temperature and power, where the machine has a sensor that we may read.
 *
 * Power comes from RAPL (energy counters of the packages, readable for root on most systems) or from the INA3221 that Jetson boards have
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
  readonly #packages: PackageEnergy;
  #last: { readonly joules: number; readonly nowMs: number } | undefined;

  constructor(root: string) {
    this.#root = root;
    this.#packages = new PackageEnergy(root);
  }

  read(nowMs: number): number | undefined {
    const rail = readInputRailWatts(this.#root);
    if (rail !== undefined) return rail;
    const joules = this.#packages.read();
    const last = this.#last;
    this.#last = joules === undefined ? undefined : { joules, nowMs };
    return joules === undefined || last === undefined || nowMs <= last.nowMs ? undefined : averageW(last, { joules, nowMs });
  }
}

/** Watts between two readings of energy. */
export function averageW(
  from: { readonly joules: number; readonly nowMs: number },
  to: { readonly joules: number; readonly nowMs: number },
): number {
  return ((to.joules - from.joules) * 1000) / (to.nowMs - from.nowMs);
}

/** Watts now, of the INA3221 on the input of a Jetson board. */
export function readInputRailWatts(root: string): number | undefined {
  for (const chip of folders(root, '/sys/class/hwmon', 'hwmon')) {
    if (readSystemFile(root, `${chip}/name`) !== 'ina3221') continue;
    for (const channel of [1, 2, 3]) {
      const label = readSystemFile(root, `${chip}/in${channel}_label`) ?? '';
      const millivolts = readSystemNumber(root, `${chip}/in${channel}_input`);
      const milliamperes = readSystemNumber(root, `${chip}/curr${channel}_input`);
      if (/^(VDD_IN|POM_5V_IN)$/.test(label) && millivolts !== undefined && milliamperes !== undefined) {
        return (millivolts * milliamperes) / 1e6;
      }
    }
  }
  return undefined;
}

/** Joules of all processor packages since its first reading (RAPL), also when a counter has reached its range and starts again at 0. */
export class PackageEnergy {
  readonly #root: string;
  readonly #last = new Map<string, number>();
  #microjoules: number | undefined = 0;

  constructor(root: string) {
    this.#root = root;
  }

  /** Undefined where there is no counter that we may read, and for good when one went back nobody knows how far. */
  read(): number | undefined {
    const counters = packages(this.#root).flatMap((zone) => {
      const microjoules = readSystemNumber(this.#root, `${zone}/energy_uj`);
      return microjoules === undefined ? [] : [{ zone, microjoules }];
    });
    for (const { zone, microjoules } of counters) this.#add(zone, microjoules);
    return counters.length === 0 || this.#microjoules === undefined ? undefined : this.#microjoules / 1e6;
  }

  #add(zone: string, microjoules: number): void {
    const last = this.#last.get(zone) ?? microjoules;
    this.#last.set(zone, microjoules);
    const range = microjoules < last ? readSystemNumber(this.#root, `${zone}/max_energy_range_uj`) : 0;
    this.#microjoules = this.#microjoules === undefined || range === undefined ? undefined : this.#microjoules + microjoules - last + range;
  }
}

/** intel-rapl:0, intel-rapl:1, …; not their parts (intel-rapl:0:0), nor the whole platform (psys), which some count beside them. */
function packages(root: string): string[] {
  return folders(root, '/sys/class/powercap', 'intel-rapl:').filter(
    (zone) => /:\d+$/.test(zone) && zone.split(':').length === 2 && readSystemFile(root, `${zone}/name`) !== 'psys',
  );
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
