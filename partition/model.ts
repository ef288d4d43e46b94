/**
 * An ONNX model in memory: the decoded message without its big weights, and where those weights are.
 */
import { MeshError } from '../mesh/error.ts';
import { elementCount } from '../mesh/tensor.ts';
import type { GraphProto, ModelProto, NodeProto, TensorProto } from '../proto/gen/onnx/onnx.ts';
import type { Payload } from './payload.ts';

export interface Model {
  /** For messages: the file's path or the zoo's name. */
  readonly name: string;
  readonly proto: ModelProto;
  /** Tensors whose bytes are not in `proto`. */
  readonly payloads: ReadonlyMap<TensorProto, Payload>;
}

/** Data up to this size stays inside the model message; what is larger is passed around as a payload. */
export const INLINE_BYTES_MAX = 1024;

/** The versions of the standard operators that are read. */
export const OPSET_MIN = 7;
export const OPSET_MAX = 22;

/** The domain a node or an opset import names, the standard one as `''`. */
export function domainOf(domain: string | undefined): string {
  return domain === undefined || domain === 'ai.onnx' ? '' : domain;
}

/** The version of the standard operators this model means. 0 when it imports none. */
export function opsetOf(proto: Pick<ModelProto, 'opsetImport'>): number {
  return Number(proto.opsetImport.find((entry) => domainOf(entry.domain) === '')?.version ?? 0n);
}

/** Bits per element of the ONNX types with a fixed size; strings have none. */
const bits: Readonly<Record<number, number>> = {
  ...{ 1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128 },
  ...{ 16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4 },
};

/** Bytes a dense tensor takes; undefined for strings and types that are newer than this code. Error `invalid` for impossible shapes. */
export function tensorBytes(tensor: Pick<TensorProto, 'dims' | 'dataType'>): number | undefined {
  const perElement = bits[tensor.dataType];
  const count = elementCount(tensor.dims.map(Number));
  return perElement === undefined ? undefined : Math.ceil((count * perElement) / 8);
}

/** As {@link tensorBytes}; `about` stands in front of the error. */
export function expectedBytes(about: string, tensor: TensorProto): number | undefined {
  try {
    return tensorBytes(tensor);
  } catch (thrown) {
    const cause = MeshError.from(thrown);
    throw new MeshError('invalid', `${about}: ${cause.message}`, { cause });
  }
}

/** Every tensor of a graph and of the graphs inside it: initializers, sparse ones, attributes. */
export function* tensorsOfGraph(graph: GraphProto): Generator<TensorProto, void, undefined> {
  yield* graph.initializer;
  for (const sparse of graph.sparseInitializer) yield* [sparse.values, sparse.indices].filter((tensor) => tensor !== undefined);
  yield* tensorsOfNodes(graph.node);
}

export function* tensorsOfNodes(nodes: readonly NodeProto[]): Generator<TensorProto, void, undefined> {
  for (const node of nodes) {
    for (const attribute of node.attribute) {
      if (attribute.t !== undefined) yield attribute.t;
      yield* attribute.tensors;
      const sparses = attribute.sparseTensor === undefined ? attribute.sparseTensors : [attribute.sparseTensor, ...attribute.sparseTensors];
      for (const sparse of sparses) yield* [sparse.values, sparse.indices].filter((tensor) => tensor !== undefined);
      if (attribute.g !== undefined) yield* tensorsOfGraph(attribute.g);
      for (const graph of attribute.graphs) yield* tensorsOfGraph(graph);
    }
  }
}
