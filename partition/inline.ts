/**
 * Puts big tensors that are not initializers of the main graph (in attributes, subgraphs, functions, sparse initializers) back into
 * their messages: runtimes look for external data in initializers only. Messages without such a tensor are passed on as they are.
 */
import type { AttributeProto, GraphProto, NodeProto, SparseTensorProto, TensorProto } from '../proto/gen/onnx/onnx.ts';
import { tensorsOfNodes } from './model.ts';
import { type Payload, readPayload } from './payload.ts';

type Payloads = ReadonlyMap<TensorProto, Payload>;

export function inlineNodes(nodes: readonly NodeProto[], payloads: Payloads): NodeProto[] {
  return nodes.map((node) => {
    for (const tensor of tensorsOfNodes([node])) {
      if (payloads.has(tensor)) return { ...node, attribute: node.attribute.map((each) => inlineAttribute(each, payloads)) };
    }
    return node;
  });
}

export function inlineSparse(sparse: SparseTensorProto, payloads: Payloads): SparseTensorProto {
  const { values, indices } = sparse;
  return { ...sparse, values: values && inlineTensor(values, payloads), indices: indices && inlineTensor(indices, payloads) };
}

export function inlineTensor(tensor: TensorProto, payloads: Payloads): TensorProto {
  const payload = payloads.get(tensor);
  if (payload === undefined) return tensor;
  const bytes = readPayload(payload);
  return {
    ...tensor,
    dataLocation: 0,
    externalData: [],
    floatData: [],
    doubleData: [],
    rawData: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  };
}

function inlineGraph(graph: GraphProto, payloads: Payloads): GraphProto {
  return {
    ...graph,
    node: inlineNodes(graph.node, payloads),
    initializer: graph.initializer.map((tensor) => inlineTensor(tensor, payloads)),
    sparseInitializer: graph.sparseInitializer.map((sparse) => inlineSparse(sparse, payloads)),
  };
}

function inlineAttribute(attribute: AttributeProto, payloads: Payloads): AttributeProto {
  return {
    ...attribute,
    t: attribute.t && inlineTensor(attribute.t, payloads),
    tensors: attribute.tensors.map((tensor) => inlineTensor(tensor, payloads)),
    g: attribute.g && inlineGraph(attribute.g, payloads),
    graphs: attribute.graphs.map((graph) => inlineGraph(graph, payloads)),
    sparseTensor: attribute.sparseTensor && inlineSparse(attribute.sparseTensor, payloads),
    sparseTensors: attribute.sparseTensors.map((sparse) => inlineSparse(sparse, payloads)),
  };
}
