/** Plans by what the profiler foretells of layers. */
import test from 'ava';
import { layerTimes, TYPICAL } from '../../../controller/plan/device-speed.ts';
import { type MeasuredMember, measuredFleet } from '../../../controller/plan/measured-fleet.ts';
import { layerSet } from '../../../partition/cuts/layer-flow.ts';
import { zooLayers } from './models.ts';

const model = zooLayers('squeezenet');
const count = model.layers.length;
const foretold = [0, ...Array.from({ length: count }, (_, index) => 1 + (index % 5))];
const segment = (layers: readonly number[], ms: number) => ({ layers: layerSet(layers), ms });
const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * b;

test('where nothing was measured it holds as it is, whatever the device is said to do', (t) => {
  t.deepEqual(layerTimes(model, undefined, [], foretold), foretold);
  t.deepEqual(layerTimes(model, TYPICAL, [], foretold), foretold);
});

test('a measured stage is shared among its layers as it was foretold, and the others turn out as much slower', (t) => {
  for (const rates of [undefined, TYPICAL]) {
    const times = layerTimes(model, rates, [segment([1, 2, 3], 2 * (1 + 2 + 3))], foretold);
    t.is(times[0], 0);
    for (const [layer, ms] of foretold.entries()) t.true(isClose(times[layer]!, 2 * ms) || layer === 0, `layer ${layer}`);
  }
});

test('what was measured stays as it is, whatever was foretold', (t) => {
  const times = layerTimes(model, undefined, [segment([1, 2], 9), segment([5], 1)], foretold);
  t.true(isClose(times[1]! + times[2]!, 9) && isClose(times[5]!, 1));
});

test('layers that were foretold to take nothing share what was measured of them', (t) => {
  const times = layerTimes(
    model,
    undefined,
    [segment([1, 2], 4)],
    foretold.map(() => 0),
  );
  t.deepEqual(times.slice(0, 4), [0, 2, 2, 0]);
});

test('a device is only taken for typical when nothing was measured and nothing foretold', (t) => {
  const member = (name: string, deviceClass: string, foretoldMs?: readonly number[]): MeasuredMember => ({
    name,
    deviceClass,
    memoryBytes: 1e9,
    foretoldMs,
  });
  const times = new Map([
    ['old', [{ layers: '1-3', ms: 5 }]],
    ['new', []],
  ]);
  const members = [member('a', 'new'), member('b', 'new', foretold), member('c', 'old'), member('d', 'old', foretold)];
  const { devices } = measuredFleet('squeezenet', members, { times, transfers: [], frameMs: undefined });
  t.deepEqual(
    devices.map(({ rates }) => rates),
    [TYPICAL, undefined, undefined, undefined],
  );
  t.deepEqual(
    devices.map((device) => device.foretoldMs),
    [undefined, foretold, undefined, foretold],
  );
  t.deepEqual(
    devices.map(({ segments }) => segments.get('squeezenet')!.length),
    [0, 0, 1, 1],
  );
});
