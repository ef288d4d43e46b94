/**
 * The stages of a model with parts that are computed side by side: what comes before them, each part, and the rest.
 *
 *     source ─▶ before ─┬─▶ tile1 ─┬─▶ rest ─▶ sink           seats: before and the first part share the first device, the last part and
 *                       └─▶ tile2 ─┘                          the rest share the last one
 */
import { MeshError } from '../../mesh/error.ts';
import { buildGraph, type GraphNode, type ModelGraph } from '../graph.ts';
import { type Facts, inferFacts } from '../infer/infer.ts';
import { formatLayers } from '../layer-ranges.ts';
import type { LayeredGraph } from '../layers.ts';
import { macsOf } from '../macs.ts';
import { type Split, type StageNodes, splitNodes } from '../split.ts';
import { bytesOf } from '../tensor-bytes.ts';
import { divide, type Group } from './divide.ts';
import { mobihoc2022 } from './mobihoc2022.ts';
import type { ParallelWish } from './parallel-spec.ts';
import { piecesByHeads, piecesByInputs, piecesByOutputs } from './pieces.ts';
import { exchangingTiles, fusedTiles } from './tiles.ts';

export interface SeatedSplit {
  readonly split: Split;
  /** Of each stage, in order: stages with the same number belong on one device. */
  readonly seatOf: readonly number[];
  /** Multiply-accumulates of the parts together ÷ those of the layers they replace; undefined when they are not known. 1 is no redundant work. */
  readonly work: number | undefined;
  /** Bytes of a frame's tensors that go from one seat to another; undefined when a size is not known before it runs. */
  readonly bytesBetween: number | undefined;
  /** Empty without parallel parts. */
  readonly parts: readonly PartCost[];
}

/** A stage that is a part of divided layers. */
export interface PartCost {
  readonly stage: string;
  readonly seat: number;
  /** NaN when they are not known. */
  readonly macs: number;
}

/**
 * Multiply-accumulates per millisecond that each seat has reached. `computeMs`: of a stage, for one frame. Error `unsupported` when parts have
 * none, or were not measured: then their work is no measure of speed.
 */
export function speedsOf(parts: readonly PartCost[], computeMs: (stage: string) => number | undefined): number[] {
  const seats = Math.max(...parts.map(({ seat }) => seat)) + 1;
  return Array.from({ length: seats }, (_, seat) => {
    const own = parts.filter((part) => part.seat === seat);
    const speed = sumOf(own.map(({ macs }) => macs)) / sumOf(own.map(({ stage }) => computeMs(stage) ?? Number.NaN));
    if (Number.isFinite(speed) && speed > 0) return speed;
    throw new MeshError('unsupported', `the speed of a device can't be told from ${own.map(({ stage }) => stage).join(', ')}`, {
      hint: 'give the shares, such as x2:1, or choose layers that multiply',
    });
  });
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Errors as those of `fusedTiles`, `exchangingTiles`, `piecesByOutputs`, `piecesByInputs`, `piecesByHeads` and `mobihoc2022`. */
export function splitParallel(layered: LayeredGraph, wish: ParallelWish): SeatedSplit {
  const { model, parts, replaced } = divide(layered.graph, layered.facts, groupsOf(layered, wish));
  const graph = buildGraph(model);
  const facts = inferFacts(graph, { known: layered.facts });
  const byName = new Map(graph.nodes.map((node) => [node.proto.name ?? '', node]));
  const inParts = parts.map(({ nodes }) => new Set([...nodes].map((name) => byName.get(name)).filter((node) => node !== undefined)));
  const divided = new Set(inParts.flatMap((nodes) => [...nodes]));
  const before = ancestorsOf(graph, divided);
  const rest = new Set(graph.nodes.filter((node) => !node.fixed && !divided.has(node) && !before.has(node)));
  const places = Math.max(...parts.map(({ place }) => place));
  const numbers = layersOf(layered, replaced);
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
  const stages = [
    { place: 0, stage: stageOf('before', first > 1 ? [1, first - 1] : 'scatter', before) },
    ...parts.map(({ id, title, place }, index) => ({
      place,
      stage: { id, layers: title, layerNumbers: numbers, nodes: inParts[index]! } satisfies StageNodes,
    })),
    { place: places, stage: stageOf('rest', last < layered.layers.length ? [last + 1, layered.layers.length] : 'join', rest) },
  ].filter(({ stage }) => stage.nodes.size > 0);
  const split = splitNodes(
    graph,
    facts,
    stages.map(({ stage }) => stage),
  );
  const seatOf = stages.map(({ place }) => place);
  const work = macs(divided, facts) / macs(replaced, layered.facts);
  return {
    split,
    seatOf,
    work: Number.isFinite(work) ? work : undefined,
    bytesBetween: bytesBetween(split, seatOf, facts),
    parts: parts.map(({ id, place }, index) => ({ stage: id, seat: place, macs: macs(inParts[index]!, facts) })),
  };
}

/** Also of a split without parallel parts. */
export function bytesBetween({ stages, routes }: Split, seatOf: readonly number[], facts: Facts): number | undefined {
  const seats = new Map(stages.map(({ id }, index) => [id, seatOf[index]!]));
  let sum = 0;
  for (const { from, to, tensors } of routes) {
    const [a, b] = [seats.get(from), seats.get(to)];
    if (a === undefined || b === undefined || a === b) continue;
    for (const name of tensors) sum += bytesOf(name, facts) ?? Number.NaN;
  }
  return Number.isNaN(sum) ? undefined : sum;
}

function groupsOf(layered: LayeredGraph, wish: ParallelWish): readonly Group[] {
  if (wish.kind === 'mobihoc2022') return mobihoc2022(layered);
  const { kind, first, last, shares } = wish;
  if (kind === 'tiles') return fusedTiles(layered, { first, last, shares });
  if (kind === 'halo') return exchangingTiles(layered, { first, last, shares });
  const divide = { pieces: piecesByOutputs, inputs: piecesByInputs, heads: piecesByHeads }[kind];
  return divide(layered, { first, last, shares: shares[0]! });
}

/** What these nodes need, directly or not, and is not among them. */
function ancestorsOf(graph: ModelGraph, nodes: ReadonlySet<GraphNode>): ReadonlySet<GraphNode> {
  const found = new Set<GraphNode>();
  const open = [...nodes];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const name of node.inputs) {
      const producer = graph.producers.get(name);
      if (producer === undefined || producer.fixed || nodes.has(producer) || found.has(producer)) continue;
      found.add(producer);
      open.push(producer);
    }
  }
  return found;
}

function stageOf(id: string, layers: readonly [number, number] | string, nodes: ReadonlySet<GraphNode>): StageNodes {
  if (typeof layers === 'string') return { id, layers, layerNumbers: [], nodes };
  const layerNumbers = Array.from({ length: layers[1] - layers[0] + 1 }, (_, index) => layers[0] + index);
  return { id, layers: formatLayers(layerNumbers), layerNumbers, nodes };
}

function layersOf({ layerOf }: LayeredGraph, nodes: readonly GraphNode[]): readonly number[] {
  return [...new Set(nodes.map((node) => layerOf[node.index]!))].sort((a, b) => a - b);
}

function macs(nodes: Iterable<GraphNode>, facts: Facts): number {
  let sum = 0;
  for (const node of nodes) sum += macsOf(node, facts) ?? Number.NaN;
  return sum;
}
