/** One model of one or a few operators each, with the shape of its output y. */
import type { NodeProto, TensorProto, ValueInfoProto } from '../../../proto/gen/onnx/onnx.ts';
import { floats, int64s, node, subgraph, tensor, untyped } from '../support/build.ts';

export interface Case {
  readonly nodes: readonly NodeProto[];
  readonly x?: readonly number[];
  readonly inputs?: readonly ValueInfoProto[];
  readonly initializers?: readonly TensorProto[];
  /** Of output y: a dimension that can't be known is -1. */
  readonly dims: readonly number[];
  readonly opset?: number;
}

export const x4 = [1, 4, 9, 7];
const one = (op: string, attributes: Parameters<typeof node>[3], dims: readonly number[], more: Partial<Case> = {}): Case => ({
  nodes: [node(op, ['x', ...(more.initializers ?? []).map((each) => each.name)], ['y'], attributes)],
  dims,
  ...more,
});
const w = (...dims: number[]) => [floats('w', dims)];
const list = (name: string, ...values: number[]) => int64s(name, values);
const scalar = (name: string, value: number) => int64s(name, [value], []);

export const cases: Readonly<Record<string, Case>> = {
  'Conv with stride, dilation and uneven padding': one('Conv', { strides: [2, 1], dilations: [2, 1], pads: [1, 0, 2, 3] }, [1, 5, 4, 8], {
    initializers: w(5, 4, 3, 3),
  }),
  'Conv in groups, padded SAME_UPPER': one('Conv', { group: 2, auto_pad: 'SAME_UPPER', strides: [2, 2] }, [1, 6, 5, 4], {
    initializers: w(6, 2, 3, 3),
  }),
  'Conv in one dimension, VALID': one('Conv', { auto_pad: 'VALID' }, [2, 5, 7], { x: [2, 3, 9], initializers: w(5, 3, 3) }),
  ConvTranspose: one('ConvTranspose', { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] }, [1, 6, 18, 14], {
    initializers: w(4, 6, 3, 3),
  }),
  'ConvTranspose with a given output shape': one('ConvTranspose', { strides: [2, 2], output_shape: [18, 14] }, [1, 3, 18, 14], {
    initializers: w(4, 3, 3, 3),
  }),
  'MaxPool rounding up': one('MaxPool', { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }, [1, 4, 5, 4]),
  'MaxPool rounding up with padding': one(
    'MaxPool',
    { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1, pads: [1, 1, 1, 1] },
    [1, 4, 5, 4],
  ),
  AveragePool: one('AveragePool', { kernel_shape: [3, 2], pads: [1, 0, 1, 0] }, [1, 4, 9, 6]),
  GlobalAveragePool: one('GlobalAveragePool', {}, [1, 4, 1, 1]),
  BatchNormalization: one('BatchNormalization', {}, x4, { initializers: ['a', 'b', 'c', 'd'].map((name) => floats(name, [4], () => 1)) }),
  LayerNormalization: one('LayerNormalization', {}, x4, { initializers: [floats('w', [7])] }),
  LRN: one('LRN', { size: 3 }, x4),
  Softmax: one('Softmax', { axis: 1 }, x4),
  'Gemm, both transposed': one('Gemm', { transA: 1, transB: 1 }, [3, 6], { x: [5, 3], initializers: w(6, 5) }),
  'MatMul that broadcasts': one('MatMul', {}, [2, 4, 9, 3], { x: [4, 9, 7], initializers: w(2, 1, 7, 3) }),
  'MatMul with a vector': one('MatMul', {}, [4, 9], { x: [4, 9, 7], initializers: w(7) }),
  Einsum: one('Einsum', { equation: 'abc,dc->adb' }, [4, 5, 9], { x: [4, 9, 7], initializers: w(5, 7) }),
  'Add that broadcasts': one('Add', {}, [1, 4, 9, 7], { initializers: w(4, 1, 1) }),
  'Add that widens': one('Add', {}, [2, 4, 9, 7], { x: [4, 9, 7], initializers: w(2, 1, 1, 1) }),
  Pow: one('Pow', {}, x4, { initializers: w(1) }),
  Clip: one('Clip', {}, x4, { initializers: [floats('lo', [], () => 0), floats('hi', [], () => 6)] }),
  Concat: { nodes: [node('Concat', ['x', 'w', 'x'], ['y'], { axis: -3 })], initializers: w(1, 2, 9, 7), dims: [1, 10, 9, 7] },
  'Split into given sizes': {
    nodes: [node('Split', ['x', 's'], ['a', 'y'], { axis: 2 })],
    initializers: [list('s', 4, 5)],
    dims: [1, 4, 5, 7],
  },
  'Split into halves, unevenly': { nodes: [node('Split', ['x'], ['a', 'y'], { axis: 2, num_outputs: 2 })], dims: [1, 4, 4, 7], opset: 18 },
  'Split by attribute': { nodes: [node('Split', ['x'], ['a', 'y'], { axis: 1, split: [1, 3] })], dims: [1, 3, 9, 7], opset: 11 },
  'Slice with a step, backwards and beyond the end': one('Slice', {}, [1, 4, 5, 3], {
    initializers: [list('s', -1, 1), list('e', -100, 6), list('a', 2, 3), list('t', -2, 2)],
  }),
  'Reshape with 0 and -1': one('Reshape', {}, [1, 4, 63], { initializers: [list('s', 0, 4, -1)] }),
  'Reshape to a shape that is computed': {
    nodes: [
      node('Shape', ['x'], ['s']),
      node('Gather', ['s', 'zero'], ['n']),
      node('Unsqueeze', ['n', 'axis'], ['n1']),
      node('Concat', ['n1', 'rest'], ['t'], { axis: 0 }),
      node('Reshape', ['x', 't'], ['y']),
    ],
    initializers: [scalar('zero', 0), list('axis', 0), list('rest', -1, 2)],
    dims: [1, 126, 2],
  },
  Flatten: one('Flatten', { axis: 2 }, [4, 63]),
  'Flatten from the end': one('Flatten', { axis: -1 }, [36, 7]),
  Transpose: one('Transpose', { perm: [0, 2, 3, 1] }, [1, 9, 7, 4]),
  'Transpose without an order': one('Transpose', {}, [7, 9, 4, 1]),
  'Squeeze by input': one('Squeeze', {}, [4, 9, 7], { initializers: [list('a', 0)] }),
  'Slice by attributes': one('Slice', { starts: [1, 0], ends: [-1, 5], axes: [2, 3] }, [1, 4, 7, 5], { opset: 9 }),
  'Slice by attributes, of the first axes': one('Slice', { starts: [0, 1], ends: [1, 3] }, [1, 2, 9, 7], { opset: 7 }),
  'Pad by attribute': one('Pad', { pads: [0, 0, 1, 2, 0, 0, 3, 4] }, [1, 4, 13, 13], { opset: 10 }),
  'TopK by attribute': { nodes: [node('TopK', ['x'], ['y', 'i'], { axis: 2, k: 3 })], dims: [1, 4, 3, 7], opset: 9 },
  'Upsample by attribute': one('Upsample', { scales: { floats: [1, 1, 2, 1.5] }, mode: 'nearest' }, [1, 4, 18, 10], { opset: 7 }),
  'Upsample by input': one('Upsample', {}, [1, 4, 18, 7], { initializers: [floats('s', [4], (at) => (at === 2 ? 2 : 1))], opset: 9 }),
  'Resize without a region': one('Resize', {}, [1, 4, 9, 21], { initializers: [floats('s', [4], (at) => (at === 3 ? 3 : 1))], opset: 10 }),
  'BatchNormalization of version 7': one('BatchNormalization', {}, x4, {
    initializers: ['a', 'b', 'c', 'd'].map((name) => floats(name, [4], () => 1)),
    opset: 7,
  }),
  'Gemm of version 7': one('Gemm', { transB: 1 }, [4, 5], { x: [4, 3], initializers: [floats('w', [5, 3]), floats('b', [5])], opset: 7 }),
  'GlobalAveragePool of version 22': one('GlobalAveragePool', {}, [1, 4, 1, 1], { opset: 22 }),
  'Conv of version 22': one('Conv', {}, [1, 5, 7, 5], { initializers: w(5, 4, 3, 3), opset: 22 }),
  'Squeeze by attribute': one('Squeeze', { axes: [0] }, [4, 9, 7], { opset: 12 }),
  'Squeeze of all ones': one('Squeeze', {}, [4, 9, 7]),
  Unsqueeze: one('Unsqueeze', {}, [1, 1, 4, 9, 7, 1], { initializers: [list('a', 0, -1)] }),
  Gather: one('Gather', { axis: 2 }, [1, 4, 2, 3, 7], { initializers: [int64s('i', [0, 1, 2, 3, 4, -1], [2, 3])] }),
  GatherElements: one('GatherElements', { axis: 2 }, [1, 4, 1, 7], { initializers: [int64s('i', new Array(28).fill(1), [1, 4, 1, 7])] }),
  GatherND: one('GatherND', {}, [2, 9, 7], { initializers: [int64s('i', [0, 1, 0, 3], [2, 2])] }),
  Expand: one('Expand', {}, [2, 4, 9, 7], { initializers: [list('s', 2, 1, 1, 7)] }),
  Tile: one('Tile', {}, [1, 8, 9, 21], { initializers: [list('r', 1, 2, 1, 3)] }),
  Pad: one('Pad', {}, [1, 4, 12, 6], { initializers: [list('p', 0, 0, 1, 0, 0, 0, 2, -1)] }),
  'Pad of some axes': {
    nodes: [node('Pad', ['x', 'p', '', 'a'], ['y'])],
    initializers: [list('p', 1, 2), list('a', -1)],
    dims: [1, 4, 9, 10],
    opset: 18,
  },
  'Resize by scales': {
    nodes: [node('Resize', ['x', '', 's'], ['y'])],
    initializers: [floats('s', [4], (index) => (index < 2 ? 1 : 1.5))],
    dims: [1, 4, 13, 10],
  },
  'Resize to sizes': { nodes: [node('Resize', ['x', '', '', 's'], ['y'])], initializers: [list('s', 1, 4, 20, 3)], dims: [1, 4, 20, 3] },
  DepthToSpace: one('DepthToSpace', { blocksize: 2 }, [1, 1, 18, 14]),
  SpaceToDepth: one('SpaceToDepth', { blocksize: 3 }, [1, 36, 3, 2], { x: [1, 4, 9, 6] }),
  'ReduceMean by attribute': one('ReduceMean', { axes: [2, -1], keepdims: 0 }, [1, 4]),
  'ReduceMean by input': one('ReduceMean', {}, [1, 4, 1, 1], { initializers: [list('a', 2, 3)], opset: 18 }),
  'ReduceSum of everything': one('ReduceSum', { keepdims: 0 }, []),
  ArgMax: one('ArgMax', { axis: 1, keepdims: 0 }, [1, 9, 7]),
  TopK: { nodes: [node('TopK', ['x', 'k'], ['v', 'y'], { axis: 2 })], initializers: [list('k', 3)], dims: [1, 4, 3, 7] },
  Cast: one('Cast', { to: 7 }, x4),
  Greater: one('Greater', {}, x4, { initializers: w(7) }),
  Where: { nodes: [node('Greater', ['x', 'w'], ['c']), node('Where', ['c', 'x', 'w'], ['y'])], initializers: w(4, 1, 1), dims: x4 },
  Dropout: one('Dropout', {}, x4),
  OneHot: {
    nodes: [node('ArgMax', ['x'], ['i'], { axis: 1, keepdims: 0 }), node('OneHot', ['i', 'd', 'v'], ['y'])],
    initializers: [list('d', 5), floats('v', [2])],
    dims: [1, 9, 7, 5],
  },
  ConstantOfShape: { nodes: [node('Shape', ['x'], ['s']), node('ConstantOfShape', ['s'], ['y'], { value: int64s('', [3]) })], dims: x4 },
  'Range over a size': {
    nodes: [node('Shape', ['x'], ['s']), node('Gather', ['s', 'two'], ['n']), node('Range', ['zero', 'n', 'step'], ['y'])],
    initializers: [scalar('two', 2), scalar('zero', 0), scalar('step', 2)],
    dims: [5],
  },
  NonZero: one('NonZero', {}, [4, -1]),
  CumSum: one('CumSum', {}, x4, { initializers: [scalar('a', 1)] }),
  Trilu: one('Trilu', {}, x4),
  InstanceNormalization: one('InstanceNormalization', {}, x4, { initializers: [floats('a', [4]), floats('b', [4])] }),
  PRelu: one('PRelu', {}, x4, { initializers: w(4, 1, 1) }),
  'LSTM, both directions': {
    nodes: [node('LSTM', ['x', 'w', 'r'], ['y', 'h', 'c'], { hidden_size: 3, direction: 'bidirectional' })],
    x: [6, 2, 4],
    initializers: [floats('w', [2, 12, 4]), floats('r', [2, 12, 3])],
    dims: [6, 2, 2, 3],
  },
  'GRU, last state': {
    nodes: [node('GRU', ['x', 'w', 'r'], ['', 'y'], { hidden_size: 3 })],
    x: [6, 2, 4],
    initializers: [floats('w', [1, 9, 4]), floats('r', [1, 9, 3])],
    dims: [1, 2, 3],
  },
  QuantizeLinear: { nodes: [node('QuantizeLinear', ['x', 'w'], ['y'])], initializers: [floats('w', [], () => 0.1)], dims: x4 },
  'QuantizeLinear and DequantizeLinear': {
    nodes: [node('QuantizeLinear', ['x', 'w'], ['q']), node('DequantizeLinear', ['q', 'w'], ['y'])],
    initializers: [floats('w', [], () => 0.1)],
    dims: x4,
  },
  DynamicQuantizeLinear: { nodes: [node('DynamicQuantizeLinear', ['x'], ['y', 's', 'z'])], dims: x4 },
  'If with branches of one shape': {
    nodes: [
      node('If', ['c'], ['y'], {
        then_branch: { graph: subgraph({ nodes: [node('Relu', ['x'], ['t'])], inputs: [], outputs: [untyped('t')] }) },
        else_branch: { graph: subgraph({ nodes: [node('Abs', ['x'], ['e'])], inputs: [], outputs: [untyped('e')] }) },
      }),
    ],
    inputs: [tensor('x', x4), tensor('c', [], 9)],
    dims: x4,
  },
  Scan: {
    nodes: [
      node('Scan', ['w', 'x'], ['last', 'y'], {
        num_scan_inputs: 1,
        body: {
          graph: subgraph({
            nodes: [node('Add', ['sum', 'row'], ['next']), node('Identity', ['next'], ['out'])],
            inputs: [tensor('sum', [3]), tensor('row', [3])],
            outputs: [tensor('next', [3]), tensor('out', [3])],
          }),
        },
      }),
    ],
    x: [6, 3],
    initializers: w(3),
    dims: [6, 3],
  },
  'a Microsoft operator': {
    nodes: [node('FusedConv', ['x', 'w'], ['y'], { domain: 'com.microsoft', activation: 'Relu' })],
    initializers: w(5, 4, 3, 3),
    dims: [1, 5, 7, 5],
  },
};
