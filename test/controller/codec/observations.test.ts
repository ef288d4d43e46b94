import test from 'ava';
import fc from 'fast-check';
import { Observations } from '../../../controller/codec/observations.ts';
import type { LinkMeasurement, StageMeasurement } from '../../../mesh/measurement.ts';
import type { Plan } from '../../../partition/plan.ts';

const spec = (name: string) => ({ name, dtype: 'float32' as const, dims: [1] });
const stage = (id: string, inputs: readonly string[], outputs: readonly string[]) => ({
  id,
  device: `d-${id}`,
  layers: '1',
  inputs: inputs.map(spec),
  outputs: outputs.map(spec),
});
/** a feeds b and c, both feed d. */
const plan: Plan = {
  epoch: 1n,
  stages: [stage('a', ['x'], ['h']), stage('b', ['h'], ['p']), stage('c', ['h'], ['q']), stage('d', ['p', 'q'], ['y'])],
  routes: [
    { from: 'source', to: 'a', tensors: ['x'], codec: 'auto' },
    { from: 'a', to: 'b', tensors: ['h'], codec: 'auto' },
    { from: 'a', to: 'c', tensors: ['h'], codec: 'auto' },
    { from: 'b', to: 'd', tensors: ['p'], codec: 'auto' },
    { from: 'c', to: 'd', tensors: ['q'], codec: 'auto' },
    { from: 'd', to: 'sink', tensors: ['y'], codec: 'auto' },
  ],
};

const link = (from: string, to: string, frame: number, codec: string, rawBytes: number, wireBytes = rawBytes): LinkMeasurement => ({
  from,
  to,
  frame: BigInt(frame),
  rawBytes,
  wireBytes,
  transferUs: 20,
  occupiedUs: 10,
  encodeUs: 5,
  codec,
});
const work = (id: string, frame: number, decodeUs: number, computeUs = 100): StageMeasurement => ({
  stage: id,
  device: `d-${id}`,
  frame: BigInt(frame),
  queueUs: 0,
  decodeUs,
  computeUs,
  encodeUs: 0,
});

test('medians of the last frames, by route and codec; fallbacks count for the codec that was asked', (t) => {
  const observed = new Observations(plan);
  t.is(observed.ofRoute('a', 'b').size, 0);
  t.is(observed.computeUs('b'), undefined);
  observed.add({
    links: [1, 2, 3].flatMap((wire, frame) => [
      link('a', 'b', 2 * frame, 'none', 1000),
      link('a', 'b', 2 * frame + 1, wire === 3 ? 'int8+blosc2' : 'int8', 1000, wire * 100),
    ]),
    stages: [work('b', 0, 7, 50), work('b', 1, 9, 60), work('b', 2, 7, 70)],
  });
  t.deepEqual([...observed.ofRoute('a', 'b').keys()], ['none', 'int8']);
  t.like(observed.ofRoute('a', 'b').get('int8'), { frames: 3, rawBytes: 1000, wireBytes: 200, encodeUs: 5, decodeUs: 9 });
  t.is(observed.ofRoute('a', 'b').get('none')!.decodeUs, 7);
  t.is(observed.computeUs('b'), 60);
});

test('old frames are forgotten', (t) => {
  const observed = new Observations(plan);
  for (let frame = 0; frame < 200; frame += 1) {
    observed.add({
      links: [link('a', 'b', frame, 'none', 1000, frame < 150 ? 10 : 20)],
      stages: [work('b', frame, 0, frame < 150 ? 1 : 2)],
    });
  }
  t.is(observed.ofRoute('a', 'b').get('none')!.wireBytes, 20);
  t.is(observed.computeUs('b'), 2);
  t.is(observed.ofRoute('a', 'b').get('none')!.frames, 200);
});

test('what a join took to decode is shared out by bytes, in whatever order the measurements come', (t) => {
  const rows = [0, 1, 2].flatMap((frame) => [
    { links: [link('b', 'd', frame, 'fp16', 3000)], stages: [] },
    { links: [link('c', 'd', frame, 'none', 1000)], stages: [] },
    { links: [], stages: [work('d', frame, 40)] },
  ]);
  fc.assert(
    fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (order) => {
      const observed = new Observations(plan);
      for (const each of order) observed.add(each);
      return observed.ofRoute('b', 'd').get('fp16')!.decodeUs === 30 && observed.ofRoute('c', 'd').get('none')!.decodeUs === 10;
    }),
  );
  t.pass();
});

test('how long frames occupied a route is that of the last ones, encoding taken off', (t) => {
  const observed = new Observations(plan);
  const add = (frame: number, wireBytes: number, occupiedUs: number, encodeUs: number): void =>
    observed.add({ links: [{ ...link('a', 'b', frame, 'none', 1000, wireBytes), occupiedUs, encodeUs }], stages: [] });
  t.deepEqual(observed.occupation('a', 'b'), { wireBytes: 0, us: 0 });
  for (let frame = 0; frame < 100; frame += 1) add(frame, 1000, 500, 0);
  t.deepEqual(observed.occupation('a', 'b'), { wireBytes: 64_000, us: 32_000 });
  for (let frame = 100; frame < 164; frame += 1) add(frame, 200, 10, 4);
  t.deepEqual(observed.occupation('a', 'b'), { wireBytes: 12_800, us: 384 });
  for (let frame = 164; frame < 228; frame += 1) add(frame, 100, 16, 15);
  t.deepEqual(observed.occupation('a', 'b'), { wireBytes: 6400, us: 256 }, 'what is encoded while others are sent takes nothing off');
});

test('at the sink nobody measures decoding', (t) => {
  const observed = new Observations(plan);
  observed.add({ links: [link('d', 'sink', 0, 'none', 10)], stages: [] });
  t.is(observed.ofRoute('d', 'sink').get('none')!.decodeUs, undefined);
});

test('what a stage measured that the present plan does not have is left out', (t) => {
  const observed = new Observations(plan);
  observed.follow({ ...plan, epoch: 2n, stages: [stage('whole', ['x'], ['y'])], routes: [] });
  observed.add({ links: [link('b', 'd', 0, 'none', 10)], stages: [work('d', 0, 40)] });
  t.is(observed.computeUs('d'), undefined);
});
