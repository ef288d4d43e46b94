import test from 'ava';
import { planModel } from '../../../controller/plan/plan-model.ts';
import { placedStages } from '../../../controller/plan/plan-out.ts';
import { type DeviceNow, fleetNow, formatStages, type PresentStage, recut } from '../../../controller/plan/recut.ts';
import { STAGE_PROCESS_BYTES } from '../../../mesh/stage-memory.ts';
import { formatLayers } from '../../../partition/layer-ranges.ts';
import { planDevice, planFleet, wish, zooLayers } from './models.ts';

const resnet = { name: 'resnet18', layered: zooLayers('resnet18') };
const count = resnet.layered.layers.length;
const names = ['pa', 'pb', 'pc'];
const fleet = planFleet(names.map((name) => planDevice(name)));
const alone = wish({ replicate: false });
const asBefore = (name: string, more: Partial<DeviceNow> = {}): DeviceNow => ({
  name,
  memoryBytes: Number.POSITIVE_INFINITY,
  slowness: 1,
  measured: [],
  ...more,
});
const unmeasured = () => undefined;

/** What the planner does with these devices, as it is carried out. */
function begun(devices: readonly string[]): PresentStage[] {
  const { plans, costs } = planModel(
    resnet,
    fleetNow(
      fleet,
      devices.map((name) => asBefore(name)),
      unmeasured,
    ),
    alone,
  );
  return placedStages(plans[0]!.plan, costs.lattice, devices).map((stage) => ({ ...stage, layers: formatLayers(stage.layers) }));
}

const three = begun(names);
const two = begun(['pa', 'pb']);

test('nothing has changed: the plan is as good as it was', (t) => {
  t.is(three.length, 3);
  const found = recut(resnet, fleet, alone, three)!;
  // The quick look may miss the best; never by much.
  t.true(found.ratio! >= 1 && found.ratio! < 1.1, `${found.ratio}`);
});

test('a device has gone: all layers are on the others, in fewer stages', (t) => {
  const { stages } = recut(resnet, fleetNow(fleet, [asBefore('pa'), asBefore('pc')], unmeasured), alone, undefined)!;
  t.deepEqual(new Set(stages.flatMap(({ devices }) => devices)), new Set(['pa', 'pc']));
  t.deepEqual(
    stages.flatMap(({ layers }) => layers),
    Array.from({ length: count }, (_, index) => index + 1),
  );
});

test('a device has joined: the plan with it promises what it takes less', (t) => {
  const { stages, ratio } = recut(resnet, fleet, alone, two)!;
  t.is(stages.length, 3);
  t.true(ratio! > 0.6 && ratio! < 0.8, `a third instead of half of the work: ${ratio}`);
});

test('a device is three times slower: it gets less of the work', (t) => {
  const slow = fleetNow(fleet, [asBefore('pa'), asBefore('pb', { slowness: 3 }), asBefore('pc')], unmeasured);
  const { ratio } = recut(resnet, slow, alone, three)!;
  t.true(ratio! < 0.6, `${ratio}`);
});

test('what was measured in the run counts, and is slower on a slow device, too', (t) => {
  const measured = three.map(({ layers }, index) => ({ layers, ms: index === 0 ? 30 : 10 }));
  const now = names.map((name) => asBefore(name, { measured, slowness: 2 }));
  for (const { segments, rates } of fleetNow(
    planFleet(names.map((name) => planDevice(name, { segments: new Map([['resnet18', []]]) }))),
    now,
    unmeasured,
  ).devices) {
    t.deepEqual(
      segments.get('resnet18')!.map(({ ms }) => ms),
      [60, 20, 20],
    );
    t.is(rates, undefined, 'from now on what was measured says how fast it is');
  }
});

test('a link that has collapsed is not used any more', (t) => {
  const [a, b] = [three[0]!.devices[0]!, three[1]!.devices[0]!];
  const speed = (from: string, to: string) => (from === a && to === b ? 20 : undefined);
  const now = fleetNow(
    fleet,
    names.map((name) => asBefore(name)),
    speed,
  );
  const { stages, ratio } = recut(resnet, now, alone, three)!;
  t.true(ratio! < 0.01, `${ratio}`);
  const chain = stages.map(({ devices }) => devices[0]);
  t.false(chain.some((device, index) => device === a && chain[index + 1] === b));
});

test('memory: cuts that fit are found, and none when there is none', (t) => {
  const weights = resnet.layered.layers.reduce((sum, { weightBytes }) => sum + weightBytes, 0);
  const room = (bytes: number) =>
    fleetNow(
      fleet,
      names.map((name) => asBefore(name, { memoryBytes: bytes })),
      unmeasured,
    );
  t.is(recut(resnet, room(STAGE_PROCESS_BYTES), alone, undefined), undefined);
  t.is(recut(resnet, room(STAGE_PROCESS_BYTES + weights / 3 - 1), alone, undefined), undefined, 'three thirds less a byte');
  const memory = STAGE_PROCESS_BYTES + weights * 0.45;
  const found = recut(resnet, room(memory), alone, undefined)!;
  t.is(found.stages.length, 3);
  for (const { memoryBytes } of found.stages) t.true(memoryBytes <= memory);
  t.is(
    found.stages.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    weights + 3 * STAGE_PROCESS_BYTES,
  );
});

const strangers: readonly (readonly [what: string, present: readonly PresentStage[]])[] = [
  ['a device that is not there', three.map((stage) => ({ ...stage, devices: ['px'] }))],
  ['not all layers', three.slice(0, 2)],
];
for (const [what, present] of strangers) {
  test(`a plan with ${what} can't be compared with`, (t) => {
    t.is(recut(resnet, fleet, alone, present)!.ratio, undefined);
  });
}

test('replicas count with their shares', (t) => {
  const whole = `1-${count}`;
  const turns = recut(resnet, fleet, wish(), [{ layers: whole, devices: names, shares: [1, 1, 1] }])!;
  const one = recut(resnet, fleet, wish(), [{ layers: whole, devices: ['pa'], shares: [1] }])!;
  t.true(Math.abs(one.ratio! / turns.ratio! - 1 / 3) < 1e-9, 'three devices that take turns are three times as fast as one');
});

test('stages for a person', (t) => {
  t.is(
    formatStages([
      { id: 'x', layers: [1, 2, 3], devices: ['pa'], shares: [1] },
      { id: 'y', layers: [4], devices: ['pb', 'pc'], shares: [1, 1] },
    ]),
    '2 stages: layers 1-3 on pa, 4 on pb and pc',
  );
  t.is(formatStages([{ id: 'x', layers: [1], devices: ['pa'], shares: [1] }]), 'one stage: layers 1 on pa');
});
