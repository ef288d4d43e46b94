import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { lookAtRest } from '../../../agent/bench/at-rest.ts';
import { EnergyMeter } from '../../../agent/bench/energy.ts';
import { machineWith, putFiles } from '../../helpers/machine-files.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

/** `ticks`: CPU time of all CPUs so far. */
const stat = (ticks: number): Record<string, string> => ({ '/proc/stat': `cpu ${ticks} 0 0 100 0 0 0 0 0 0\n` });
const rapl = (joules: number): Record<string, string> => ({
  '/sys/class/powercap/intel-rapl:0/name': 'package-0',
  '/sys/class/powercap/intel-rapl:0/energy_uj': `${joules * 1e6}\n`,
});
const never = new AbortController().signal;

test('what the device does before the run is what it does then, not what it did in the runs before', async (t) => {
  const clock = new ManualClock();
  const root = await machineWith(t, stat(1_000_000));
  const looking = lookAtRest(new EnergyMeter(root), root, clock, never);
  await putFiles(root, stat(1_000_005));
  clock.advance(250);
  t.deepEqual(await looking, { busyCores: 0.2 });
});

test('where energy is counted, power, too, over a second', async (t) => {
  const clock = new ManualClock();
  const root = await machineWith(t, { ...stat(0), ...rapl(500) });
  const looking = lookAtRest(new EnergyMeter(root), root, clock, never);
  clock.advance(999);
  await putFiles(root, { ...stat(100), ...rapl(503) });
  await setImmediate();
  clock.advance(1);
  t.deepEqual(await looking, { busyCores: 1, watts: 3 });
});

test('nobody who no longer waits is waited for; what nothing tells is absent', async (t) => {
  const clock = new ManualClock();
  const root = await machineWith(t, {});
  const ending = new AbortController();
  const looking = lookAtRest(new EnergyMeter(root), root, clock, ending.signal);
  ending.abort(new Error('enough'));
  await t.throwsAsync(looking, { message: 'enough' });
  const nothing = lookAtRest(new EnergyMeter(root), root, clock, never);
  clock.advance(250);
  t.deepEqual(await nothing, {});
});
