/**
 * How rows pass through an operator: which rows of each input make rows of the output. Operators that look at the whole image at once (global
 * pooling, flattening, attention) have no answer: they are barriers, and a tiled region ends before them.
 */
import { intAttribute, intsAttribute, stringAttribute } from '../attribute.ts';
import type { GraphNode } from '../graph.ts';
import type { Facts } from '../infer/infer.ts';
import type { RowWindow } from './rows.ts';

/** `pads`: of all spatial axes, begins first, then ends, as the operator's attribute has them. */
export type RowOperator =
  | { readonly kind: 'pointwise' }
  | { readonly kind: 'window'; readonly window: RowWindow; readonly pads: readonly number[] };

const pointwise = new Set([
  ...[
    'Relu',
    'LeakyRelu',
    'PRelu',
    'Clip',
    'Sigmoid',
    'Tanh',
    'HardSwish',
    'HardSigmoid',
    'Elu',
    'Selu',
    'Softplus',
    'Erf',
    'Sqrt',
    'Abs',
    'Neg',
  ],
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Sum', 'BatchNormalization', 'LRN', 'Identity', 'Dropout', 'Cast'],
]);
/** Pointwise along the rows when they work along another axis. */
const alongAxis: Readonly<Record<string, number>> = { Concat: 1, Split: 0, Softmax: -1 };
const ROW_AXIS = 2;

/** Undefined for a barrier. All tensors that flow through the node must be N×C×H×W. */
export function rowOperator(node: GraphNode, facts: Facts): RowOperator | undefined {
  const { operator, proto } = node;
  if (pointwise.has(operator)) return { kind: 'pointwise' };
  if (operator in alongAxis) {
    const axis = intAttribute(proto, 'axis', alongAxis[operator]!);
    return axis === ROW_AXIS || axis === ROW_AXIS - 4 ? undefined : { kind: 'pointwise' };
  }
  if (operator !== 'Conv' && operator !== 'MaxPool' && operator !== 'AveragePool') return undefined;
  // A window that reaches over the end of the padding would divide by a different count in each tile.
  if (operator === 'AveragePool' && intAttribute(proto, 'ceil_mode', 0) === 1) return undefined;
  if (operator === 'MaxPool' && proto.output.length > 1 && proto.output[1] !== '') return undefined;
  const kernel = intsAttribute(proto, 'kernel_shape') ?? facts.get(proto.input[1] ?? '')?.dims?.slice(2);
  const dims = facts.get(proto.input[0]!)?.dims?.slice(2);
  const out = facts.get(proto.output[0]!)?.dims?.slice(2);
  if (kernel?.length !== 2 || dims === undefined || out === undefined) return undefined;
  const strides = intsAttribute(proto, 'strides') ?? [1, 1];
  const dilations = intsAttribute(proto, 'dilations') ?? [1, 1];
  const given = padsOf(node, { kernel, strides, dilations, dims, out });
  // With ceil_mode the last window may reach over the padding at the end of a row: said as padding, it is the same in every tile.
  const reachOver = (out[1]! - 1) * strides[1]! + (kernel[1]! - 1) * dilations[1]! + 1 - dims[1]! - given[1]!;
  const pads = [given[0]!, given[1]!, given[2]!, Math.max(given[3]!, reachOver)];
  // A window in the padding alone needs no row, and a tile without rows is no tile.
  const reach = kernel.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  if (pads[0]! >= reach[0]! || pads[2]! >= reach[0]!) return undefined;
  const window = { kernel: kernel[0]!, stride: strides[0]!, dilation: dilations[0]!, padAbove: pads[0]! };
  return { kind: 'window', window, pads };
}

interface Sizes {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Rows and columns, before and after. */
  readonly dims: readonly number[];
  readonly out: readonly number[];
}

/** Explicit pads, also for auto_pad: SAME pads what is missing to ceil(size ÷ stride) windows, the odd one at the end or at the beginning. */
function padsOf({ proto }: GraphNode, { kernel, strides, dilations, dims, out }: Sizes): readonly number[] {
  const mode = stringAttribute(proto, 'auto_pad', 'NOTSET');
  if (mode === 'NOTSET') return intsAttribute(proto, 'pads') ?? [0, 0, 0, 0];
  if (mode === 'VALID') return [0, 0, 0, 0];
  const total = kernel.map((size, axis) =>
    Math.max(0, (out[axis]! - 1) * strides[axis]! + (size - 1) * dilations[axis]! + 1 - dims[axis]!),
  );
  const begin = total.map((pad) => (mode === 'SAME_UPPER' ? Math.floor(pad / 2) : Math.ceil(pad / 2)));
  return [...begin, ...total.map((pad, axis) => pad - begin[axis]!)];
}
