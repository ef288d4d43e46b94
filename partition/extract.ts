/**
 * Takes some nodes of a graph out into a model of their own, with exactly what they need: constants, nodes that compute with constants,
 * functions, operator versions, types. Node and tensor objects are shared with the whole model; weights stay where they are.
 */
import { type DType, dtypes, type TensorSpec } from '../mesh/tensor.ts';
import type { FunctionProto, NodeProto, SparseTensorProto, TensorProto, ValueInfoProto } from '../proto/gen/onnx/onnx.ts';
import { subgraphsOf } from './attribute.ts';
import type { GraphNode, ModelGraph } from './graph.ts';
import { inlineNodes, inlineSparse } from './inline.ts';
import { domainOf, type Model } from './model.ts';
import type { Payload } from './payload.ts';

export interface Extraction {
  readonly name: string;
  /** In topological order. */
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** Since this version initializers need not be inputs too. */
const IR_VERSION_MIN = 4n;

export function extractModel(graph: ModelGraph, { name, nodes, inputs, outputs }: Extraction): Model {
  const whole = graph.model;
  const { members, constants, sparse } = withFixed(graph, nodes, outputs);
  const tensors = new Set(members.flatMap((node) => [...node.inputs, ...node.outputs]));
  const protos = inlineNodes(
    members.map((node) => node.proto),
    whole.payloads,
  );
  const functions = functionsOf(whole.proto.functions, protos);
  const ends = new Set([...inputs, ...outputs].map((spec) => spec.name));
  const initializer = constants.map((constant) => initializerOf(graph, constant));
  const payloads = new Map<TensorProto, Payload>();
  for (const tensor of initializer) {
    const payload = whole.payloads.get(tensor);
    if (payload !== undefined) payloads.set(tensor, payload);
  }
  return {
    name,
    payloads,
    proto: {
      ...whole.proto,
      irVersion: whole.proto.irVersion < IR_VERSION_MIN ? IR_VERSION_MIN : whole.proto.irVersion,
      trainingInfo: [],
      functions: functions.map((each) => ({ ...each, node: inlineNodes(each.node, whole.payloads) })),
      graph: {
        ...graph.proto,
        node: protos,
        initializer,
        sparseInitializer: sparse.map((each) => inlineSparse(each, whole.payloads)),
        input: inputs.map((spec) => declared(graph.proto.input, spec)),
        output: outputs.map((spec) => declared(graph.proto.output, spec)),
        valueInfo: graph.proto.valueInfo.filter((value) => tensors.has(value.name) && !ends.has(value.name)),
        quantizationAnnotation: graph.proto.quantizationAnnotation.filter((each) => tensors.has(each.tensorName)),
      },
    },
  };
}

/** The nodes with the fixed ones they read, directly or not, and the constants of all of them. */
function withFixed(graph: ModelGraph, nodes: readonly GraphNode[], outputs: readonly TensorSpec[]) {
  const chosen = new Set(nodes);
  const constants = new Set<string>();
  const open = [...nodes.flatMap((node) => node.inputs), ...outputs.map((output) => output.name)];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (graph.constants.has(name) || graph.sparse.has(name)) constants.add(name);
    const producer = graph.producers.get(name);
    if (producer === undefined || !producer.fixed || chosen.has(producer)) continue;
    chosen.add(producer);
    open.push(...producer.inputs);
  }
  return {
    members: graph.nodes.filter((node) => chosen.has(node)),
    constants: [...graph.constants.keys()].filter((name) => constants.has(name)),
    sparse: graph.proto.sparseInitializer.filter((each): each is SparseTensorProto => constants.has(each.values?.name ?? '')),
  };
}

function initializerOf(graph: ModelGraph, name: string): TensorProto {
  return graph.constants.get(name)!;
}

/** The model's own declaration of a tensor where it has one: it may say more (symbolic names, denotations). */
function declared(declarations: readonly ValueInfoProto[], spec: TensorSpec): ValueInfoProto {
  return declarations.find((value) => value.name === spec.name && value.type !== undefined) ?? valueInfo(spec);
}

/** A tensor's declaration. */
export function valueInfo({ name, dtype, dims }: TensorSpec): ValueInfoProto {
  const shape = { dim: dims.map((dim) => ({ value: dim < 0 ? undefined : { $case: 'dimValue' as const, value: BigInt(dim) } })) };
  return {
    name,
    type: { value: { $case: 'tensorType', value: { elemType: elemTypeOf(dtype), shape } } },
    metadataProps: [],
  };
}

function elemTypeOf(dtype: DType): number {
  return dtypes[dtype].code;
}

/** Functions these nodes call, and those that these call. */
function functionsOf(functions: readonly FunctionProto[], nodes: readonly NodeProto[]): readonly FunctionProto[] {
  const wanted = new Set<FunctionProto>();
  const visit = (node: NodeProto): void => {
    for (const each of functions) {
      const called =
        each.name === node.opType && domainOf(each.domain) === domainOf(node.domain) && (each.overload ?? '') === (node.overload ?? '');
      if (!called || wanted.has(each)) continue;
      wanted.add(each);
      each.node.forEach(visit);
    }
    for (const graph of subgraphsOf(node)) graph.node.forEach(visit);
  };
  nodes.forEach(visit);
  return functions.filter((each) => wanted.has(each));
}
