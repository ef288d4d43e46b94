/**
 * Small ONNX models written in a test: `build({ nodes: [node('Relu', ['x'], ['y'])], inputs: [tensor('x', [1, 4])], … })`.
 */
import { buildGraph } from '../../../partition/graph.ts';
import { type LayeredGraph, listLayers } from '../../../partition/layers.ts';
import { readModel } from '../../../partition/read-model.ts';
import {
  AttributeProto,
  type GraphProto,
  ModelProto,
  NodeProto,
  TensorProto,
  ValueInfoProto as ValueInfo,
  type ValueInfoProto,
} from '../../../proto/gen/onnx/onnx.ts';

export type AttributeValue =
  | number
  | string
  | readonly number[]
  | TensorProto
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly graph: GraphProto };

export function node(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Record<string, AttributeValue> = {},
): NodeProto {
  const { name, domain, ...rest } = attributes;
  return NodeProto.fromPartial({
    opType,
    input: [...input],
    output: [...output],
    name: typeof name === 'string' ? name : `${output[0]}-node`,
    ...(typeof domain === 'string' ? { domain } : {}),
    attribute: Object.entries(rest).map(([key, value]) => attribute(key, value)),
  });
}

function attribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'number') return AttributeProto.fromPartial({ name, type: 2, i: BigInt(value) });
  if (typeof value === 'string') return AttributeProto.fromPartial({ name, type: 3, s: Buffer.from(value) });
  if (Array.isArray(value)) return AttributeProto.fromPartial({ name, type: 7, ints: value.map(BigInt) });
  if ('float' in value) return AttributeProto.fromPartial({ name, type: 1, f: value.float });
  if ('floats' in value) return AttributeProto.fromPartial({ name, type: 6, floats: [...value.floats] });
  if ('graph' in value) return AttributeProto.fromPartial({ name, type: 5, g: value.graph });
  return AttributeProto.fromPartial({ name, type: 4, t: value as TensorProto });
}

/** A dimension may be a number, a symbolic name, or null (nothing said). */
export function tensor(name: string, dims: readonly (number | string | null)[] | undefined, elemType = 1): ValueInfoProto {
  const dim = dims?.map((size) => {
    if (size === null) return {};
    return {
      value: typeof size === 'number' ? { $case: 'dimValue' as const, value: BigInt(size) } : { $case: 'dimParam' as const, value: size },
    };
  });
  const shape = dim === undefined ? undefined : { dim };
  return ValueInfo.fromPartial({ name, type: { value: { $case: 'tensorType', value: { elemType, shape } } } });
}

export function untyped(name: string): ValueInfoProto {
  return ValueInfo.fromPartial({ name });
}

/** Values that repeat a short pattern, so that they are the same in each run. */
export function floats(
  name: string,
  dims: readonly number[],
  value: (index: number) => number = (index) => ((index * 7) % 11) / 11 - 0.4,
): TensorProto {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const data = Float32Array.from({ length: count }, (_, index) => value(index));
  return TensorProto.fromPartial({ name, dims: dims.map(BigInt), dataType: 1, rawData: Buffer.from(data.buffer) });
}

export function int64s(name: string, values: readonly number[], dims: readonly number[] = [values.length]): TensorProto {
  const data = BigInt64Array.from(values.map(BigInt));
  return TensorProto.fromPartial({ name, dims: dims.map(BigInt), dataType: 7, rawData: Buffer.from(data.buffer) });
}

export interface ModelParts {
  readonly nodes: readonly NodeProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  readonly initializers?: readonly TensorProto[];
  readonly valueInfo?: readonly ValueInfoProto[];
  readonly opset?: number;
  readonly more?: Partial<ModelProto>;
}

export function subgraph(parts: Pick<ModelParts, 'nodes' | 'inputs' | 'outputs' | 'initializers'>): GraphProto {
  return graphOf(parts);
}

function graphOf({ nodes, inputs, outputs, initializers = [], valueInfo = [] }: ModelParts): GraphProto {
  return {
    name: 'test',
    node: [...nodes],
    input: [...inputs],
    output: [...outputs],
    initializer: [...initializers],
    valueInfo: [...valueInfo],
    sparseInitializer: [],
    quantizationAnnotation: [],
    metadataProps: [],
  };
}

export function modelBytes(parts: ModelParts): Uint8Array {
  const proto = ModelProto.fromPartial({ irVersion: 8n, opsetImport: [{ domain: '', version: BigInt(parts.opset ?? 17) }], ...parts.more });
  return ModelProto.encode({ ...proto, graph: graphOf(parts) }).finish();
}

/** Through the file format and back, as every model comes. */
export function build(parts: ModelParts, options: { readonly batch?: number } = {}): LayeredGraph {
  return listLayers(buildGraph(readModel(modelBytes(parts), 'test')), options);
}

/** Conv 3×3 with padding 1, and its weights. */
export function conv(name: string, input: string, output: string, [from, to]: readonly [number, number], stride = 1) {
  return {
    node: node('Conv', [input, `${name}.w`], [output], { name, kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [stride, stride] }),
    weight: floats(`${name}.w`, [to, from, 3, 3]),
  };
}
