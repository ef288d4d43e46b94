/**
 * What kind of device this is, under the names and labels of EdgeCloud-Mon's characterization agent, which dashboards and profilers ask for.
 *
 * What that agent has and this one does not know is absent: where the device stands, its battery, a GPU.
 */
import type { Device } from '../../mesh/device.ts';
import { deviceUuid } from '../../mesh/device-uuid.ts';
import { readSystemFile } from '../hardware.ts';
import { type Family, gauge } from './family.ts';

export interface Characterized {
  readonly mesh: string;
  readonly device: Device;
  /** What uname calls the hardware. */
  readonly machine: string;
  /** What the processor or the board draws; undefined where no sensor tells. */
  readonly powerWatts: number | undefined;
}

/** `root` is `/`, or a folder that stands for it in a test. */
export function characterizationFamilies(root: string, { mesh, device, machine, powerWatts }: Characterized): Family[] {
  const node = {
    char_node_name: device.name,
    char_node_class: device.virtualMachine === true ? 'VM' : 'Computer',
    char_node_uuid: deviceUuid(mesh, device.name),
  };
  const cpu = { char_node_brand: device.cpuModel ?? '', char_node_arch: machine, char_node_bits: machine.includes('64') ? '64' : '32' };
  const os = {
    char_node_os_name: readSystemFile(root, '/proc/sys/kernel/ostype') ?? '',
    char_node_os_version: readSystemFile(root, '/proc/sys/kernel/osrelease') ?? '',
  };
  // As there: 0 says that the model is not known.
  const known = device.cpuModel === undefined ? 0 : 1;
  const model = { ...node, char_node_device_model_name: device.cpuModel ?? '' };
  return [
    gauge('char_node_device_model', 'Model of the device.', known, model),
    gauge('char_node_ram_total_bytes', 'Memory of the device.', device.memoryBytes, node),
    gauge('char_node_cpu_total_cores', 'CPU cores of the device.', device.cores, { ...node, ...cpu }),
    gauge('char_node_cpu_energy_watt', 'What the processor or the board draws.', powerWatts, { ...node, ...cpu }),
    gauge('char_node_disk_total_size', 'Bytes of the file system of the data folder.', device.diskBytes, node),
    gauge('char_node_os', 'Operating system of the device.', 1, { ...node, ...os }),
  ];
}
