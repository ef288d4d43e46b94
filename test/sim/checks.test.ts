import test from 'ava';
import type { Tensor } from '../../mesh/tensor.ts';
import { Checks, type ChecksOptions } from './checks.ts';
import { expectedOutputs, inputOf, mix } from './sim-model.ts';

const expected = (id: bigint): ReadonlyMap<string, Uint8Array> => new Map([['y', mix(`y ${id}`, [])]]);

function tensors(id: bigint): ReadonlyMap<string, Tensor> {
  return new Map([['y', { dtype: 'uint8', dims: [16], data: mix(`y ${id}`, []) }]]);
}

function bench(options: Partial<ChecksOptions> = {}): { checks: Checks; found: string[] } {
  const found: string[] = [];
  const checks = new Checks({
    now: () => 5,
    expected,
    onViolation: ({ property, what }) => found.push(`${property}: ${what}`),
    ...options,
  });
  return { checks, found };
}

test('frames that come out once, in order, with the right bytes are in order; so are frames that are given up in their place', (t) => {
  const { checks, found } = bench();
  checks.delivers(0n, tensors(0n));
  checks.skips(1n);
  checks.delivers(2n, tensors(2n));
  checks.complete(3);
  t.deepEqual(found, []);
  t.is(checks.delivered, 3);
});

test('a frame that comes out twice, too early, or never is found', (t) => {
  const { checks, found } = bench();
  checks.delivers(0n, tensors(0n));
  checks.delivers(0n, tensors(0n));
  checks.delivers(2n, tensors(2n));
  checks.skips(2n);
  checks.complete(3);
  t.deepEqual(found, [
    'exactly once: frame 0 came out again',
    'in order: frame 0 came out after frame 0',
    'in order: frame 2 came out after frame 0',
    'exactly once: frame 2 was given up after it came out',
    'in order: frame 2 was given up after frame 2',
    'exactly once: 2 frames came out of 3',
  ]);
  t.deepEqual(
    checks.violations.map(({ atMs }) => atMs),
    found.map(() => 5),
  );
});

test('wrong, missing and unexpected bytes are found', (t) => {
  const { checks, found } = bench();
  checks.delivers(0n, tensors(1n));
  checks.delivers(1n, new Map());
  t.is(found.length, 3);
  t.regex(found[0]!, /^right bytes: y of frame 0 is [0-9a-f]{32}, expected [0-9a-f]{32}$/);
  t.is(found[1], 'right bytes: frame 1 has 0 outputs, expected 1');
  t.regex(found[2]!, /^right bytes: y of frame 1 is nothing, expected/);
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
});

test('the outputs of a model depend on every stage, and on every byte of the frame', (t) => {
  const spec = (name: string) => ({ name, dtype: 'uint8' as const, dims: [16] });
  const stage = (id: string, input: string, output: string) => ({
    ...{ id, device: 'd', layers: '1' },
    inputs: [spec(input)],
    outputs: [spec(output)],
  });
  const route = (from: string, to: string, tensor: string) => ({ from, to, tensors: [tensor], codec: 'none' });
  const plan = {
    epoch: 1n,
    stages: [stage('a', 'x', 't'), stage('b', 't', 'y')],
    routes: [route('source', 'a', 'x'), route('a', 'b', 't'), route('b', 'sink', 'y')],
  };
  t.deepEqual([...expectedOutputs(plan, 7n)], [['y', mix('y', [mix('t', [inputOf(7n)])])]]);
  const all = Array.from({ length: 500 }, (_, id) => `${expectedOutputs(plan, BigInt(id)).get('y')}`);
  t.is(new Set(all).size, 500);
  for (let byte = 0; byte < 16; byte += 1) {
    const changed = inputOf(7n);
    changed[byte]! ^= 1;
    t.notDeepEqual(mix('t', [changed]), mix('t', [inputOf(7n)]));
  }
});
