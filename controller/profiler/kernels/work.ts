/**
 * How much work a kernel is, from the types of its inputs and outputs alone: multiply-accumulates, bytes it reads and writes. Runtimes that
 * pack a weight beforehand leave it out of the list of inputs; then its size follows from what is multiplied.
 *
 *     Conv    Y [n, m, …] = X [n, c, …] ∗ W [m, c/g, k…]     MACs = |Y| · c/g · |k|
 *     Gemm    Y [m, n]    = A [m, k] · B [k, n]              MACs = |Y| · k
 *     LSTM    Y [t, d, b, h]                                 MACs = t · d · b · 4h · (input + h)      GRU: 3h, RNN: h
 */
import type { Kernel } from '../../../mesh/kernel.ts';

export const kernelGroups = [
  'conv',
  'pointwise',
  'depthwise',
  'conv-transpose',
  'gemm',
  'matmul',
  'recurrent',
  'pool',
  'global-pool',
  'normalization',
  'softmax',
  'elementwise',
  'reorder',
  'move',
  'view',
  'other',
] as const;
export type KernelGroup = (typeof kernelGroups)[number];

export interface KernelWork {
  readonly group: KernelGroup;
  /** Works on blocks of channels (NCHWc). */
  readonly blocked: boolean;
  readonly macs: number;
  readonly inputBytes: number;
  readonly weightBytes: number;
  readonly outputBytes: number;
  /** Elements of the first output. */
  readonly outputs: number;
  /** Input and output channels, or the inner and outer size of a product; 0: it has none. */
  readonly inner: number;
  readonly outer: number;
  /** Elements of the window of a convolution; 1: none. */
  readonly window: number;
  /** Input positions per output position along the first spatial dimension; 1: none. */
  readonly stride: number;
  readonly groups: number;
  /** Spatial positions of the output, or rows of a product. */
  readonly positions: number;
  /** Product of the leading dimensions of a batched product. */
  readonly batch: number;
  /** Bytes of an element of the first input. */
  readonly elementBytes: number;
  /** The function that the runtime computes of the result afterwards; a rectifier is none. */
  readonly activation: keyof typeof activations;
  /** Inputs that flow in with each inference besides the first: a residual that is added, the other side of a product. */
  readonly extraInputs: number;
}

interface TensorType {
  readonly bytes: number;
  readonly dims: readonly number[];
}

/** Names come from files: a map has no names of its own, as objects have. */
const operatorGroups: ReadonlyMap<string, KernelGroup> = new Map([
  ...named('conv', 'Conv FusedConv QLinearConv ConvInteger'),
  ...named('conv-transpose', 'ConvTranspose'),
  ...named('gemm', 'Gemm FusedGemm QGemm'),
  ...named('matmul', 'MatMul FusedMatMul MatMulInteger QLinearMatMul DynamicQuantizeMatMul'),
  ...named('recurrent', 'LSTM GRU RNN'),
  ...named('pool', 'MaxPool AveragePool LpPool'),
  ...named('global-pool', 'GlobalAveragePool GlobalMaxPool ReduceMean ReduceSum ReduceMax'),
  ...named(
    'normalization',
    'BatchNormalization LayerNormalization SkipLayerNormalization InstanceNormalization LRN SimplifiedLayerNormalization',
  ),
  ...named('softmax', 'Softmax LogSoftmax'),
  ...named(
    'elementwise',
    'Add Sub Mul Div Pow Sqrt Relu LeakyRelu Sigmoid HardSigmoid HardSwish Tanh Erf Gelu FastGelu BiasGelu QuickGelu Clip Exp Log Neg Abs Where Cast Equal Greater Less Not And Or PRelu Elu Min Max Sum QuantizeLinear DequantizeLinear',
  ),
  ...named('reorder', 'ReorderInput ReorderOutput'),
  ...named('move', 'Transpose Concat Split Slice Pad Gather Upsample Resize Expand Tile DepthToSpace SpaceToDepth ScatterND GatherND'),
  ...named('view', 'Reshape Flatten Squeeze Unsqueeze Identity Shape Constant Dropout'),
]);

