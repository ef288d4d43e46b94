import test from 'ava';
import { modelWorkload } from '../../../controller/plan/model-workload.ts';
import { STAGE_PROCESS_BYTES } from '../../../mesh/stage-memory.ts';
import { build, floats, node, tensor } from '../../partition/support/build.ts';

test('a model with two inputs and two outputs: who reads, who makes, how many bytes', (t) => {
  const layered = build({
    nodes: [
      node('MatMul', ['left', 'w'], ['a']),
      node('MatMul', ['a', 'a'], ['b']),
      node('MatMul', ['b', 'right'], ['c']),
      node('MatMul', ['c', 'a'], ['d']),
    ],
    inputs: [tensor('left', [4, 8]), tensor('right', [4, 2])],
    outputs: [tensor('b', [4, 4]), tensor('d', [4, 4])],
    initializers: [floats('w', [8, 4])],
    valueInfo: [tensor('a', [4, 4]), tensor('c', [4, 2])],
  });
  t.is(layered.layers.length, 4);
  const { inputs, outputs, memoryBytes, stageMemoryBytes, flow } = modelWorkload(layered);
  t.deepEqual(inputs, [
    { readers: [1], bytes: 4 * 8 * 4 },
    { readers: [3], bytes: 4 * 2 * 4 },
  ]);
  t.deepEqual(outputs, [
    { maker: 2, bytes: 64 },
    { maker: 4, bytes: 64 },
  ]);
  t.deepEqual(memoryBytes, [0, 8 * 4 * 4, 0, 0, 0]);
  t.is(stageMemoryBytes, STAGE_PROCESS_BYTES);
  t.deepEqual(
    flow.tensors.map(({ name, maker, readers, bytes }) => [name, maker, readers, bytes]),
    [
      ['a', 1, [2, 4], 64],
      ['b', 2, [3], 64],
      ['c', 3, [4], 32],
    ],
  );
});

test('an input that several layers read is sent to each; one that is an output as well goes to the last layer, which hands it out', (t) => {
  const layered = build({
    nodes: [node('MatMul', ['x', 'x'], ['a']), node('MatMul', ['a', 'x'], ['b']), node('MatMul', ['b', 'b'], ['y'])],
    inputs: [tensor('x', [4, 4]), tensor('seen', [2, 2])],
    outputs: [tensor('y', [4, 4]), tensor('seen', [2, 2])],
  });
  const { inputs, outputs } = modelWorkload(layered);
  t.deepEqual(inputs, [
    { readers: [1, 2], bytes: 64 },
    { readers: [3], bytes: 16 },
  ]);
  t.deepEqual(outputs, [
    { maker: 3, bytes: 64 },
    { maker: 3, bytes: 16 },
  ]);
});

test('at the ends of a model, sizes that nobody knows count as nothing', (t) => {
  const layered = build({ nodes: [node('MatMul', ['x', 'x'], ['y'])], inputs: [tensor('x', ['n', 4])], outputs: [tensor('y', ['n', 4])] });
  const { inputs, outputs } = modelWorkload(layered);
  t.deepEqual([inputs[0]!.bytes, outputs[0]!.bytes], [0, 0]);
});
