import test from 'ava';
import fc from 'fast-check';
import { planModel } from '../../../controller/plan/plan-model.ts';
import { type WhatIf, whatIf } from '../../../controller/plan/what-if.ts';
import { MeshError } from '../../../mesh/error.ts';
import { STAGE_PROCESS_BYTES } from '../../../mesh/stage-memory.ts';
import { planDevice, planFleet, wish, zooLayers } from './models.ts';

const model = { name: 'squeezenet', layered: zooLayers('squeezenet') };
const now = async (): Promise<void> => undefined;
const named = (changes: readonly WhatIf[], change: string): WhatIf => changes.find((each) => each.change === change)!;

const fleets = fc
  .record({
    speeds: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
    mbitPerS: fc.constantFrom(5, 100, 1000),
    latencyMs: fc.constantFrom(0, 2),
    isTight: fc.boolean(),
  })
  .map(({ speeds, mbitPerS, latencyMs, isTight }) =>
    planFleet(
      speeds.map((speed, index) =>
        planDevice(`d${index}`, {
          rates: { gmacPerS: speed, memoryGBPerS: speed, layerMs: 0.01 },
          memoryBytes: isTight ? STAGE_PROCESS_BYTES + 4 * 2 ** 20 : Number.POSITIVE_INFINITY,
        }),
      ),
      { link: () => ({ bytesPerMs: mbitPerS * 125, latencyMs }) },
    ),
  );

test('nothing that is added makes it worse; the largest gain is first; value and gain belong together', async (t) => {
  let helped = 0;
  await fc.assert(
    fc.asyncProperty(fleets, fc.constantFrom('throughput', 'latency', 'energy'), async (fleet, objective) => {
      const request = wish({ objective });
      const best = planModel(model, fleet, request).plans[0];
      if (best === undefined) return;
      const changes = await whatIf(model, fleet, request, best.value, now);
      for (const [index, { gain, value, change }] of changes.entries()) {
        if (!(gain >= 1) || !Number.isFinite(gain)) throw new Error(`${change}: ${gain}`);
        if (index > 0 && gain > changes[index - 1]!.gain) throw new Error('not sorted');
        if (Math.abs(value * gain - best.value) > 1e-9 * best.value) throw new Error(`${change}: ${value} × ${gain} is not ${best.value}`);
        if (gain > 1.01) helped += 1;
      }
    }),
    { numRuns: 40 },
  );
  t.true(helped > 40);
});

test('one more of the only device is twice the frames; every link twice as fast is, where all wait for the link', async (t) => {
  const fleet = planFleet([planDevice('pi')], { link: () => ({ bytesPerMs: 1e9, latencyMs: 0 }) });
  const { plans } = planModel(model, fleet, wish());
  const changes = await whatIf(model, fleet, wish(), plans[0]!.value, now);
  for (const change of ['one more device like pi', 'pi twice as fast']) {
    t.true(Math.abs(named(changes, change).gain - 2) < 1e-6, change);
  }
  t.is(named(changes, 'every link twice as fast').gain, 1);
  t.false(
    changes.some(({ change }) => change === 'twice the memory everywhere'),
    'there is no limit that could be doubled',
  );

  const slow = planFleet([planDevice('pi')], { link: () => ({ bytesPerMs: 10, latencyMs: 0 }) });
  const waiting = await whatIf(model, slow, wish(), planModel(model, slow, wish()).plans[0]!.value, now);
  t.is(waiting[0]!.change, 'every link twice as fast');
  t.true(Math.abs(waiting[0]!.gain - 2) < 1e-6);
});

test('of devices like each other one is tried', async (t) => {
  const segments = new Map([['squeezenet', [{ layers: 'all', ms: 9 }]]]);
  const fleet = planFleet([
    planDevice('a'),
    planDevice('b'),
    planDevice('c', { segments }),
    planDevice('d', { segments, memoryBytes: 1e9 }),
  ]);
  const changes = await whatIf(model, fleet, wish(), 1, now);
  t.deepEqual(
    changes.map(({ change }) => change).sort(),
    [
      ...['a', 'c', 'd'].flatMap((name) => [`${name} twice as fast`, `one more device like ${name}`]),
      'every link twice as fast',
      'twice the memory everywhere',
    ].sort(),
  );
});

test('with as many devices as can be planned for, one more is not tried', async (t) => {
  const fleet = planFleet(Array.from({ length: 30 }, (_, index) => planDevice(`pi-${index}`)));
  const lenet = { name: 'lenet', layered: zooLayers('lenet') };
  const changes = await whatIf(lenet, fleet, wish(), planModel(lenet, fleet, wish(), 'quick').plans[0]!.value, now);
  t.deepEqual(changes.map(({ change }) => change).sort(), ['every link twice as fast', 'pi-0 twice as fast']);
});

test('it can be stopped between two plans', async (t) => {
  let pauses = 0;
  const stop = async (): Promise<void> => {
    pauses += 1;
    if (pauses === 2) throw new MeshError('cancelled', 'interrupted');
  };
  await t.throwsAsync(whatIf(model, planFleet([planDevice('pi')]), wish(), 1, stop), { message: 'interrupted' });
  t.is(pauses, 2);
});
