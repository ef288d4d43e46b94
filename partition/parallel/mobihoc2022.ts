/**
 * The piece graph of "Distributed Inference for Multiple DNN Models in IoT Environments" (MobiHoc 2022): every layer in three pieces,
 * convolutions and pools by rows of their output, fully connected layers by their inputs. The last piece has what is left over.
 *
 *     AlexNet: 8 convolutions and pools + 3 fully connected layers = 33 pieces
 *
 * Pieces send each other the rows that are needed. Those of a fully connected layer send their summands whole, to each piece of the next
 * layer, which adds them up.
 */
import { MeshError } from '../../mesh/error.ts';
import type { GraphNode } from '../graph.ts';
import { isFlowing } from '../graph.ts';
import type { Layer, LayeredGraph } from '../layers.ts';
import { type Box, sizesOf, wholeBox, withAxes } from './box.ts';
import type { Group } from './divide.ts';
import type { Interval } from './interval.ts';
import type { Cell } from './part-writer.ts';
import { innerDimension } from './pieces.ts';
import { innerAxes } from './product-view.ts';
import { endsOf } from './region.ts';
import type { Operand, View } from './view.ts';

const PIECES = 3;
const ROWS = 2;
const byRows = new Set(['Conv', 'MaxPool', 'AveragePool']);

/** Errors: `unsupported` naming the layer that can't be divided this way. */
export function mobihoc2022(layered: LayeredGraph): readonly Group[] {
  const groups: Group[] = [];
  /** What follows a fully connected layer, and the flattening before one, is computed by the next layer's pieces. */
  let carried: readonly GraphNode[] = [];
  for (const layer of layered.layers) {
    const start = layer.nodes.find(({ name }) => name === layer.name)!;
    if (byRows.has(layer.operator)) {
      const images = layer.nodes.filter((node) => rankOf(layered, node.outputs[0]!) === 4);
      groups.push(groupOf(layered, layer, [...carried, ...images], rowCells));
      carried = layer.nodes.filter((node) => !images.includes(node));
    } else if (layer.operator === 'Gemm' || layer.operator === 'MatMul') {
      groups.push(groupOf(layered, layer, [...carried, start], () => summandCells(layered, start, carried)));
      carried = layer.nodes.filter((node) => node !== start);
    } else {
      throw cantBePieces(start, 'expected layers of convolution, pooling, and fully connected ones');
    }
  }
  return groups;
}

function groupOf(
  layered: LayeredGraph,
  layer: Layer,
  members: readonly GraphNode[],
  cellsOf: (layered: LayeredGraph, nodes: ReadonlySet<GraphNode>) => readonly Cell[],
): Group {
  const nodes = new Set(members);
  return {
    nodes,
    cells: cellsOf(layered, nodes),
    name: (part) => ({ id: `layer${layer.number}-piece${part + 1}`, title: `${layer.number} piece ${part + 1}/${PIECES}` }),
    refuse: (node, view) => (view === undefined ? cantBePieces(node, 'its output can not be made in parts') : undefined),
    summandsCutBy: 'receiver',
  };
}

function rowCells(layered: LayeredGraph, nodes: ReadonlySet<GraphNode>): readonly Cell[] {
  const ends = endsOf(layered, nodes);
  return pieces().map((piece) => ({
    kind: 'boxes',
    wanted: new Map(
      ends.map((end): [string, Box] => {
        const whole = wholeBox(layered.facts.get(end)!.dims!);
        return [end, withAxes(whole, { [ROWS]: third(whole[ROWS]!.last + 1, piece) })];
      }),
    ),
  }));
}

/** By the rows of the image that is flattened before, or by neurons. */
function summandCells(layered: LayeredGraph, node: GraphNode, carried: readonly GraphNode[]): readonly Cell[] {
  const { facts } = layered;
  const { size, view } = innerDimension(layered, node);
  const flattened = carried.find((each) => rankOf(layered, each.proto.input[0]!) === 4)?.proto.input[0];
  return pieces().map((piece): Cell => {
    if (flattened === undefined) return { kind: 'summand', node, view: view(third(size, piece), piece === 0) };
    const dims = facts.get(flattened)!.dims!;
    const box = withAxes(wholeBox(dims), { [ROWS]: third(dims[ROWS]!, piece) });
    return { kind: 'summand', node, view: throughImage(layered, node, { flattened, dims, box }, view(third(size, piece), piece === 0)) };
  });
}

interface Flattened {
  readonly flattened: string;
  readonly dims: readonly number[];
  readonly box: Box;
}

/** The inner dimension seen as the image it was flattened from: each piece has the weights of its rows. */
function throughImage({ facts }: LayeredGraph, node: GraphNode, { flattened, dims, box }: Flattened, view: View): View {
  const inner = sizesOf(box)
    .slice(1)
    .reduce((product, size) => product * size, 1);
  const weights = facts.get(node.proto.input[1]!)!.dims!;
  const { right } = innerAxes({ node, position: 0, facts, opset: 0 });
  const outputs = weights[1 - right]!;
  const [seen, part] = [dims.slice(1), box.slice(1)];
  const image: Operand = { tensor: flattened, dims, box, sizes: [dims[0]!, inner] };
  const matrix: Operand =
    right === 1
      ? { dims: [outputs, ...seen], box: [...wholeBox([outputs]), ...part], sizes: [outputs, inner] }
      : { dims: [...seen, outputs], box: [...part, ...wholeBox([outputs])], sizes: [inner, outputs] };
  return { ...view, inputs: [image, matrix, ...view.inputs.slice(2)] };
}

function pieces(): readonly number[] {
  return Array.from({ length: PIECES }, (_, piece) => piece);
}

function third(size: number, piece: number): Interval {
  const each = Math.floor(size / PIECES);
  return { first: piece * each, last: piece === PIECES - 1 ? size - 1 : (piece + 1) * each - 1 };
}

function rankOf({ graph, facts }: LayeredGraph, name: string): number | undefined {
  return isFlowing(graph, name) ? facts.get(name)?.dims?.length : undefined;
}

function cantBePieces(node: GraphNode, why: string): MeshError {
  return new MeshError('unsupported', `node "${node.name}" (${node.operator}) can't be divided as in mobihoc2022: ${why}`, {
    hint: 'the preset is for networks like AlexNet and VGG; tiles:, pieces: and inputs: divide single layers',
  });
}
