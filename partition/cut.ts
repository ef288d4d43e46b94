/**
 * A cut divides the layers into a near side and a far side, such that nothing near reads anything far. What crosses it is every tensor
 * made near and read far, each once.
 *
 *     layer12            after layer 12: near are the layers 1 to 12
 *     layer2.0.conv2     after that node or tensor: near is everything needed to compute it, whole layers
 *
 * Several cuts, each holding the one before it, make one stage more than there are cuts.
 */
import { MeshError } from '../mesh/error.ts';
import { SINK, SOURCE } from '../mesh/frame.ts';
import { closest } from '../mesh/suggest.ts';
import type { GraphNode } from './graph.ts';
import { formatLayers } from './layer-ranges.ts';
import type { LayeredGraph } from './layers.ts';

/**
 * The layer numbers of each stage between these cuts, in order; one stage with all layers when there are none. Error `usage`: no such
 * layer, node or tensor, cuts that don't grow, a stage without layers.
 */
export function stagesOfCuts(layered: LayeredGraph, cuts: readonly string[]): readonly (readonly number[])[] {
  const all = layered.layers.map((layer) => layer.number);
  if (all.length === 0) throw new MeshError('invalid', `${layered.graph.model.name} computes nothing from what a frame brings`);
  const stages: (readonly number[])[] = [];
  let before: ReadonlySet<number> = new Set();
  for (const [index, cut] of cuts.entries()) {
    const near = nearSide(layered, cut);
    const missing = [...before].filter((layer) => !near.has(layer));
    if (missing.length > 0) {
      throw new MeshError(
        'usage',
        `cut "${cut}" comes before cut "${cuts[index - 1]}": layers ${formatLayers(missing)} are not on its near side`,
        {
          hint: 'give the cuts in the order of computation',
        },
      );
    }
    const stage = [...near].filter((layer) => !before.has(layer)).sort((a, b) => a - b);
    if (stage.length === 0)
      throw emptyStage(layered, cut, `the stage before cut "${cut}" has no layers: it is the same cut as "${cuts[index - 1]}"`);
    stages.push(stage);
    before = near;
  }
  const rest = all.filter((layer) => !before.has(layer));
  if (rest.length === 0)
    throw emptyStage(layered, cuts.at(-1)!, `the stage after cut "${cuts.at(-1)}" has no layers: the cut is after everything`);
  return [...stages, rest];
}

function emptyStage(layered: LayeredGraph, cut: string, message: string): MeshError {
  const last = layered.layers.length - 1;
  const hint = last < 1 ? 'a model of one layer can only be run whole' : `cut after one of layer1 to layer${last}, or leave "${cut}" out`;
  return new MeshError('usage', message, { hint });
}

/** Layers on the near side of a cut. `layerN` wins over a node of that name. */
export function nearSide(layered: LayeredGraph, cut: string): ReadonlySet<number> {
  const number = /^layer(\d{1,9})$/.exec(cut)?.[1];
  if (number !== undefined) return prefix(layered, Number(number));
  if (cut === SOURCE || cut === SINK)
    throw new MeshError('usage', `"${cut}" is no place to cut at`, { hint: 'expected layerN, a node or a tensor' });
  const { graph } = layered;
  const named = graph.nodes.filter((node) => node.name === cut);
  if (named.length > 1) {
    throw new MeshError('usage', `${named.length} nodes are called "${cut}"`, {
      hint: `cut at one of their tensors: ${named
        .slice(0, 3)
        .map((node) => node.outputs[0])
        .join(', ')}`,
    });
  }
  const target = named[0] ?? graph.producers.get(cut);
  if (target === undefined) throw unknownCut(layered, cut);
  if (target.fixed)
    throw new MeshError('usage', `"${cut}" is computed from constants only: nothing flows there`, { hint: 'cut at another node' });
  return closedUnder(layered, target);
}

function prefix(layered: LayeredGraph, number: number): ReadonlySet<number> {
  const count = layered.layers.length;
  if (number < 1 || number > count) {
    throw new MeshError('usage', `there is no layer ${number}: ${layered.graph.model.name} has ${count} layers`, {
      hint: `layer1 to layer${Math.max(1, count - 1)} are places to cut; list them with: controller layers MODEL`,
    });
  }
  return new Set(layered.layers.slice(0, number).map((layer) => layer.number));
}

/** The node's layer, and whatever layers theirs read from. */
function closedUnder({ graph, layers, layerOf }: LayeredGraph, target: GraphNode): ReadonlySet<number> {
  const near = new Set<number>();
  const open = [layerOf[target.index]!];
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    if (near.has(number)) continue;
    near.add(number);
    for (const node of layers[number - 1]!.nodes) {
      for (const name of node.inputs) {
        const producer = graph.producers.get(name);
        if (producer !== undefined && !producer.fixed) open.push(layerOf[producer.index]!);
      }
    }
  }
  return near;
}

function unknownCut({ graph, layers }: LayeredGraph, cut: string): MeshError {
  const near = closest(cut, [...graph.nodes.map((node) => node.name), ...graph.producers.keys()]);
  const what = graph.inputs.includes(cut) ? 'is an input of the model: nothing is computed before it' : 'names no layer, node or tensor';
  return new MeshError('usage', `cut "${cut}" ${what} of ${graph.model.name}`, {
    hint:
      near.length > 0
        ? `did you mean ${near.join(' or ')}?`
        : `expected layer1 to layer${layers.length - 1}, or the name of a node or tensor`,
  });
}
