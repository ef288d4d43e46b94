/**
 * Which activation function a kernel ends with. Runtimes fuse a convolution or a product with the activation after it and tell of the convolution only; but a
 * rectifier costs nothing there, and any other function goes over the whole result once more: with Clip, a convolution of few channels takes twice as long.
 * A fused kernel has the name of the tensor that the activation makes, or of the node before it, so that the model tells which it is.
 *
 *     nchwc.Conv features.0.relu6.out_nchwc  +  model: features.0.relu6.out = Clip(…)   ──▶   nchwc.Conv+Clip
 *     FusedGemm fused c5                     +  model: c5.tanh.out = Tanh(c5(…))        ──▶   FusedGemm+Tanh
 */
import type { Kernel } from '../../mesh/kernel.ts';
import type { ModelGraph } from '../../partition/graph.ts';

/** Names that a kernel which ends with an activation function may have → its operator. */
export type Activations = ReadonlyMap<string, string>;

/** That ONNX Runtime fuses and computes afterwards. */
const functions = new Set(['Clip', 'LeakyRelu', 'HardSigmoid', 'Sigmoid', 'Tanh']);

const fusing = /(^|\.)(Conv|FusedConv|Gemm|FusedGemm)$/;

export function activationsOf({ nodes, producers }: Pick<ModelGraph, 'nodes' | 'producers'>): Activations {
  return new Map(
    nodes
      .filter(({ operator }) => functions.has(operator))
      .flatMap(({ operator, inputs, outputs }) => {
        const before = producers.get(inputs[0] ?? '');
        return [...outputs, ...(before === undefined ? [] : [`${FUSED}${before.name}`])].map((name): [string, string] => [name, operator]);
      }),
  );
}

const FUSED = 'fused ';

/** The same kernels; operators of those that end with an activation have its name behind a plus. */
export function withActivations<K extends Kernel>(kernels: readonly K[], activations: Activations): K[] {
  return kernels.map((kernel) => {
    const activation = fusing.test(kernel.operator) ? activations.get(kernel.name.replace(/_nchwc$/, '')) : undefined;
    return activation === undefined ? kernel : { ...kernel, operator: `${kernel.operator}+${activation}` };
  });
}
