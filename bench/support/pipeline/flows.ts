/** Layer graphs made up for planners. */
import type { LayerFlow, LayerTensor } from '../../../partition/cuts/layer-flow.ts';

/** Layer 1 → 2 → …; `bytes`: of what each hands to the next. */
export function chainFlow(bytes: readonly number[]): LayerFlow {
  return flowOf(
    bytes.length + 1,
    bytes.map((size, index) => ({ name: `t${index + 1}`, maker: index + 1, readers: [index + 2], bytes: size })),
  );
}

export function flowOf(count: number, tensors: readonly LayerTensor[]): LayerFlow {
  const readsFrom = Array.from({ length: count + 1 }, (_, layer) => [
    ...new Set(tensors.filter(({ readers }) => readers.includes(layer)).map(({ maker }) => maker)),
  ]);
  return { count, tensors, readsFrom };
}
