/**
 * Pieces of a layer: parts of its neurons.
 *
 *     by outputs   each piece has the weights of its output channels, reads all inputs, and makes its channels
 *     by inputs    each piece has the weights of its input channels, reads those, and makes a summand of all outputs
 *     by heads     by the inputs of an attention's last projection, whose heads are made by nobody else: each piece has whole heads
 *
 * Nothing is computed twice and no weight is stored twice. By inputs, the layers before are taken along when they are part of the range: a piece
 * makes of them what it needs. (Megatron-LM, Shoeybi et al. 2019, divides a transformer's two branches this way.)
 */
import { MeshError } from '../../mesh/error.ts';
import { intAttribute } from '../attribute.ts';
import { broadcasting, unary } from '../elementwise.ts';
import { type GraphNode, isFlowing } from '../graph.ts';
import type { LayeredGraph } from '../layers.ts';
import { opsetOf } from '../model.ts';
import { intersectionOfBoxes, isSameBox, wholeBox, withAxes } from './box.ts';
import type { Group } from './divide.ts';
import { byShare, type Interval } from './interval.ts';
import { type Cell, type Made, PartPlan, type PartScope } from './part-writer.ts';
import { innerAxes, partialProduct } from './product-view.ts';
import { endsOf, exclusiveAncestors, nodesOfLayers } from './region.ts';
import type { Site, View } from './view.ts';
import { partialConvolution } from './window-view.ts';

export interface PieceWish {
  /** Layers first to last, both included; pieces by outputs have one. */
  readonly first: number;
  readonly last: number;
  /** One per piece: the part of the channels it gets, in any unit. */
  readonly shares: readonly number[];
}

/** Errors: `usage` for a layer that is not there or more pieces than channels, `unsupported` naming the node that can't be divided. */
export function piecesByOutputs(layered: LayeredGraph, { first: layer, shares }: PieceWish): readonly Group[] {
  const members = nodesOfLayers(layered, layer, layer);
  const start = startOf(layered, layer);
  const axis = channelAxis(layered, start);
  const nodes = new Set([start]);
  const rank = rankOf(layered, start);
  for (const node of members) {
    const through = unary.has(node.operator) || broadcasting.has(node.operator) || node.operator === 'BatchNormalization';
    const inside = node.inputs.filter((name) => layered.layerOf[layered.graph.producers.get(name)?.index ?? -1] === layer);
    const chained = inside.length > 0 && inside.every((name) => nodes.has(layered.graph.producers.get(name)!));
    if (through && chained && rankOf(layered, node) === rank) nodes.add(node);
  }
  const refuse = (node: GraphNode, view: View | undefined): Error | undefined =>
    view === undefined ? refusal(node, 'by output channels', 'it does not go through its channels one by one') : undefined;
  const ends = endsOf(layered, nodes);
  const scope = scopeOf(layered, nodes, refuse);
  const count = layered.facts.get(ends[0]!)!.dims!.at(axis)!;
  const boxes = (interval: Interval): Cell => ({
    kind: 'boxes',
    wanted: new Map(ends.map((end) => [end, boxAlong(layered, end, axis, interval)])),
  });
  const unit = unitOf(layered, count, (interval) => new PartPlan(scope, boxes(interval)));
  const channels = shared(count, shares, unit, `layer ${layer} has ${count} channels`, 'pieces');
  return [
    {
      nodes,
      cells: channels.map(boxes),
      name: (part) => ({ id: `piece${part + 1}`, title: `${layer} piece ${part + 1}/${shares.length}` }),
      refuse,
    },
  ];
}

/** Errors as {@link piecesByOutputs}. */
export function piecesByInputs(layered: LayeredGraph, wish: PieceWish): readonly Group[] {
  return [summands(layered, wish, { id: 'piece', isUnit: () => true })];
}

/** As {@link piecesByInputs}. Error `usage` when the channels do not come in heads. */
export function piecesByHeads(layered: LayeredGraph, wish: PieceWish): readonly Group[] {
  return [summands(layered, wish, { id: 'heads', isUnit: (unit) => unit > 1 })];
}

interface SummandStyle {
  readonly id: 'piece' | 'heads';
  readonly isUnit: (unit: number) => boolean;
}

function summands(layered: LayeredGraph, { first, last, shares }: PieceWish, { id, isUnit }: SummandStyle): Group {
  const members = nodesOfLayers(layered, first, last);
  const end = startOf(layered, last);
  const { size, view } = innerDimension(layered, end);
  const nodes = exclusiveAncestors(layered, members.slice(0, members.indexOf(end)), end);
  const refuse = (node: GraphNode, seen: View | undefined): Error | undefined =>
    seen === undefined ? refusal(node, 'by input channels', 'it does not go through its channels one by one') : undefined;
  const scope = scopeOf(layered, nodes, refuse);
  const cell = (interval: Interval, part: number): Cell => ({ kind: 'summand', node: end, view: view(interval, part === 0) });
  const unit = unitOf(layered, size, (interval) => new PartPlan(scope, cell(interval, 0)));
  if (!isUnit(unit)) {
    throw new MeshError('usage', `the inputs of layer ${last} ("${end.name}") come in no heads between layers ${first} and ${last}`, {
      hint: 'begin with the projection to queries, keys and values, and end with the projection behind the attention',
    });
  }
  const parts = shared(size, shares, unit, `layer ${last} has ${size / unit} ${unit > 1 ? 'heads' : 'input channels'}`, 'pieces');
  const range = first === last ? `${first}` : `${first}-${last}`;
  // What each piece needs whole is computed once, before them.
  const { made } = new PartPlan(scope, cell({ first: 0, last: unit - 1 }, 0));
  const isDivided = (node: GraphNode): boolean =>
    node.outputs.some((name) => made.has(name) && !isAll(layered.facts.get(name)!.dims!, made.get(name)!));
  return {
    nodes: unit < size ? new Set([...nodes].filter((node) => node === end || isDivided(node))) : nodes,
    cells: parts.map(cell),
    name: (part) => ({ id: `${id}${part + 1}`, title: `${range} ${id} ${part + 1}/${shares.length}` }),
    refuse,
  };
}

