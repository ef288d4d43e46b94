/**
 * Device and load: our types ↔ protobuf. Validated once, here.
 */
import { Device as WireDevice, DeviceLoad as WireLoad } from '../proto/gen/mesh/v1/agent.ts';
import type { Device, DeviceLoad } from './device.ts';
import { MeshError } from './error.ts';
import { checkName } from './name.ts';
import { numberFromWire, optional } from './wire-number.ts';

export function deviceToWire(device: Device): WireDevice {
  return WireDevice.fromPartial({
    ...device,
    memoryBytes: BigInt(device.memoryBytes),
    diskBytes: BigInt(device.diskBytes),
    memoryLimitBytes: device.memoryLimitBytes === undefined ? undefined : BigInt(device.memoryLimitBytes),
  });
}

/** Error `invalid` when a field makes no sense. */
export function deviceFromWire(wire: WireDevice): Device {
  if (wire.cores < 1) throw new MeshError('invalid', `device ${wire.name} says it has ${wire.cores} cores`);
  return {
    name: checkName(wire.name, 'device'),
    address: wire.address,
    arch: wire.arch,
    os: wire.os,
    cores: wire.cores,
    ...optional('cpuModel', wire.cpuModel),
    memoryBytes: numberFromWire(wire.memoryBytes, 'memory_bytes'),
    diskBytes: numberFromWire(wire.diskBytes, 'disk_bytes'),
    ...optional('cpuQuotaCores', wire.cpuQuotaCores),
    ...optional('memoryLimitBytes', bytes(wire.memoryLimitBytes, 'memory_limit_bytes')),
    nodeVersion: wire.nodeVersion,
    runtimeVersion: wire.runtimeVersion,
    ...optional('cgroup', cgroupFromWire(wire.cgroup)),
    ...optional('virtualMachine', wire.virtualMachine),
  };
}

export function deviceLoadToWire(load: DeviceLoad): WireLoad {
  return WireLoad.fromPartial({
    ...load,
    memoryFreeBytes: load.memoryFreeBytes === undefined ? undefined : BigInt(load.memoryFreeBytes),
    diskFreeBytes: load.diskFreeBytes === undefined ? undefined : BigInt(load.diskFreeBytes),
  });
}

export function deviceLoadFromWire(wire: WireLoad): DeviceLoad {
  return {
    ...optional('cpuBusyCores', wire.cpuBusyCores),
    ...optional('memoryFreeBytes', bytes(wire.memoryFreeBytes, 'memory_free_bytes')),
    ...optional('diskFreeBytes', bytes(wire.diskFreeBytes, 'disk_free_bytes')),
    ...optional('temperatureCelsius', wire.temperatureCelsius),
    ...optional('powerWatts', wire.powerWatts),
  };
}

function bytes(value: bigint | undefined, what: string): number | undefined {
  return value === undefined ? undefined : numberFromWire(value, what);
}

/** Error `invalid` for a version that is not known. */
export function cgroupFromWire(value: string | undefined): 'v1' | 'v2' | undefined {
  if (value === undefined || value === 'v1' || value === 'v2') return value;
  throw new MeshError('invalid', `cgroup version "${value}" is not known: expected v1 or v2`);
}
