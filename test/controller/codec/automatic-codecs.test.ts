import test from 'ava';
import { AutomaticCodecs } from '../../../controller/codec/automatic-codecs.ts';
import { Observations } from '../../../controller/codec/observations.ts';
import { codecAt } from '../../../mesh/codec-cycle.ts';
import type { LinkMeasurement, StageMeasurement } from '../../../mesh/measurement.ts';
import type { Plan } from '../../../partition/plan.ts';
import { codecOf, codecs, common, plan, RAW, World } from './codec-world.ts';

function automatic(): AutomaticCodecs {
  return new AutomaticCodecs({ ...common, lossy: [], observations: new Observations(plan), guard: undefined });
}

test('where the link is fast nothing is encoded, not even to try', (t) => {
  const steered = automatic();
  const world = new World(steered, 20_000, 1000);
  for (let tick = 0; tick < 20; tick += 1) world.tick(30);
  t.deepEqual(new Set(world.travelled), new Set(['none']));
  t.deepEqual(steered.report().changes, []);
});

test('where the link is slow every codec without loss is tried, and the best is used within a few looks', (t) => {
  const steered = automatic();
  const world = new World(steered, 20_000, 10);
  for (let tick = 0; tick < 6; tick += 1) world.tick(10);
  t.is(codecOf(steered), 'blosc2');
  const [change, ...more] = steered.report().changes;
  t.deepEqual(more, []);
  t.like(change, { from: 'a', to: 'b', was: 'none', now: 'blosc2', why: 'pi1 → pi2 is what frames wait for' });
  world.travelled.length = 0;
  for (let tick = 0; tick < 20; tick += 1) world.tick(64);
  const others = world.travelled.filter((codec) => codec !== 'blosc2');
  t.is(others.length, 20, 'one in 64 keeps the numbers of the others fresh');
  t.deepEqual([...new Set(others)], ['lz4'], 'what it takes to send everything as it is, is known');
});

test('when the link becomes fast the codec goes, and comes back with the slow link', (t) => {
  const steered = automatic();
  const world = new World(steered, 20_000, 10);
  for (let tick = 0; tick < 6; tick += 1) world.tick(20);
  t.is(codecOf(steered), 'blosc2');
  world.bytesPerUs = 1000;
  for (let tick = 0; tick < 10; tick += 1) world.tick(50);
  t.is(codecOf(steered), 'none');
  world.bytesPerUs = 10;
  for (let tick = 0; tick < 10; tick += 1) world.tick(50);
  t.is(codecOf(steered), 'blosc2');
});

test('noise of a few percent changes nothing', (t) => {
  const steered = automatic();
  const world = new World(steered, 20_000, 10);
  for (let tick = 0; tick < 6; tick += 1) world.tick(20);
  const changes = steered.report().changes.length;
  for (let tick = 0; tick < 40; tick += 1) {
    world.bytesPerUs = 10 * (1 + 0.04 * Math.sin(tick * 2.3));
    world.tick(40);
  }
  t.is(steered.report().changes.length, changes);
});

test('for latency a codec is used although computing is what frames wait for', (t) => {
  const steered = new AutomaticCodecs({
    ...common,
    objective: 'latency',
    lossy: [],
    observations: new Observations(plan),
    guard: undefined,
  });
  const world = new World(steered, 200_000, 50);
  for (let tick = 0; tick < 6; tick += 1) world.tick(20);
  t.is(codecOf(steered), 'blosc2', '2000 + 10000 + 1000 against 20000');
});

const replicated: Plan = {
  epoch: 1n,
  stages: [
    plan.stages[0]!,
    { ...plan.stages[1]!, id: 'b-1', replicaOf: 'b' },
    { ...plan.stages[1]!, id: 'b-2', device: 'pi3', replicaOf: 'b' },
  ],
  routes: [
    plan.routes[0]!,
    ...[0, 1].flatMap((at) => [
      { from: 'a', to: `b-${at + 1}`, tensors: ['h'], codec: 'auto', turns: { of: 2, at: [at] } },
      { from: `b-${at + 1}`, to: 'sink', tensors: ['y'], codec: 'none', turns: { of: 2, at: [at] } },
    ]),
  ],
};

test('where devices take turns each of their routes gets to know every codec', (t) => {
  const steered = new AutomaticCodecs({
    ...common,
    plan: replicated,
    lossless: ['none', 'blosc2'],
    lossy: [],
    observations: new Observations(replicated),
    guard: undefined,
  });
  steered.begin(async () => 0n);
  const seen = [new Set<string>(), new Set<string>()];
  for (let start = 0; start < 600; start += 30) {
    const links: LinkMeasurement[] = [];
    const stages: StageMeasurement[] = [];
    for (let id = start; id < start + 30; id += 1) {
      const [frame, at] = [BigInt(id), id % 2];
      const to = `b-${at + 1}`;
      const codec = codecAt(steered.cycleOf({ from: 'a', to }), frame);
      seen[at]!.add(codec);
      const [wireBytes, encodeUs, decodeUs] = codecs[codec]!;
      const small = { frame, rawBytes: 1000, wireBytes: 1000, transferUs: 10, occupiedUs: 10, encodeUs: 0, codec: 'none' };
      const us = wireBytes / 5 + encodeUs;
      links.push({ from: 'a', to, frame, rawBytes: RAW, wireBytes, transferUs: us, occupiedUs: us, encodeUs, codec });
      links.push({ ...small, from: 'source', to: 'a' }, { ...small, from: to, to: 'sink' });
      stages.push({ frame, queueUs: 0, computeUs: 1000, stage: 'a', device: 'pi1', decodeUs: 0, encodeUs });
      stages.push({ frame, queueUs: 0, computeUs: 1000, stage: to, device: `pi${at + 2}`, decodeUs, encodeUs: 0 });
    }
    steered.measured({ frames: [], links, stages });
  }
  for (const codecsSeen of seen) t.deepEqual([...codecsSeen].sort(), ['blosc2', 'none']);
  t.deepEqual(
    steered
      .report()
      .routes.filter(({ from }) => from === 'a')
      .map(({ codec }) => codec),
    ['blosc2', 'blosc2'],
  );
});
