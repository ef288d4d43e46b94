/**
 * Which layer a kernel of the runtime belongs to. A kernel has the name of the last node or tensor it stands for, with what the runtime adds to it:
 *
 *     layer1.0.relu1.out_nchwc     blocks.0.attn.qkv/MatMulAddFusion     fused fc6     gemm_input_reshape_token_3
 *
 * One that has a name of the runtime's own moves bytes for the kernel before it, or (before the first) after it.
 */
import type { Kernel } from '../../mesh/kernel.ts';
import type { LayeredGraph } from '../../partition/layers.ts';

/** Layer number of each kernel. */
export function layersOfKernels({ graph, layerOf, layers }: LayeredGraph, kernels: readonly Kernel[]): readonly number[] {
  const named = new Map<string, number>();
  for (const node of graph.nodes) {
    const layer = layerOf[node.index]!;
    if (layer === 0) continue;
    for (const name of [node.name, ...node.outputs]) named.set(name, layer);
  }
  const found = kernels.map(({ name }) => layerNamed(named, name.replace(/^fused /, '')));
  let last = found.find((layer) => layer !== undefined) ?? layers[0]?.number ?? 1;
  return found.map((layer) => {
    last = layer ?? last;
    return last;
  });
}

/** The longest beginning of the kernel's name that is a name of the model's, where a part of it ends. */
function layerNamed(named: ReadonlyMap<string, number>, kernel: string): number | undefined {
  let rest = kernel;
  while (rest !== '') {
    const layer = named.get(rest);
    if (layer !== undefined) return layer;
    rest = rest.slice(0, Math.max(rest.lastIndexOf('_'), rest.lastIndexOf('/'), 0));
  }
  return undefined;
}
