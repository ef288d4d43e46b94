/**
 * Fused tiles: several layers computed in bands of rows, each band on its own from the model's input to the end of the region, with the rows of
 * its neighbours that it needs along the way (the halo) computed twice instead of being exchanged.
 *
 *     before ──▶ rows 0-9 ──▶ layers 3 to 8, tile 1 ──┐
 *            ──▶ rows 6-15 ─▶ layers 3 to 8, tile 2 ──┴─▶ concatenated ──▶ after
 *
 * The result is a model like any other: it computes what the given one does, and its tiles are layers that don't read from each other. So cutting,
 * placing, running and verifying it are nothing new.
 *
 * The rows a tile needs are walked back from the end of the region: a window asks for its field of view, a join for the union of what its readers
 * ask for (DeepThings, Zhao et al. 2018; "Fused-layer CNN accelerators", Alwani et al. 2016).
 */
import { MeshError } from '../../mesh/error.ts';
import { AttributeProto, NodeProto, TensorProto } from '../../proto/gen/onnx/onnx.ts';
import type { GraphNode } from '../graph.ts';
import { isFlowing } from '../graph.ts';
import type { LayeredGraph } from '../layers.ts';
import { opsetOf } from '../model.ts';
import type { ParallelModel } from '../parallel-model.ts';
import { type RowOperator, rowOperator } from './row-operators.ts';
import { isSame, neededRows, type Rows, rowsByShare, unionOf } from './rows.ts';

export interface TileWish {
  /** Layers first to last, both included. */
  readonly first: number;
  readonly last: number;
  /** One per tile: the part of the rows it gets, in any unit. */
  readonly shares: readonly number[];
}

/** An operator of the region, with how rows pass through it. */
interface Step {
  readonly node: GraphNode;
  readonly operator: RowOperator;
}

const ROW_AXIS = 2n;
/** Since this version Slice takes its bounds as inputs. */
const SLICE_INPUTS_OPSET = 10;

/** Errors: `usage` for layers that are not there or more tiles than rows, `unsupported` naming the node that can't be tiled. */
export function tileLayers(layered: LayeredGraph, wish: TileWish): ParallelModel {
  const { graph } = layered;
  const steps = stepsOf(layered, wish);
  const region = new Set(steps.map(({ node }) => node));
  const ends = steps
    .flatMap(({ node }) => node.outputs)
    .filter((name) => graph.outputs.includes(name) || (graph.consumers.get(name) ?? []).some((reader) => !region.has(reader)));
  const bands = new Map(ends.map((name) => [name, rowsByShare(heightOf(layered, name), wish.shares)]));
  for (const [name, rows] of bands) {
    if (rows.includes(undefined)) {
      throw new MeshError('usage', `"${name}" has ${heightOf(layered, name)} rows, too few for these ${wish.shares.length} tiles`, {
        hint: 'ask for fewer tiles, or end the tiled layers earlier',
      });
    }
  }
  const initializer: TensorProto[] = [];
  const tiles = wish.shares.map((_, index) => {
    const wanted = new Map([...bands].map(([name, rows]) => [name, rows[index]!]));
    return new Tile(layered, steps, index + 1, wanted, initializer).write();
  });
  const joins = ends.map((name) =>
    NodeProto.fromPartial({
      opType: 'Concat',
      name: `${name}.join`,
      input: tiles.map(({ ends: made }) => made.get(name)!),
      output: [name],
      attribute: [AttributeProto.fromPartial({ name: 'axis', type: 2, i: ROW_AXIS })],
    }),
  );
  const kept = new Set([...region].map(({ proto }) => proto));
  const { proto } = graph.model;
  const node = [...proto.graph!.node.filter((each) => !kept.has(each)), ...tiles.flatMap(({ nodes }) => nodes), ...joins];
  return {
    model: {
      ...graph.model,
      proto: { ...proto, graph: { ...proto.graph!, node, initializer: [...proto.graph!.initializer, ...initializer] } },
    },
    parts: tiles.map(({ nodes }) => new Set(nodes.map(({ name }) => name!))),
  };
}

function stepsOf(layered: LayeredGraph, { first, last }: TileWish): Step[] {
  const { graph, facts, layers, layerOf } = layered;
  if (!(first >= 1 && first <= last && last <= layers.length)) {
    throw new MeshError('usage', `there are no layers ${first} to ${last}: ${graph.model.name} has layers 1 to ${layers.length}`);
  }
  const inside = graph.nodes.filter(({ index }) => layerOf[index]! >= first && layerOf[index]! <= last);
  return inside.map((node) => {
    const operator = rowOperator(node, facts);
    const flowing = [...node.inputs, ...node.outputs].filter((name) => isFlowing(graph, name));
    const image = flowing.every((name) => facts.get(name)?.dims?.length === 4 && facts.get(name)!.dims!.every((size) => size > 0));
    const across = node.inputs.find((name) => !isFlowing(graph, name) && constantRows(layered, name) > 1 && operator?.kind === 'pointwise');
    if (operator === undefined || !image || across !== undefined) {
      const why =
        operator !== undefined && image ? `its constant "${across}" is different in each row` : 'it needs more than some rows of its input';
      throw new MeshError('unsupported', `node "${node.name}" (${node.operator}) of layer ${layerOf[node.index]} can't be tiled: ${why}`, {
        hint: 'end the tiled layers before it, or begin them after it',
      });
    }
    return { node, operator };
  });
}

/** Rows of a constant that is laid over an image; 1 when it is the same in each row. */
function constantRows({ graph, facts }: LayeredGraph, name: string): number {
  const dims = facts.get(name)?.dims ?? graph.constants.get(name)?.dims.map(Number) ?? [];
  return dims.length >= 2 ? dims.at(-2)! : 1;
}

