import os from 'node:os';
import test from 'ava';
import { parseNetworkTable, readNetworkBytes } from '../../../agent/bench/device-network.ts';
import { EnergyMeter } from '../../../agent/bench/energy.ts';
import { type MachineState, readMachineState } from '../../../agent/bench/machine-state.ts';
import { machineWith, putFiles } from '../../helpers/machine-files.ts';

const cpufreq = '/sys/devices/system/cpu/cpu0/cpufreq';

/** Without what is asked of the file system that the folder really lies on. */
function stateOf(root: string): Omit<MachineState, 'diskUsedPercent'> {
  const { diskUsedPercent, ...state } = readMachineState(root);
  if (!(diskUsedPercent! >= 0 && diskUsedPercent! <= 100)) throw new Error(`a disk that is full to ${diskUsedPercent} %`);
  return state;
}

test('a board tells all of it', async (t) => {
  const root = await machineWith(t, {
    '/proc/sys/kernel/osrelease': '6.6.31+rpt-rpi-v8\n',
    '/proc/loadavg': '0.52 0.58 0.59 3/602 1234\n',
    '/proc/meminfo': 'MemTotal:  8000000 kB\nMemFree: 1 kB\nMemAvailable:    2048 kB\nSwapTotal:    1024 kB\n',
    '/proc/cpuinfo': 'cpu MHz\t\t: 99.9\n',
    '/sys/class/thermal/thermal_zone0/type': 'cpu-thermal\n',
    '/sys/class/thermal/thermal_zone0/temp': '51540\n',
    [`${cpufreq}/scaling_cur_freq`]: '1500000\n',
    [`${cpufreq}/scaling_governor`]: 'ondemand\n',
  });
  t.deepEqual(stateOf(root), {
    kernel: '6.6.31+rpt-rpi-v8',
    temperatureCelsius: 51.54,
    loadAverage: 0.52,
    memoryFreeBytes: 2048 * 1024,
    swapTotalBytes: 1024 * 1024,
    frequencyMHz: 1500,
    governor: 'ondemand',
  });
});

test('what a machine does not tell is absent; no swap is 0', async (t) => {
  t.deepEqual(stateOf(await machineWith(t, {})), { kernel: os.release() });
  const virtual = await machineWith(t, {
    '/proc/cpuinfo': 'processor\t: 0\ncpu MHz\t\t: 2445.426\n',
    '/proc/meminfo': 'SwapTotal:  0 kB\n',
  });
  t.deepEqual(stateOf(virtual), { kernel: os.release(), frequencyMHz: 2445.426, swapTotalBytes: 0 });
});

test('this machine tells its kernel, load and memory', (t) => {
  const { kernel, loadAverage, memoryFreeBytes } = readMachineState('/');
  t.is(kernel, os.release());
  t.true(loadAverage! >= 0 && memoryFreeBytes! > 2 ** 20);
});

test('loopback is no network', (t) => {
  const table = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 299265173488 22084945    0    0    0     0          0         0 299265173488 22084945    0    0    0     0       0          0
  eth0: 9803861422  230757    0    0    0     0          0         0 20001454  157200    0    0    0     0       0          0
wlan0.1:374092    3911    0    0    0     0          0        52  3446393    3216    0    0    0     0       0          0
`;
  t.deepEqual(parseNetworkTable(table), { receivedBytes: 9804235514, sentBytes: 23447847 });
  t.deepEqual(parseNetworkTable(''), { receivedBytes: 0, sentBytes: 0 });
});

test('without /proc/net/dev nobody knows', async (t) => {
  t.is(readNetworkBytes(await machineWith(t, {})), undefined);
  t.true(readNetworkBytes('/')!.receivedBytes >= 0);
});

test('energy: counters of packages, from 0', async (t) => {
  const zone = '/sys/class/powercap/intel-rapl:0';
  const root = await machineWith(t, { [`${zone}/energy_uj`]: '7000000\n', [`${zone}/max_energy_range_uj`]: '9000000\n' });
  const meter = new EnergyMeter(root);
  t.is(meter.read(0), 0);
  await putFiles(root, { [`${zone}/energy_uj`]: '8500000\n' });
  t.is(meter.read(10), 1.5);
  await putFiles(root, { [`${zone}/energy_uj`]: '500000\n' });
  t.is(meter.read(20), 2.5, 'it has reached its range and begun again');
  await putFiles(root, { [`${zone}/max_energy_range_uj`]: '', [`${zone}/energy_uj`]: '1\n' });
  t.is(meter.read(30), undefined, 'nobody knows how far it went back');
});

test('energy: the power of an input rail over time', async (t) => {
  const chip = '/sys/class/hwmon/hwmon0';
  const drawing = (milliamperes: number) => ({ [`${chip}/curr1_input`]: `${milliamperes}\n` });
  const root = await machineWith(t, {
    [`${chip}/name`]: 'ina3221\n',
    [`${chip}/in1_label`]: 'VDD_IN\n',
    [`${chip}/in1_input`]: '5000\n',
    ...drawing(1000),
  });
  const meter = new EnergyMeter(root);
  t.is(meter.read(1000), 0);
  t.is(meter.read(3000), 10);
  await putFiles(root, drawing(2000));
  t.is(meter.read(4000), 17.5);
});

test('energy: without a sensor nobody knows', async (t) => {
  const meter = new EnergyMeter(await machineWith(t, {}));
  t.is(meter.read(0), undefined);
  t.is(meter.read(1000), undefined);
});
