import test from 'ava';
import { Checks } from './checks.ts';
import { RunChecks } from './run-checks.ts';
import type { RunScenario } from './run-scenario.ts';
import { expectedOutputs, inputOf, mix, tensorsOf } from './sim-model.ts';

const spec = (name: string) => ({ name, dtype: 'uint8' as const, dims: [16] });
const stage = (id: string, input: string, output: string) => ({
  ...{ id, device: 'd', layers: '1' },
  inputs: [spec(input)],
  outputs: [spec(output)],
});
const route = (from: string, to: string, tensor: string) => ({ from, to, tensors: [tensor], codec: 'none' });
const plain = {
  epoch: 1n,
  stages: [stage('a', 'x', 't'), stage('b', 't', 'y')],
  routes: [route('source', 'a', 'x'), route('a', 'b', 't'), route('b', 'sink', 'y')],
};

function bench(options: Partial<RunScenario> = {}, kills = 0) {
  const found: string[] = [];
  const checks = new Checks({ now: () => 5, onViolation: ({ property, what }) => found.push(`${property}: ${what}`) });
  const scenario = { run: 'r', plain, frames: 3, window: 2, poison: [], ...options };
  const run = new RunChecks({ scenario, kills: () => kills, violated: (property, what) => checks.violated(property, what) });
  checks.add(run);
  const outputs = (id: bigint) => new Map([['y', { data: expectedOutputs(plain, 'r', id).get('y') as Uint8Array<ArrayBuffer> }]]);
  const goes = (id: bigint, as = id): void => run.delivers(id, outputs(as));
  return { checks, run, found, goes };
}

const none: ReadonlyMap<bigint, string> = new Map();

test('frames that come out once, in order, with the right bytes are in order; so are those that kill their stage and are given up in their place', (t) => {
  const { run, found, goes } = bench({ poison: [{ stage: 'b', frame: 1n }] });
  goes(0n);
  run.skips(1n);
  goes(2n);
  run.complete(new Map([[1n, 'it died']]));
  t.deepEqual(found, []);
  t.is(run.delivered, 3);
});

test('a frame that comes out twice, too early, or never is found', (t) => {
  const { checks, run, found, goes } = bench({}, 3);
  goes(0n);
  goes(0n);
  goes(2n);
  run.skips(2n);
  run.complete(new Map([[2n, '']]));
  t.deepEqual(found, [
    'exactly once: run r: frame 0 came out after it came out',
    'in order: run r: frame 0 came out after frame 0',
    'in order: run r: frame 2 came out after frame 0',
    'exactly once: run r: frame 2 was given up after it came out',
    'in order: run r: frame 2 was given up after frame 2',
    'exactly once: run r: 2 frames came out of 3',
    'exactly once: run r: frame 2 was given up without a cause',
  ]);
  t.deepEqual(
    checks.violations.map(({ atMs }) => atMs),
    found.map(() => 5),
  );
});

test('a frame that is given up without need is found, and one that comes out although it kills its stage', (t) => {
  const { run, found, goes } = bench({ poison: [{ stage: 'b', frame: 1n }] }, 2);
  run.skips(0n);
  goes(1n);
  run.complete(none);
  t.deepEqual(found, [
    'exactly once: run r: frame 0 was given up although stages were killed 2 times',
    'exactly once: run r: frame 1 came out although it kills its stage',
    'exactly once: run r: 2 frames came out of 3',
    'exactly once: run r: 0 frames are said to have been given up, and 1 were',
  ]);
});

test('wrong, missing and unexpected bytes are found', (t) => {
  const { run, found, goes } = bench();
  goes(0n, 1n);
  run.delivers(1n, new Map());
  t.is(found.length, 3);
  t.regex(found[0]!, /^right bytes: run r: y of frame 0 is [0-9a-f]{32}, expected [0-9a-f]{32}$/);
  t.is(found[1], 'right bytes: run r: frame 1 has 0 outputs, expected 1');
  t.regex(found[2]!, /^right bytes: run r: y of frame 1 is nothing, expected/);
});

test('a frame may be computed once more after each loss, at most a window of them in one epoch, and never twice in the same', (t) => {
  const { run, found } = bench();
  for (const id of [0n, 1n, 2n]) run.computes('a', id, 1n);
  run.lost();
  run.computes('a', 1n, 2n);
  run.computes('a', 2n, 2n);
  // A process that stood still goes on with the old epoch.
  run.computes('b', 2n, 2n);
  run.computes('b', 2n, 1n);
  t.deepEqual(found, []);
  run.computes('a', 2n, 2n);
  run.computes('a', 0n, 2n);
  run.computes('a', 0n, 3n);
  t.deepEqual(found, [
    'computed twice: run r: a computes frame 2 a second time in epoch 2',
    'computed twice: run r: a computes more than 2 frames again in epoch 2, which is the window',
    'computed twice: run r: a computes frame 0 for the 3. time after 1 losses',
  ]);
});

