import test from 'ava';
import { readHardware } from '../../agent/hardware.ts';
import { LoadMeter } from '../../agent/load-meter.ts';
import { PowerMeter, readTemperature } from '../../agent/sensors.ts';
import { machineWith, putFiles } from '../helpers/machine-files.ts';

test('this machine has cores, memory and a disk', (t) => {
  const hardware = readHardware('/', '/tmp');
  t.true(hardware.cores >= 1 && hardware.memoryBytes > 2 ** 26 && hardware.diskBytes > 0);
  t.true(hardware.os.length > 0 && hardware.arch.length > 0);
});

test('a PC names its processor, a board names itself', async (t) => {
  const pc = await machineWith(t, {
    '/proc/cpuinfo': 'processor\t: 0\nmodel name\t: Some CPU   @ 2.00GHz \n',
    '/etc/os-release': 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  });
  t.like(readHardware(pc, '/tmp'), { cpuModel: 'Some CPU @ 2.00GHz', os: 'Debian GNU/Linux 12 (bookworm)' });
  const board = await machineWith(t, {
    '/proc/cpuinfo': 'processor\t: 0\n',
    '/proc/device-tree/model': 'Raspberry Pi 4 Model B Rev 1.4\0',
  });
  t.is(readHardware(board, '/tmp').cpuModel, 'Raspberry Pi 4 Model B Rev 1.4');
});

test('a virtual machine is known by its processor or by what its firmware calls it', async (t) => {
  const virtual: readonly Readonly<Record<string, string>>[] = [
    { '/proc/cpuinfo': 'model name\t: X\nflags\t\t: fpu vme hypervisor lahf_lm\n' },
    { '/sys/class/dmi/id/sys_vendor': 'QEMU\n' },
    { '/sys/class/dmi/id/product_name': 'VirtualBox\n' },
    { '/proc/device-tree/compatible': 'linux,dummy-virt\0' },
  ];
  for (const files of virtual) t.true(readHardware(await machineWith(t, files), '/tmp').virtualMachine, JSON.stringify(files));
  const real = {
    '/proc/cpuinfo': 'flags\t\t: fpu vme vmx\n',
    '/sys/class/dmi/id/product_name': 'NUC11\n',
    '/proc/device-tree/compatible': 'raspberrypi,4-model-b',
  };
  t.false(readHardware(await machineWith(t, real), '/tmp').virtualMachine);
});

test('what the machine does not say is absent', async (t) => {
  const empty = await machineWith(t, {});
  t.false('cpuModel' in readHardware(empty, '/tmp'));
  t.is(readTemperature(empty), undefined);
  t.is(new PowerMeter(empty).read(0), undefined);
  const load = new LoadMeter(empty, '/tmp');
  load.read(0);
  t.deepEqual(Object.keys(load.read(1000)), ['diskFreeBytes']);
});

test('the hottest sensor of the processor counts, not the battery, nor one that is off', async (t) => {
  const root = await machineWith(t, {
    '/sys/class/thermal/thermal_zone0/type': 'cpu-thermal\n',
    '/sys/class/thermal/thermal_zone0/temp': '51540\n',
    '/sys/class/thermal/thermal_zone1/type': 'battery\n',
    '/sys/class/thermal/thermal_zone1/temp': '90000\n',
    '/sys/class/thermal/thermal_zone2/type': 'soc-thermal\n',
    '/sys/class/thermal/thermal_zone2/temp': '-274000\n',
    '/sys/class/hwmon/hwmon3/name': 'k10temp\n',
    '/sys/class/hwmon/hwmon3/temp1_input': '55000\n',
  });
  t.is(readTemperature(root), 55);
});

test('power: the input rail of a Jetson', async (t) => {
  const root = await machineWith(t, {
    '/sys/class/hwmon/hwmon0/name': 'ina3221\n',
    '/sys/class/hwmon/hwmon0/in1_label': 'VDD_IN\n',
    '/sys/class/hwmon/hwmon0/in1_input': '5000\n',
    '/sys/class/hwmon/hwmon0/curr1_input': '1500\n',
    '/sys/class/hwmon/hwmon0/in2_label': 'VDD_CPU_GPU_CV\n',
    '/sys/class/hwmon/hwmon0/in2_input': '5000\n',
    '/sys/class/hwmon/hwmon0/curr2_input': '900\n',
  });
  t.is(new PowerMeter(root).read(0), 7.5);
  await putFiles(root, { '/sys/class/hwmon/hwmon0/in1_label': 'VDD_CPU\n' });
  t.is(new PowerMeter(root).read(0), undefined, 'a part of the board is not the board');
});

test('power: two readings of an energy counter, also when it starts again', async (t) => {
  const zone = '/sys/class/powercap/intel-rapl:0';
  const root = await machineWith(t, { [`${zone}/energy_uj`]: '1000000\n', [`${zone}/max_energy_range_uj`]: '9000000\n' });
  const meter = new PowerMeter(root);
  t.is(meter.read(0), undefined);
  await putFiles(root, { [`${zone}/energy_uj`]: '6000000\n' });
  t.is(meter.read(1000), 5);
  await putFiles(root, { [`${zone}/energy_uj`]: '1000000\n' });
  t.is(meter.read(2000), 4);
});

test('power: all packages of a machine together, without their parts and without the platform that contains them', async (t) => {
  const zone = (name: string, kind: string, microjoules: number) => ({
    [`/sys/class/powercap/${name}/name`]: `${kind}\n`,
    [`/sys/class/powercap/${name}/energy_uj`]: `${microjoules}\n`,
  });
  const zones = (package0: number, package1: number) => ({
    ...zone('intel-rapl:0', 'package-0', package0),
    ...zone('intel-rapl:1', 'package-1', package1),
    ...zone('intel-rapl:0:0', 'core', package0 * 7),
    ...zone('intel-rapl:2', 'psys', package0 * 9),
    ...zone('intel-rapl-mmio:0', 'package-0', package0),
  });
  const root = await machineWith(t, zones(1_000_000, 2_000_000));
  const meter = new PowerMeter(root);
  meter.read(0);
  await putFiles(root, zones(4_000_000, 10_000_000));
  t.is(meter.read(1000), 11);
});

test('CPU use is what was used since the last reading', async (t) => {
  const stat = (user: number, idle: number) => ({ '/proc/stat': `cpu  ${user} 0 100 ${idle} 50 10 10 0 0 0\ncpu0 1 2 3\n` });
  const root = await machineWith(t, { ...stat(1000, 5000), '/proc/meminfo': 'MemTotal: 8000 kB\nMemAvailable:    4096 kB\n' });
  const meter = new LoadMeter(root, '/tmp');
  const first = meter.read(0);
  t.false('cpuBusyCores' in first);
  t.is(first.memoryFreeBytes, 4096 * 1024);
  await putFiles(root, stat(1150, 5050));
  t.is(meter.read(1000).cpuBusyCores, 1.5);
});
