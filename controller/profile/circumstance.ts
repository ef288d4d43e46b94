/** From what an agent tells of its device to what a sample says of where it was measured. */
import type { BenchEnvironment } from '../../mesh/bench/record.ts';
import type { Device } from '../../mesh/device.ts';
import { optional } from '../../mesh/wire-number.ts';
import type { Circumstance, DeviceState, ForeignLoad } from '../profiler/sample.ts';

export const NO_LOAD: ForeignLoad = { cores: 0, duty: 0 };

interface Limits extends Pick<Circumstance, 'quotaCores'> {
  readonly memoryLimitBytes?: number;
  /** Devices that are agents of one machine at the same time, and take its cores from each other. */
  readonly sharing?: number;
}

/** Devices of the same key are alike, whatever they are called: what one shows holds for the others. */
export function deviceKeyOf({ arch, cpuModel, cores, runtimeVersion }: Device, { quotaCores, memoryLimitBytes, sharing }: Limits): string {
  return [
    arch,
    cpuModel ?? 'unknown processor',
    `${cores} cores`,
    quotaCores === undefined ? 'no quota' : `quota ${quotaCores}`,
    ...(memoryLimitBytes === undefined ? [] : [`memory ${memoryLimitBytes}`]),
    ...(sharing === undefined ? [] : [`sharing ${sharing}`]),
    `runtime ${runtimeVersion}`,
  ].join(', ');
}

/** `limits`: the tighter of the device's own and those of what ran. `load`: what was made; absent: nobody knows. */
export function circumstanceOf(device: Device, limits: Limits, threads: number, load?: ForeignLoad): Circumstance {
  return {
    device: device.name,
    deviceKey: deviceKeyOf(device, limits),
    runtimeVersion: device.runtimeVersion,
    threads,
    cores: device.cores,
    ...optional('quotaCores', limits.quotaCores),
    memoryBytes: limits.memoryLimitBytes ?? device.memoryBytes,
    ...optional('load', load),
  };
}

/** `ageMs`: how long before the measurement it was looked at. */
export function deviceStateOf(environment: BenchEnvironment, ageMs: number): DeviceState {
  const { device, cpuBusyCores, memoryFreeBytes, diskUsedPercent, temperatureCelsius, frequencyMHz, loadAverage } = environment;
  return {
    ageMs,
    ...optional('cpuBusyPercent', cpuBusyCores === undefined ? undefined : Math.min(100, (100 * cpuBusyCores) / device.cores)),
    ...optional('memoryUsedPercent', memoryFreeBytes === undefined ? undefined : 100 * (1 - memoryFreeBytes / device.memoryBytes)),
    ...optional('diskUsedPercent', diskUsedPercent),
    ...optional('temperatureCelsius', temperatureCelsius),
    ...optional('frequencyMHz', frequencyMHz),
    ...optional('loadAverage', loadAverage),
  };
}
