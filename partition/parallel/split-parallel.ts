/**
 * The stages of a model with parts that are computed side by side, tiles or pieces: what comes before them, each part, and the rest.
 *
 *     source ─▶ before ─┬─▶ tile1 ─┬─▶ rest ─▶ sink           seats: before and the first part share the first device, the last part and
 *                       └─▶ tile2 ─┘                          the rest share the last one
 */
import { buildGraph } from '../graph.ts';
import { formatLayers } from '../layer-ranges.ts';
import { type LayeredGraph, listLayers } from '../layers.ts';
import type { ParallelModel } from '../parallel-model.ts';
import { pieceLayer } from '../pieces/piece-layer.ts';
import { type Split, type StageLayers, type StageModel, splitModel } from '../split.ts';
import { tileLayers } from '../tiles/tile-layers.ts';
import type { ParallelWish } from './parallel-spec.ts';

export interface SeatedSplit {
  readonly split: Split;
  /** Of each stage, in order: stages with the same number belong on one device. */
  readonly seatOf: readonly number[];
  /** Multiply-accumulates of the parts together ÷ those of the layers they replace; undefined when they are not known. 1 is no redundant work. */
  readonly work: number | undefined;
}

/** Errors as `tileLayers` and `pieceLayer`. */
export function splitParallel(layered: LayeredGraph, wish: ParallelWish): SeatedSplit {
  const { model, parts } = rewritten(layered, wish);
  const parallel = listLayers(buildGraph(model));
  const stages = stagesOf(parallel, parts, wish.kind);
  const split = splitModel(parallel, stages);
  const titled = split.stages.map((stage): StageModel => ({ ...stage, layers: titleOf(stage.id, layered, wish) }));
  const macsOf = (numbers: readonly number[], of: LayeredGraph): number =>
    numbers.reduce((sum, number) => sum + (of.layers[number - 1]!.macs ?? Number.NaN), 0);
  const inParts = stages.filter(({ id }) => id.startsWith(wish.kind)).flatMap(({ layers }) => layers);
  const replaced = Array.from({ length: wish.last - wish.first + 1 }, (_, index) => wish.first + index);
  const work = macsOf(inParts, parallel) / macsOf(replaced, layered);
  return {
    split: { ...split, stages: titled },
    seatOf: stages.map(({ id }) => (id === 'before' ? 0 : id === 'rest' ? parts.length - 1 : Number(id.slice(wish.kind.length)) - 1)),
    work: Number.isFinite(work) ? work : undefined,
  };
}

function rewritten(layered: LayeredGraph, { kind, first, last, shares }: ParallelWish): ParallelModel {
  return kind === 'tile' ? tileLayers(layered, { first, last, shares }) : pieceLayer(layered, { layer: first, shares });
}

/** Layers with nodes of a part are the part's; what a part needs comes before, everything else after. */
function stagesOf(
  { graph, layers, layerOf }: LayeredGraph,
  parts: readonly ReadonlySet<string>[],
  kind: ParallelWish['kind'],
): StageLayers[] {
  const partOf = layers.map(({ nodes }) => parts.findIndex((names) => nodes.some(({ proto }) => names.has(proto.name ?? ''))));
  const before = new Set<number>();
  const open = layers.filter((_, index) => partOf[index]! >= 0);
  for (let layer = open.pop(); layer !== undefined; layer = open.pop()) {
    for (const name of layer.nodes.flatMap(({ inputs }) => inputs)) {
      const producer = graph.producers.get(name);
      const source = producer === undefined ? 0 : layerOf[producer.index]!;
      if (source === 0 || partOf[source - 1]! >= 0 || before.has(source)) continue;
      before.add(source);
      open.push(layers[source - 1]!);
    }
  }
  const numbersWhere = (holds: (number: number) => boolean): number[] => layers.map(({ number }) => number).filter(holds);
  const stages = [
    { id: 'before', layers: [...before].sort((a, b) => a - b) },
    ...parts.map((_, part) => ({ id: `${kind}${part + 1}`, layers: numbersWhere((number) => partOf[number - 1] === part) })),
    { id: 'rest', layers: numbersWhere((number) => partOf[number - 1]! < 0 && !before.has(number)) },
  ];
  return stages.filter((stage) => stage.layers.length > 0);
}

/** In the numbers of the model as it was. */
function titleOf(id: string, { layers }: LayeredGraph, { kind, first, last, shares }: ParallelWish): string {
  const range = (from: number, to: number): string =>
    formatLayers(Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index));
  if (id === 'before') return range(1, first - 1);
  if (id === 'rest') return last < layers.length ? range(last + 1, layers.length) : 'join';
  return `${range(first, last)} ${kind} ${id.slice(kind.length)}/${shares.length}`;
}