/** Operator → whether it is only arithmetic, or a function that has to be approximated. */
const activations = { none: [], arithmetic: ['Clip', 'LeakyRelu', 'HardSigmoid'], transcendental: ['Sigmoid', 'Tanh'] } as const;

/** How often it goes over the result, about. */
export const activationPasses: Readonly<Record<KernelWork['activation'], number>> = { none: 0, arithmetic: 1, transcendental: 2 };

function activationOf(operator: string): KernelWork['activation'] {
  const found = Object.entries(activations).find(([, operators]) => (operators as readonly string[]).includes(operator));
  return (found?.[0] ?? 'none') as KernelWork['activation'];
}

/** Groups whose operands beyond the first may be left out because they were packed. */
export function kernelWork(kernel: Kernel): KernelWork {
  const blocked = kernel.operator.startsWith('nchwc.');
  const [fused = '', activation = ''] = kernel.operator.split('+');
  const operator = fused.split('.').at(-1) ?? '';
  const inputs = kernel.inputs.map(parseType);
  const outputs = kernel.outputs.map(parseType);
  const base: KernelWork = {
    ...{
      group: operatorGroups.get(operator) ?? 'other',
      blocked,
      macs: 0,
      weightBytes: 0,
      inner: 0,
      outer: 0,
      window: 1,
      stride: 1,
      groups: 1,
    },
    ...{ inputBytes: sum(inputs.map(size)), outputBytes: sum(outputs.map(size)), outputs: count(outputs[0]), batch: 1 },
    ...{
      positions: count(outputs[0]),
      elementBytes: inputs[0]?.bytes ?? 4,
      extraInputs: Math.max(0, inputs.length - 1),
      activation: activationOf(activation),
    },
  };
  const [x, w] = inputs;
  const [y] = outputs;
  if (x === undefined || y === undefined) return base;
  if (base.group === 'conv' || base.group === 'conv-transpose') return convolution(base, { x, w, y, all: inputs });
  if (base.group === 'gemm' || base.group === 'matmul') return product(base, { x, w, y, all: inputs });
  if (base.group === 'recurrent') return recurrence(base, { x, y }, gates[operator] ?? 4);
  if (base.group === 'pool' && y.dims.length > 2) {
    const stride = Math.max(1, Math.round((x.dims[2] ?? 1) / (y.dims[2] ?? 1)));
    return { ...base, stride, inner: y.dims[1] ?? 0, positions: product_(y.dims.slice(2)) };
  }
  return base;
}

interface Operands {
  readonly x: TensorType;
  readonly w: TensorType | undefined;
  readonly y: TensorType;
  readonly all: readonly TensorType[];
}

function convolution(base: KernelWork, { x, w, y, all }: Operands): KernelWork {
  if (w === undefined || w.dims.length < 3) return base.group === 'conv-transpose' ? packedTransposed(base, x, y) : base;
  const transposed = base.group === 'conv-transpose';
  const [out, perGroup, ...window] = w.dims as [number, number, ...number[]];
  const channels = x.dims[1] ?? 1;
  const area = product_(window);
  const groups = transposed ? 1 : Math.max(1, Math.round(channels / perGroup));
  const positions = product_(y.dims.slice(2));
  // A transposed convolution spreads each input over the window: its weight is [input channels, output channels, …].
  const macs = transposed ? count(x) * perGroup * area : count(y) * perGroup * area;
  const weightBytes = size(w);
  const isDepthwise = groups > 1 && perGroup === 1;
  const isPointwise = area === 1 && groups === 1;
  return {
    ...base,
    group: transposed ? 'conv-transpose' : isDepthwise ? 'depthwise' : isPointwise ? 'pointwise' : 'conv',
    ...{ macs, weightBytes, inputBytes: sum(all.map(size)) - weightBytes, groups, window: area, positions },
    inner: transposed ? out : perGroup,
    outer: transposed ? perGroup : out,
    stride: Math.max(1, Math.round((x.dims[2] ?? 1) / Math.max(1, y.dims[2] ?? 1))),
    batch: y.dims[0] ?? 1,
    // Weight and bias hang on the kernel; a fourth input is added to the result.
    extraInputs: Math.max(0, all.length - 3),
  };
}

