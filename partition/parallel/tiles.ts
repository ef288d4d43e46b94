/**
 * Tiles: parts of the rows and columns of an image (of any number of spatial axes, N×C×D1×D2×…).
 *
 * Fused: each tile goes through all layers on its own, with what it needs of its neighbours' rows along the way (the halo) computed twice.
 * With halo exchange: each layer is divided, and nothing is computed twice; tiles wait for their neighbours' borders after each layer.
 */
import { MeshError } from '../../mesh/error.ts';
import type { GraphNode } from '../graph.ts';
import { isFlowing } from '../graph.ts';
import type { LayeredGraph } from '../layers.ts';
import { type Box, wholeBox, withAxes } from './box.ts';
import type { Group } from './divide.ts';
import { byShare } from './interval.ts';
import { endsOf, nodesOfLayers } from './region.ts';
import type { View } from './view.ts';

export interface TileWish {
  /** Layers first to last, both included. */
  readonly first: number;
  readonly last: number;
  /** Of each divided axis, rows first: one number per tile, the part it gets, in any unit. Two axes make a grid. */
  readonly shares: readonly (readonly number[])[];
}

const FIRST_SPATIAL_AXIS = 2;
const axisNames = ['rows', 'columns', 'slices'];

/** Errors: `usage` for layers that are not there or more tiles than rows, `unsupported` naming the node that can't be tiled. */
export function fusedTiles(layered: LayeredGraph, wish: TileWish): readonly Group[] {
  return [tileGroup(layered, wish, (tile) => ({ id: `tile${tile}`, layers: rangeOf(wish) }))];
}

/** As {@link fusedTiles}, one group for each layer. */
export function exchangingTiles(layered: LayeredGraph, wish: TileWish): readonly Group[] {
  nodesOfLayers(layered, wish.first, wish.last);
  return Array.from({ length: wish.last - wish.first + 1 }, (_, index) => {
    const layer = wish.first + index;
    return tileGroup(layered, { ...wish, first: layer, last: layer }, (tile) => ({ id: `layer${layer}-tile${tile}`, layers: `${layer}` }));
  });
}

function rangeOf({ first, last }: TileWish): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

function tileGroup(layered: LayeredGraph, wish: TileWish, name: (tile: number) => { readonly id: string; readonly layers: string }): Group {
  const nodes = new Set(nodesOfLayers(layered, wish.first, wish.last));
  for (const node of nodes) requireImages(layered, node);
  const boxes = new Map(endsOf(layered, nodes).map((end) => [end, gridOf(layered, end, wish.shares)]));
  const count = wish.shares.reduce((product, { length }) => product * length, 1);
  return {
    nodes,
    cells: Array.from({ length: count }, (_, cell) => ({
      kind: 'boxes',
      wanted: new Map([...boxes].map(([end, grid]): [string, Box] => [end, grid[cell]!])),
    })),
    name: (part) => {
      const { id, layers } = name(part + 1);
      return { id, title: `${layers} tile ${part + 1}/${count}` };
    },
    refuse: (node, view) => refusal(layered, node, view, wish),
  };
}

/** The boxes of all tiles, row by row. */
function gridOf({ facts }: LayeredGraph, end: string, shares: TileWish['shares']): readonly Box[] {
  const dims = facts.get(end)!.dims!;
  let grid: readonly Box[] = [wholeBox(dims)];
  for (const [index, parts] of shares.entries()) {
    const axis = FIRST_SPATIAL_AXIS + index;
    const intervals = byShare(dims[axis] ?? 1, parts);
    if (intervals.includes(undefined)) {
      const what = axisNames[index] ?? 'entries';
      throw new MeshError('usage', `"${end}" has ${dims[axis] ?? 1} ${what}, too few for these ${parts.length} tiles`, {
        hint: 'ask for fewer tiles, or end the tiled layers earlier',
      });
    }
    grid = grid.flatMap((box) => intervals.map((interval) => withAxes(box, { [axis]: interval! })));
  }
  return grid;
}

function requireImages(layered: LayeredGraph, node: GraphNode): void {
  const { graph, facts } = layered;
  const flowing = [...node.inputs, ...node.outputs].filter((name) => isFlowing(graph, name));
  const isImage = (name: string): boolean => {
    const dims = facts.get(name)?.dims;
    return dims !== undefined && dims.length > FIRST_SPATIAL_AXIS && dims.every((size) => size > 0);
  };
  if (!flowing.every(isImage)) throw cantBeTiled(layered, node, 'it needs more than some rows of its input');
}

function refusal(layered: LayeredGraph, node: GraphNode, view: View | undefined, { shares }: TileWish): Error | undefined {
  const divided = shares.flatMap(({ length }, index) => (length > 1 ? [FIRST_SPATIAL_AXIS + index] : []));
  const input = layered.facts.get(node.proto.input[0] ?? '')?.dims;
  const gathered = view?.gathers.some((axis) => divided.includes(axis) && (input?.[axis] ?? 0) > 1) ?? true;
  return gathered ? cantBeTiled(layered, node, 'it needs more than some rows of its input') : undefined;
}

function cantBeTiled({ layerOf }: LayeredGraph, node: GraphNode, why: string): MeshError {
  return new MeshError('unsupported', `node "${node.name}" (${node.operator}) of layer ${layerOf[node.index]} can't be tiled: ${why}`, {
    hint: 'end the tiled layers before it, or begin them after it',
  });
}
