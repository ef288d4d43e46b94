import test from 'ava';
import { lookAtRest } from '../../../agent/bench/at-rest.ts';
import { EnergyMeter } from '../../../agent/bench/energy.ts';
import { machineWith, putFiles } from '../../helpers/machine-files.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

/** Ticks of 10 ms. */
const busy = (ticks: number): Record<string, string> => ({ '/proc/stat': `cpu  ${ticks} 0 0 1000 0 0 0 0\n` });
const PACKAGE = '/sys/class/powercap/intel-rapl:0';
const energy = (microjoules: number): Record<string, string> => ({
  [`${PACKAGE}/name`]: 'package-0\n',
  [`${PACKAGE}/energy_uj`]: `${microjoules}\n`,
});

test('only what the device does in the moment before the run counts, not what the runs before it did', async (t) => {
  const root = await machineWith(t, busy(100_000));
  const clock = new ManualClock();
  const looked = lookAtRest(new EnergyMeter(root), root, clock, new AbortController().signal);
  await putFiles(root, busy(100_010));
  clock.advance(250);
  t.deepEqual(await looked, { busyCores: 0.4 });
});

test('where energy is counted, the power of a second', async (t) => {
  const root = await machineWith(t, { ...busy(0), ...energy(5_000_000) });
  const clock = new ManualClock();
  const looked = lookAtRest(new EnergyMeter(root), root, clock, new AbortController().signal);
  await putFiles(root, { ...busy(50), ...energy(8_000_000) });
  clock.advance(1000);
  t.deepEqual(await looked, { busyCores: 0.5, watts: 3 });
});

test('where nothing tells, nothing is said; whoever does not wait any longer need not', async (t) => {
  const root = await machineWith(t, {});
  const clock = new ManualClock();
  const looked = lookAtRest(new EnergyMeter(root), root, clock, new AbortController().signal);
  clock.advance(250);
  t.deepEqual(await looked, {});
  const ending = new AbortController();
  const cancelled = lookAtRest(new EnergyMeter(root), root, clock, ending.signal);
  ending.abort(new Error('enough'));
  await t.throwsAsync(cancelled, { message: 'enough' });
  t.is(clock.waiting, 0);
});