function heightOf({ facts }: LayeredGraph, name: string): number {
  return facts.get(name)!.dims![2]!;
}

/** One band of rows through the region. */
class Tile {
  readonly #layered: LayeredGraph;
  readonly #steps: readonly Step[];
  readonly #number: number;
  /** Rows of each tensor that this tile has: computed in it, or cut out of what comes from before. */
  readonly #held: Map<string, Rows>;
  readonly #ends: ReadonlyMap<string, Rows>;
  readonly #initializer: TensorProto[];
  readonly #nodes: NodeProto[] = [];
  /** Rows of a tensor that were cut out already, by tensor and rows. */
  readonly #slices = new Map<string, string>();

  constructor(layered: LayeredGraph, steps: readonly Step[], number: number, ends: ReadonlyMap<string, Rows>, initializer: TensorProto[]) {
    this.#layered = layered;
    this.#steps = steps;
    this.#number = number;
    this.#ends = ends;
    this.#held = new Map(ends);
    this.#initializer = initializer;
  }

  write(): { readonly nodes: readonly NodeProto[]; readonly ends: ReadonlyMap<string, string> } {
    for (const step of this.#steps.toReversed()) {
      const output = this.#outputRows(step.node);
      for (const name of this.#flowingInputs(step.node))
        this.#held.set(name, unionOf(this.#held.get(name), this.#inputRows(step, name, output).rows));
    }
    const made = new Set(this.#steps.flatMap(({ node }) => node.outputs));
    for (const step of this.#steps) this.#writeStep(step, made);
    return { nodes: this.#nodes, ends: new Map([...this.#ends].map(([name, rows]) => [name, this.#rowsOf(name, rows, made)])) };
  }

  /** A node whose outputs differ in height does not exist among those that can be tiled. */
  #outputRows(node: GraphNode): Rows {
    return node.outputs
      .map((name) => this.#held.get(name))
      .reduce<Rows | undefined>((union, rows) => (rows === undefined ? union : unionOf(union, rows)), undefined)!;
  }

  #flowingInputs(node: GraphNode): string[] {
    return node.inputs.filter((name) => isFlowing(this.#layered.graph, name));
  }

  #inputRows(
    { operator }: Step,
    name: string,
    output: Rows,
  ): { readonly rows: Rows; readonly padAbove: number; readonly padBelow: number } {
    const height = heightOf(this.#layered, name);
    if (operator.kind === 'window') return neededRows(operator.window, output, height);
    // One row is laid over all of them.
    return { rows: height === 1 ? { first: 0, last: 0 } : output, padAbove: 0, padBelow: 0 };
  }

  #writeStep(step: Step, made: ReadonlySet<string>): void {
    const { node, operator } = step;
    const output = this.#outputRows(node);
    const flowing = new Set(this.#flowingInputs(node));
    const input = node.proto.input.map((name) =>
      flowing.has(name) ? this.#rowsOf(name, this.#inputRows(step, name, output).rows, made) : name,
    );
    for (const name of node.outputs) this.#held.set(name, output);
    let attribute = node.proto.attribute;
    if (operator.kind === 'window') {
      const { padAbove, padBelow } = this.#inputRows(step, node.proto.input[0]!, output);
      const pads = [padAbove, operator.pads[1]!, padBelow, operator.pads[3]!].map(BigInt);
      attribute = [
        ...attribute.filter(({ name }) => name !== 'pads' && name !== 'auto_pad' && name !== 'ceil_mode'),
        AttributeProto.fromPartial({ name: 'pads', type: 7, ints: pads }),
      ];
    }
    this.#nodes.push({
      ...node.proto,
      name: this.#own(node.name),
      input,
      output: node.proto.output.map((name) => (name === '' ? '' : this.#own(name))),
      attribute,
    });
  }

  /** The name under which this tile finds rows of a tensor; writes the slice that cuts them out of what it has. */
  #rowsOf(name: string, rows: Rows, made: ReadonlySet<string>): string {
    const own = made.has(name);
    const have = own ? this.#held.get(name)! : { first: 0, last: heightOf(this.#layered, name) - 1 };
    const source = own ? this.#own(name) : name;
    if (isSame(have, rows)) return source;
    const key = `${name} ${rows.first}-${rows.last}`;
    const known = this.#slices.get(key);
    if (known !== undefined) return known;
    const sliced = this.#own(`${name}.rows${rows.first}-${rows.last}`);
    const [from, to] = [rows.first - have.first, rows.last - have.first + 1];
    this.#nodes.push(NodeProto.fromPartial({ opType: 'Slice', name: sliced, output: [sliced], ...this.#cut(source, sliced, from, to) }));
    this.#slices.set(key, sliced);
    return sliced;
  }

  /** Rows `from` up to and without `to`, the way Slice has them in this version of the operators. */
  #cut(source: string, name: string, from: number, to: number): Pick<NodeProto, 'input' | 'attribute'> {
    const bounds = Object.entries({ starts: from, ends: to, axes: Number(ROW_AXIS) });
    if (opsetOf(this.#layered.graph.model.proto) >= SLICE_INPUTS_OPSET) {
      return { input: [source, ...bounds.map(([what, value]) => this.#constant(`${name}.${what}`, value))], attribute: [] };
    }
    const attribute = bounds.map(([what, value]) => AttributeProto.fromPartial({ name: what, type: 7, ints: [BigInt(value)] }));
    return { input: [source], attribute };
  }

  #constant(name: string, value: number): string {
    const rawData = Buffer.alloc(8);
    rawData.writeBigInt64LE(BigInt(value));
    this.#initializer.push(TensorProto.fromPartial({ name, dims: [1n], dataType: 7, rawData }));
    return name;
  }

  #own(name: string): string {
    return `${name}.tile${this.#number}`;
  }
}
