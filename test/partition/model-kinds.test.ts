/**
 * Whatever kind of model ONNX allows: cut after each of its layers, it computes what it computes whole.
 */
import { join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { stagesOfCuts } from '../../partition/cut.ts';
import { type LayeredGraph, listLayers } from '../../partition/layers.ts';
import { OPSET_MAX, OPSET_MIN } from '../../partition/model.ts';
import { reconcile } from '../../partition/probe/reconcile.ts';
import { shapeProbe } from '../../partition/probe/shape-probe.ts';
import { modelEnds, splitModel } from '../../partition/split.ts';
import { Digests } from '../../partition/stage-files.ts';
import { TensorProto as Tensor, type TensorProto } from '../../proto/gen/onnx/onnx.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { build, floats, int64s, type ModelParts, node, subgraph, tensor, untyped } from './support/build.ts';
import { runProbe } from './support/run-probe.ts';
import { difference, runSplit, sampleInputs, stagesByNumber, wholeModel } from './support/run-split.ts';
import { Runtime } from './support/runtime.ts';

const test = anyTest as TestFn;
const runtime = new Runtime();
test.after.always(() => runtime[Symbol.asyncDispose]());

const HALF = 10;
const INT8 = 3;
const UINT8 = 2;
const BOOL = 9;
const INT64 = 7;

const bytesTensor = (name: string, dims: readonly number[], dataType: number, byte: (index: number) => number): TensorProto => {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const rawData = Buffer.from(Uint8Array.from({ length: count }, (_, index) => byte(index)));
  return Tensor.fromPartial({ name, dims: dims.map(BigInt), dataType, rawData });
};

/** Numbers near 1, as half floats. */
const halves = (name: string, dims: readonly number[]): TensorProto => {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const bits = Uint16Array.from({ length: count }, (_, index) => 0x3000 + ((index * 37) % 0x600));
  return Tensor.fromPartial({ name, dims: dims.map(BigInt), dataType: HALF, rawData: Buffer.from(bits.buffer) });
};

const scalar = (name: string, value: number) => floats(name, [], () => value);
const y = [untyped('y')];
const row = [tensor('x', [2, 8])];
const product = (input: string, output: string, weight = 'w') => node('MatMul', [input, weight], [output]);
const square = floats('w', [8, 8]);

const kinds: Readonly<Record<string, ModelParts>> = {
  'half floats': {
    nodes: [product('x', 'a'), node('Relu', ['a'], ['b']), product('b', 'c'), node('Softmax', ['c'], ['y'])],
    inputs: [tensor('x', [2, 8], HALF)],
    outputs: y,
    initializers: [halves('w', [8, 8])],
  },
  'quantized with QDQ': {
    nodes: [
      node('QuantizeLinear', ['x', 's', 'z'], ['x8']),
      node('DequantizeLinear', ['x8', 's', 'z'], ['x32']),
      node('DequantizeLinear', ['w1', 's'], ['w1f']),
      node('Conv', ['x32', 'w1f'], ['a'], { pads: [1, 1, 1, 1] }),
      node('Relu', ['a'], ['ar']),
      node('QuantizeLinear', ['ar', 's', 'z'], ['a8']),
      node('DequantizeLinear', ['a8', 's', 'z'], ['a32']),
      node('DequantizeLinear', ['w2', 's'], ['w2f']),
      node('Conv', ['a32', 'w2f'], ['b'], { pads: [1, 1, 1, 1] }),
      node('QuantizeLinear', ['b', 's', 'z'], ['b8']),
      node('DequantizeLinear', ['b8', 's', 'z'], ['y']),
    ],
    inputs: [tensor('x', [1, 3, 6, 6])],
    outputs: y,
    initializers: [
      scalar('s', 0.05),
      bytesTensor('z', [], UINT8, () => 128),
      bytesTensor('w1', [4, 3, 3, 3], INT8, (index) => (index * 7) % 11),
      bytesTensor('w2', [2, 4, 3, 3], INT8, (index) => 250 + (index % 6)),
    ],
  },
  'quantized with integer operators': {
    nodes: [
      node('QuantizeLinear', ['x', 's', 'z'], ['x8']),
      node('QLinearMatMul', ['x8', 's', 'z', 'w8', 's', 'z', 's', 'z'], ['a8']),
      node('QLinearMatMul', ['a8', 's', 'z', 'w8', 's', 'z', 's', 'z'], ['b8']),
      node('DequantizeLinear', ['b8', 's', 'z'], ['y']),
    ],
    inputs: row,
    outputs: y,
    initializers: [scalar('s', 0.1), bytesTensor('z', [], UINT8, () => 100), bytesTensor('w8', [8, 8], UINT8, (index) => 96 + (index % 9))],
  },
  'a Loop that reads tensors around it, and whose scan output is read twice': {
    nodes: [
      product('x', 'outer'),
      node('Loop', ['count', '', 'x'], ['last', 'each'], {
        body: {
          graph: subgraph({
            nodes: [node('Add', ['state', 'outer'], ['next']), node('Identity', ['next'], ['scan']), node('Identity', ['going'], ['on'])],
            inputs: [tensor('i', [], INT64), tensor('going', [], BOOL), tensor('state', [2, 8])],
            outputs: [tensor('on', [], BOOL), tensor('next', [2, 8]), tensor('scan', [2, 8])],
          }),
        },
      }),
      node('ReduceSum', ['each', 'axis'], ['sum'], { keepdims: 0 }),
      node('ReduceMax', ['each'], ['max'], { keepdims: 0, axes: [0] }),
      node('Add', ['sum', 'max'], ['both']),
      node('Add', ['both', 'last'], ['h']),
      product('h', 'y'),
    ],
    inputs: row,
    outputs: y,
    initializers: [square, int64s('count', [3], []), int64s('axis', [0])],
  },
  'a Scan, and an If inside a Loop that reads through two graphs': {
    nodes: [
      product('x', 'h'),
      node('Scan', ['start', 'h'], ['total', 'sums'], {
        num_scan_inputs: 1,
        body: {
          graph: subgraph({
            nodes: [node('Add', ['acc', 'entry'], ['sum']), node('Identity', ['sum'], ['out'])],
            inputs: [tensor('acc', [8]), tensor('entry', [8])],
            outputs: [tensor('sum', [8]), tensor('out', [8])],
          }),
        },
      }),
      node('Loop', ['count', '', 'sums'], ['looped'], {
        body: {
          graph: subgraph({
            nodes: [
              node('If', ['flag'], ['next'], {
                then_branch: { graph: subgraph({ nodes: [node('Add', ['state', 'h'], ['t'])], inputs: [], outputs: [untyped('t')] }) },
                else_branch: { graph: subgraph({ nodes: [node('Mul', ['state', 'h'], ['e'])], inputs: [], outputs: [untyped('e')] }) },
              }),
              node('Identity', ['going'], ['on']),
            ],
            inputs: [tensor('i', [], INT64), tensor('going', [], BOOL), tensor('state', [2, 8])],
            outputs: [tensor('on', [], BOOL), tensor('next', [2, 8])],
          }),
        },
      }),
      product('looped', 'y'),
    ],
    inputs: [...row, tensor('flag', [], BOOL)],
    outputs: [untyped('y'), untyped('total')],
    initializers: [square, int64s('count', [2], []), floats('start', [8])],
  },
  'optional inputs that are left out': {
    nodes: [
      node('Clip', ['x', '', 'top'], ['clipped']),
      node('Resize', ['clipped', '', 'scales'], ['large'], { mode: 'nearest' }),
      node('Conv', ['large', 'k'], ['c'], { strides: [2, 2] }),
      node('Dropout', ['c'], ['d']),
      node('Conv', ['d', 'k2', ''], ['y']),
    ],
    inputs: [tensor('x', [1, 2, 5, 5])],
    outputs: y,
    initializers: [
      scalar('top', 0.5),
      floats('scales', [4], (index) => (index < 2 ? 1 : 2)),
      floats('k', [3, 2, 2, 2]),
      floats('k2', [2, 3, 1, 1]),
    ],
  },
  'shapes computed from an open batch': {
    nodes: [
      product('x', 'h'),
      node('Shape', ['x'], ['shape']),
      node('Gather', ['shape', 'zero'], ['batch']),
      node('Concat', ['batch', 'rest'], ['target'], { axis: 0 }),
      node('Reshape', ['h', 'target'], ['heads']),
      node('Transpose', ['heads'], ['keys'], { perm: [0, 2, 1] }),
      node('MatMul', ['heads', 'keys'], ['scores']),
      node('Softmax', ['scores'], ['weights']),
      node('MatMul', ['weights', 'heads'], ['mixed']),
      node('Slice', ['mixed', 'from', 'to', 'along'], ['part']),
      node('Reshape', ['part', 'flat'], ['y']),
    ],
    inputs: [tensor('x', ['batch', 8])],
    outputs: y,
    initializers: [
      square,
      int64s('zero', [0]),
      int64s('rest', [2, 4]),
      int64s('from', [0]),
      int64s('to', [3]),
      int64s('along', [2]),
      int64s('flat', [0, -1]),
    ],
  },
  'what is found in data, of any number': {
    nodes: [
      product('x', 'h'),
      node('NonZero', ['h'], ['found']),
      node('Cast', ['found'], ['places'], { to: 1 }),
      node('ReduceSum', ['places', 'axis'], ['sums']),
      node('MatMul', ['sums', 'wide'], ['y']),
    ],
    inputs: row,
    outputs: y,
    initializers: [square, int64s('axis', [1]), floats('wide', [1, 4])],
  },
  'several outputs of one node, one of them read by nobody': {
    nodes: [
      product('x', 'h'),
      node('Split', ['h', 'parts'], ['l', 'unread', 'r'], { axis: 1 }),
      node('TopK', ['r', 'k'], ['values', 'indices']),
      node('MatMul', ['l', 'v'], ['m']),
      node('Add', ['m', 'values'], ['y']),
    ],
    inputs: row,
    outputs: [untyped('y'), untyped('indices')],
    initializers: [square, int64s('parts', [3, 2, 3]), int64s('k', [2]), floats('v', [3, 2])],
  },
};

/** What every version of the standard operators has in the same form. */
for (let opset = OPSET_MIN; opset <= OPSET_MAX; opset += 1) {
  (kinds as Record<string, ModelParts>)[`operators of version ${opset}`] = {
    opset,
    nodes: [
      node('Conv', ['x', 'k'], ['c'], { pads: [1, 1, 1, 1] }),
      node('BatchNormalization', ['c', 'one', 'one', 'one', 'one'], ['n']),
      node('Relu', ['n'], ['r']),
      node('MaxPool', ['r'], ['p'], { kernel_shape: [2, 2], strides: [2, 2] }),
      node('Flatten', ['p'], ['f']),
      node('Gemm', ['f', 'w', 'bias'], ['g'], { transB: 1 }),
      node('Softmax', ['g'], ['y'], { axis: 1 }),
    ],
    inputs: [tensor('x', [1, 3, 8, 8])],
    outputs: y,
    initializers: [floats('k', [4, 3, 3, 3]), floats('one', [4], () => 1), floats('w', [5, 64]), floats('bias', [5])],
  };
}

/** With what the runtime knows besides: the tensors of loops and of what is found in data. */
async function measured({ graph, facts }: LayeredGraph, folder: string): Promise<LayeredGraph> {
  const specs = await runProbe(runtime, folder, shapeProbe(graph, facts)!);
  const { known, disagreements } = reconcile(graph, facts, specs);
  if (disagreements.length > 0) throw new Error(disagreements.join('\n'));
  return listLayers(graph, { batch: 1, known });
}

for (const [kind, parts] of Object.entries(kinds)) {
  test.serial(`cut after each layer: ${kind}`, async (t) => {
    const folder = await tempFolder(t);
    const layered = await measured(build(parts, { batch: 1 }), folder);
    t.true(layered.layers.length >= 2, 'there is something to cut');
    const feeds = sampleInputs(modelEnds(layered).inputs);
    const digests = new Digests();
    const reference = await runSplit(runtime, wholeModel(layered), feeds, join(folder, 'whole'), digests);
    for (let layer = 1; layer < layered.layers.length; layer += 1) {
      const split = splitModel(layered, stagesByNumber(stagesOfCuts(layered, [`layer${layer}`])));
      const outputs = await runSplit(runtime, split, feeds, join(folder, `${layer}`), digests);
      const apart = difference(reference, outputs);
      t.true(apart <= (kind === 'half floats' ? 1e-3 : 1e-6), `after layer ${layer}: ${apart}`);
    }
  });
}
