/**
 * What is published of a model's structure when its running time is predicted from a few numbers: counts, not shapes. The rules are those of PEPPER
 * (Efficient Computing Lab), so that numbers can be compared: only initializers are weights, tensors of Constant nodes are not; and shapes that are stored as
 * initializers count as parameters.
 */
import { elementCount } from '../../mesh/tensor.ts';
import type { GraphNode, ModelGraph } from '../../partition/graph.ts';

export interface ModelCharacteristics {
  /** Conv whose weight is an initializer. */
  readonly convLayers: number;
  /** MaxPool, AveragePool, GlobalAveragePool. */
  readonly poolLayers: number;
  /** Gemm; MatMul with an initializer, or after Flatten; Conv directly after GlobalAveragePool. */
  readonly fcLayers: number;
  /** Output channels of all Conv, added. */
  readonly filterDetails: number;
  /** Elements of all initializers. */
  readonly totalParameters: number;
}

const POOLS: ReadonlySet<string> = new Set(['MaxPool', 'AveragePool', 'GlobalAveragePool']);

export function characteristicsOf(graph: ModelGraph): ModelCharacteristics {
  const convs = graph.nodes.filter((node) => node.operator === 'Conv' && weightOf(graph, node) !== undefined);
  return {
    convLayers: convs.length,
    poolLayers: graph.nodes.filter(({ operator }) => POOLS.has(operator)).length,
    fcLayers: graph.nodes.filter((node) => isFullyConnected(graph, node)).length,
    // The weight of a convolution is output channels × input channels × …
    filterDetails: convs.reduce((sum, node) => sum + (weightOf(graph, node)![0] ?? 0), 0),
    totalParameters: [...graph.initializers].reduce((sum, name) => sum + elementCount(sizesOf(graph, name)), 0),
  };
}

function isFullyConnected(graph: ModelGraph, node: GraphNode): boolean {
  const before = graph.producers.get(node.proto.input[0] ?? '')?.operator;
  switch (node.operator) {
    case 'Gemm':
      return true;
    case 'MatMul':
      return before === 'Flatten' || weightOf(graph, node) !== undefined;
    case 'Conv':
      return before === 'GlobalAveragePool' && weightOf(graph, node) !== undefined;
    default:
      return false;
  }
}

/** Sizes of the second input when that is an initializer. */
function weightOf(graph: ModelGraph, { proto }: GraphNode): readonly number[] | undefined {
  const name = proto.input[1];
  return name !== undefined && graph.initializers.has(name) ? sizesOf(graph, name) : undefined;
}

function sizesOf(graph: ModelGraph, name: string): readonly number[] {
  return graph.constants.get(name)!.dims.map(Number);
}