/** The window is as large as the stride, as far as anybody can tell: outputs neither overlap nor leave gaps. */
function packedTransposed(base: KernelWork, x: TensorType, y: TensorType): KernelWork {
  const [inner, outer] = [x.dims[1] ?? 1, y.dims[1] ?? 1];
  const positions = product_(y.dims.slice(2));
  const window = Math.max(1, Math.round(positions / product_(x.dims.slice(2))));
  const weightBytes = inner * outer * window * x.bytes;
  const sizes = { macs: count(x) * outer * window, weightBytes, inputBytes: size(x), inner, outer, window, positions };
  return { ...base, ...sizes, batch: y.dims[0] ?? 1, extraInputs: 0 };
}

function product(base: KernelWork, { x, w, y, all }: Operands): KernelWork {
  const outer = y.dims.at(-1) ?? 1;
  const rows = y.dims.at(-2) ?? 1;
  const inner =
    w !== undefined && w.dims.length > 1 && base.group === 'matmul' ? sharedSize(x, w, outer) : count(x) / Math.max(1, count(y) / outer);
  const packed = w === undefined || w.dims.length < 2;
  const weightBytes = packed || base.group === 'gemm' ? inner * outer * x.bytes : 0;
  const batch = Math.max(1, count(y) / (outer * rows));
  return {
    ...base,
    ...{ macs: count(y) * inner, inner, outer, positions: rows, batch, weightBytes },
    inputBytes: packed ? size(x) : Math.max(size(x), sum(all.map(size)) - weightBytes),
    extraInputs: packed ? 0 : 1,
  };
}

/** The size both sides of a product have in common; either may be transposed. */
function sharedSize(a: TensorType, b: TensorType, outer: number): number {
  const [first = 1, last = 1] = [b.dims.at(-2), b.dims.at(-1)];
  const inner = last === outer ? first : last;
  return a.dims.includes(inner) ? inner : (a.dims.at(-1) ?? 1);
}

/** Products with the input and with the state, per step. */
const gates: Readonly<Record<string, number>> = { LSTM: 4, GRU: 3, RNN: 1 };

function recurrence(base: KernelWork, { x, y }: Pick<Operands, 'x' | 'y'>, gateCount: number): KernelWork {
  const [steps = 1, batch = 1, width = 1] = x.dims;
  const directions = y.dims[1] ?? 1;
  const hidden = y.dims.at(-1) ?? 1;
  const weights = directions * gateCount * hidden * (width + hidden);
  return {
    ...base,
    macs: steps * batch * weights,
    inner: width,
    outer: hidden,
    positions: steps,
    // Whether the runtime lists them or not.
    weightBytes: weights * x.bytes,
    inputBytes: size(x),
    groups: directions,
  };
}

const typeBytes: ReadonlyMap<string, number> = new Map([
  ...sized(8, 'float64 int64 uint64'),
  ...sized(4, 'float32 int32 uint32'),
  ...sized(2, 'float16 bfloat16 int16 uint16'),
  ...sized(1, 'int8 uint8 bool'),
]);

function sized(bytes: number, types: string): [string, number][] {
  return types.split(' ').map((type) => [type, bytes]);
}

/** More is not believed: products of a few such are still finite. */
const COUNT_MAX = Number.MAX_SAFE_INTEGER;

/** `float32[1, 3, 224, 224]`; what is no type is empty. */
function parseType(text: string): TensorType {
  const [name = '', sizes = ''] = text.split(/[[\]]/);
  const dims = sizes.trim() === '' ? [] : sizes.split(',').map(Number);
  return { bytes: typeBytes.get(name) ?? 4, dims: dims.map((dim) => (dim > 0 ? Math.min(dim, COUNT_MAX) : 1)) };
}

function count(type: TensorType | undefined): number {
  return type === undefined ? 0 : product_(type.dims);
}

function size(type: TensorType): number {
  return count(type) * type.bytes;
}

function product_(values: readonly number[]): number {
  return values.reduce((all, value) => Math.min(COUNT_MAX, all * value), 1);
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

function named(group: KernelGroup, operators: string): [string, KernelGroup][] {
  return operators.split(' ').map((operator) => [operator, group]);
}
