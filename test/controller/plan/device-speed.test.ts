import test from 'ava';
import fc from 'fast-check';
import { layerTimes, type MeasuredSegment, type Rates, TYPICAL } from '../../../controller/plan/device-speed.ts';
import { layerSet, layersIn } from '../../../partition/cuts/layer-flow.ts';
import { bytesOf } from '../../../partition/tensor-bytes.ts';
import { zooLayers } from './models.ts';

const model = zooLayers('squeezenet');
const count = model.layers.length;
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const segment = (from: number, to: number, ms: number): MeasuredSegment => ({ layers: layerSet(range(from, to)), ms });
const sumOf = (times: readonly number[], layers: readonly number[]): number => layers.reduce((sum, layer) => sum + times[layer]!, 0);
const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));

/** Cuts 1 to `count` into segments. */
const segments = fc
  .tuple(fc.subarray(range(1, count - 1)), fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: count, maxLength: count }))
  .map(([ends, ms]) => [...ends, count].map((end, index) => segment((ends[index - 1] ?? 0) + 1, end, ms[index]!)));

test('layers of segments that lie side by side take together what was measured of each', (t) => {
  fc.assert(
    fc.property(segments, fc.constantFrom(undefined, { gmacPerS: 3, memoryGBPerS: 2, layerMs: 0 }), (measured, rates) => {
      const times = layerTimes(model, rates, measured);
      if (times.length !== count + 1) return false;
      return measured.every(({ layers, ms }) => isClose(sumOf(times, layersIn(layers)), ms));
    }),
  );
  t.pass();
});

test('the smallest segment that a layer was measured in decides, whatever the order', (t) => {
  const [large, small, one] = [segment(1, count, 900), segment(3, 6, 10), segment(5, 5, 4)];
  for (const measured of [
    [large, small, one],
    [one, small, large],
  ]) {
    const times = layerTimes(model, undefined, measured);
    t.is(times[5], 4);
    const inSmall = layerTimes(model, undefined, [small]);
    for (const layer of [3, 4, 6]) t.is(times[layer], inSmall[layer]);
    const inLarge = layerTimes(model, undefined, [large]);
    for (const layer of [1, 2, 7, count]) t.is(times[layer], inLarge[layer]);
  }
});

test('layers that nobody measured are as slow for their work as the measured ones, when nobody said how fast the device is', (t) => {
  const told = layerTimes(model, undefined, []);
  for (const factor of [0.25, 1, 7]) {
    const first = range(1, 8);
    const times = layerTimes(model, undefined, [segment(1, 8, factor * sumOf(told, first))]);
    for (const layer of range(1, count)) t.true(isClose(times[layer]!, factor * told[layer]!), `layer ${layer}`);
  }
});

test('where rates are given they hold for layers that nobody measured', (t) => {
  const rates: Rates = { gmacPerS: 3, memoryGBPerS: 2, layerMs: 0.1 };
  const told = layerTimes(model, rates, []);
  const times = layerTimes(model, rates, [segment(1, 4, 1000)]);
  t.deepEqual(times.slice(5), told.slice(5));
  t.true(isClose(sumOf(times, range(1, 4)), 1000));
});

test('rates are a roofline: the longer of computing and moving, and something for each layer', (t) => {
  const rates: Rates = { gmacPerS: 4, memoryGBPerS: 2, layerMs: 0.25 };
  const times = layerTimes(model, rates, []);
  let [bound, moved] = [0, 0];
  for (const { number, macs, weightBytes, outputs } of model.layers) {
    const compute = (macs ?? 0) / 4e9;
    const move = (weightBytes + outputs.reduce((sum, name) => sum + bytesOf(name, model.facts)!, 0)) / 2e9;
    t.true(isClose(times[number]!, Math.max(compute, move) * 1000 + 0.25));
    if (compute > move) bound += 1;
    else moved += 1;
  }
  t.true(bound > 0 && moved > 0, 'the model has layers of both kinds');
  t.is(times[0], 0);
});

test('a device that is twice as fast in everything takes half the time', (t) => {
  const times = layerTimes(model, TYPICAL, []);
  const { gmacPerS, memoryGBPerS, layerMs } = TYPICAL;
  const half = layerTimes(model, { gmacPerS: gmacPerS * 2, memoryGBPerS: memoryGBPerS * 2, layerMs: layerMs / 2 }, []);
  t.true(half.every((ms, layer) => isClose(ms * 2, times[layer]!)));
});

test('layers that would take no time at all share what was measured of them', (t) => {
  const free = { gmacPerS: 1, memoryGBPerS: Number.POSITIVE_INFINITY, layerMs: 0 };
  const pooling = model.layers.filter(({ macs }) => (macs ?? 0) === 0).map(({ number }) => number);
  t.true(pooling.length > 1);
  const times = layerTimes(model, free, [{ layers: layerSet(pooling), ms: 3 }]);
  for (const layer of pooling) t.true(isClose(times[layer]!, 3 / pooling.length));
});