test('a process that goes on with a run may compute a window again, too', (t) => {
  const { run, found } = bench();
  run.computes('a', 0n, 1n);
  run.handedOver();
  run.computes('a', 0n, 1001n);
  t.deepEqual(found, []);
});

test('a frame that kills its stage more often than is needed to find that out is found', (t) => {
  const { run, found } = bench({ poison: [{ stage: 'b', frame: 1n }] });
  t.false(run.dies('a', 1n, 0));
  t.false(run.dies('b', 0n, 0));
  for (let death = 0; death < 5; death += 1) t.true(run.dies('b', 1n, 1));
  t.deepEqual(found, []);
  run.dies('b', 1n, 1);
  t.deepEqual(found, ['restarts: run r: frame 1 has killed b 6 times, at most 5 are needed']);
});

test('a frame is known by each of its tensors once its source has made it', (t) => {
  const { run } = bench();
  run.made(7n);
  for (const bytes of tensorsOf(plain, 'r', 7n).values()) t.is(run.frameOf(bytes), 7n);
  t.is(run.frameOf(inputOf('q', 7n)), undefined);
});

test('more frames held than a window allows are found', (t) => {
  const { checks, found } = bench();
  checks.holds('s1', 3, 3);
  checks.holds('s1', 4, 3);
  t.deepEqual(found, ['bounded memory: s1 holds 4 frames, at most 3 are allowed']);
  t.is(checks.heldMax, 4);
});

test('a stage that computes a frame of an epoch that was retired there is found; elsewhere, of other runs and of newer epochs it may', (t) => {
  const { checks, found } = bench();
  const key = { run: 'r', stage: 's1', epoch: 2n };
  checks.computes('d1', key);
  checks.fenced('d1', 'r', 2n);
  checks.fenced('d1', 'r', 1n);
  checks.computes('d2', key);
  checks.computes('d1', { ...key, run: 'q' });
  checks.computes('d1', { ...key, epoch: 3n });
  checks.computes('d1', key, true);
  t.deepEqual(found, []);
  checks.computes('d1', key);
  t.deepEqual(found, ['fencing: s1 below d1 computes a frame of epoch 2, although epochs up to 2 were retired there']);
  t.is(checks.computed, 6);
  t.is(checks.unaware, 1);
});

test('a stage of an epoch that was retired there, that is loaded or taken from, is found', (t) => {
  const { checks, found } = bench();
  const key = { run: 'r', stage: 's1', epoch: 2n };
  t.false(checks.wasLoaded('r'));
  checks.loads(['d1/agent.1', 'd1'], key);
  checks.fenced('d1', 'r', 2n);
  checks.loads(['d1/agent.1', 'd1'], { ...key, epoch: 3n });
  t.deepEqual(found, []);
  checks.loads(['d1/agent.2', 'd1'], key);
  checks.takesAfterClose('s1 → s2 in epoch 2');
  t.deepEqual(found, [
    'fencing: s1 of run r is loaded by d1 in epoch 2, although epochs up to 2 were retired',
    'fencing: s1 → s2 in epoch 2: a frame came over a stream that is closed',
  ]);
  t.true(checks.wasLoaded('r'));
});

test('more stages than a device has memory for are found', (t) => {
  const { checks, found } = bench();
  checks.occupies('d1', 7, 7);
  checks.occupies('d1', 8, 7);
  t.deepEqual(found, ['bounded memory: stages take 8 bytes on d1, which has 7']);
});

test('the outputs of a model depend on every stage, on every byte of the frame, and on the run', (t) => {
  t.deepEqual([...expectedOutputs(plain, 'r', 7n)], [['y', mix('y', [mix('t', [inputOf('r', 7n)])])]]);
  const all = Array.from({ length: 500 }, (_, id) => `${expectedOutputs(plain, id % 2 === 0 ? 'r' : 'q', BigInt(id >> 1)).get('y')}`);
  t.is(new Set(all).size, 500);
  for (let byte = 0; byte < 16; byte += 1) {
    const changed = inputOf('r', 7n);
    changed[byte]! ^= 1;
    t.notDeepEqual(mix('t', [changed]), mix('t', [inputOf('r', 7n)]));
  }
});