/** The dimension over which a node sums, and a view for a part of it. Error `unsupported` when it has none that can be divided. */
export function innerDimension(
  layered: LayeredGraph,
  node: GraphNode,
): { readonly size: number; readonly view: (part: Interval, first: boolean) => View } {
  const { graph, facts } = layered;
  const site: Site = { node, position: 0, facts, opset: opsetOf(graph.model.proto) };
  const known = [...node.inputs, ...node.outputs].every((name) => facts.get(name)?.dims?.every((size) => size > 0) ?? false);
  if (known && node.operator === 'Conv' && intAttribute(node.proto, 'group', 1) === 1) {
    return { size: facts.get(node.proto.input[0]!)!.dims![1]!, view: (part, first) => partialConvolution(site, part, first) };
  }
  const matrices = node.proto.input.slice(0, 2).every((name) => (facts.get(name)?.dims?.length ?? 0) >= 2);
  if (known && matrices && (node.operator === 'Gemm' || node.operator === 'MatMul')) {
    return { size: innerAxes(site).inner, view: (part, first) => partialProduct(site, part, first) };
  }
  throw refusal(node, 'by input channels', 'expected a Conv without groups, a Gemm or a MatMul');
}

/** The smallest number of channels of which parts can be made so that no element is made for two of them, but for tensors that each of them needs whole. */
function unitOf({ facts }: LayeredGraph, size: number, planOf: (interval: Interval) => PartPlan): number {
  const isWhole = (name: string, boxes: readonly Made[]): boolean => isAll(facts.get(name)!.dims!, boxes);
  for (let unit = 1; unit <= size / 2; unit += 1) {
    if (size % unit !== 0) continue;
    const [a, b] = [planOf({ first: 0, last: unit - 1 }), planOf({ first: unit, last: 2 * unit - 1 })];
    const overlap = (name: string, { box }: Made): boolean =>
      b.made.get(name)!.some((other) => intersectionOfBoxes(box, other.box) !== undefined);
    const shared = [...a.made].some(([name, boxes]) => !isWhole(name, boxes) && boxes.some((made) => overlap(name, made)));
    if (!a.grew && !b.grew && !shared) return unit;
  }
  return size;
}

function isAll(dims: readonly number[], boxes: readonly Made[]): boolean {
  return boxes.length === 1 && isSameBox(boxes[0]!.box, wholeBox(dims));
}

function shared(size: number, shares: readonly number[], unit: number, has: string, parts: string): readonly Interval[] {
  const intervals = byShare(size, shares, unit);
  if (intervals.includes(undefined)) {
    const inUnits = unit > 1 && !has.includes('heads') ? ` in groups of ${unit}` : '';
    throw new MeshError('usage', `${has}${inUnits}, too few for these ${shares.length} ${parts}`, { hint: 'ask for fewer pieces' });
  }
  return intervals as readonly Interval[];
}

/** The node that gave the layer its name and does its work. */
function startOf({ layers }: LayeredGraph, layer: number): GraphNode {
  const { name, nodes } = layers[layer - 1]!;
  return nodes.find((node) => node.name === name)!;
}

function scopeOf({ graph, facts }: LayeredGraph, nodes: ReadonlySet<GraphNode>, refuse: PartScope['refuse']): PartScope {
  return { graph, facts, nodes: graph.nodes.filter((node) => nodes.has(node)), refuse };
}

/** Counted from the end for products, whose channels are the last axis. */
function channelAxis({ graph, facts }: LayeredGraph, node: GraphNode): number {
  const weighted = node.proto.input.slice(1, 2).some((name) => !isFlowing(graph, name));
  const known = facts.get(node.outputs[0]!)?.dims?.every((size) => size > 0) ?? false;
  if (weighted && known && node.operator === 'Conv') return 1;
  if (weighted && known && (node.operator === 'Gemm' || node.operator === 'MatMul')) return -1;
  throw refusal(node, 'by output channels', 'expected a Conv, a Gemm or a MatMul with weights that are stored in the model');
}

function boxAlong({ facts }: LayeredGraph, name: string, axis: number, interval: Interval) {
  const dims = facts.get(name)!.dims!;
  return withAxes(wholeBox(dims), { [axis < 0 ? axis + dims.length : axis]: interval });
}

function rankOf({ facts }: LayeredGraph, node: GraphNode): number | undefined {
  return facts.get(node.outputs[0]!)?.dims?.length;
}

function refusal(node: GraphNode, how: string, why: string): MeshError {
  return new MeshError('unsupported', `node "${node.name}" (${node.operator}) can't be divided ${how}: ${why}`, {
    hint: 'choose a layer that starts with a convolution or a fully connected layer: controller layers MODEL',
  });
}
