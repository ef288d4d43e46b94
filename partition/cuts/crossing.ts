/**
 * What a cut costs: the tensors that cross it.
 *
 *     near ─── tensor made near and read far, once however many readers it has ──▶ far
 *
 * A model input that is read far crosses nothing: it goes straight from the source to its reader.
 */
import { hasLayer, type LayerFlow, type LayerSet, type LayerTensor, layerSet } from './layer-flow.ts';

export interface Cut {
  /** The near side: closed, that is, no layer in it reads from one that is not. */
  readonly near: LayerSet;
  readonly tensors: readonly LayerTensor[];
  /** Of all tensors together; undefined when one of them is not known. */
  readonly bytes: number | undefined;
}

/** `near` must be closed. */
export function cutAt({ tensors }: LayerFlow, near: LayerSet): Cut {
  const crossing = tensors.filter(({ maker, readers }) => hasLayer(near, maker) && readers.some((reader) => !hasLayer(near, reader)));
  return { near, tensors: crossing, bytes: totalBytes(crossing) };
}

/** The cuts after layer 1, 2, … and up to the last but one: every place that `layerN` can name. */
export function prefixCuts(flow: LayerFlow): readonly Cut[] {
  const cuts: Cut[] = [];
  let open: LayerTensor[] = [];
  let near: LayerSet = 0n;
  const madeBy = Map.groupBy(flow.tensors, ({ maker }) => maker);
  for (let layer = 1; layer < flow.count; layer++) {
    near |= 1n << BigInt(layer);
    open = [...open, ...(madeBy.get(layer) ?? [])].filter(({ readers }) => readers.at(-1)! > layer);
    cuts.push({ near, tensors: open, bytes: totalBytes(open) });
  }
  return cuts;
}

/** Whether no layer of the set reads from one outside. */
export function isClosed({ readsFrom }: LayerFlow, set: LayerSet): boolean {
  return readsFrom.every((sources, layer) => !hasLayer(set, layer) || (layerSet(sources) & ~set) === 0n);
}

function totalBytes(tensors: readonly LayerTensor[]): number | undefined {
  return tensors.reduce<number | undefined>((sum, { bytes }) => (sum === undefined || bytes === undefined ? undefined : sum + bytes), 0);
}
