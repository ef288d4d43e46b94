/** A model in which some layers were replaced by parts that are computed side by side. */
import { AttributeProto, NodeProto, TensorProto } from '../../proto/gen/onnx/onnx.ts';
import type { GraphNode, ModelGraph } from '../graph.ts';
import { type Model, opsetOf, tensorBytes } from '../model.ts';
import { type Payload, payloadLength, slicePayloadAxis } from '../payload.ts';
import { type Box, formatBox, isSameBox, sizesOf, wholeBox } from './box.ts';
import { isSameInterval } from './interval.ts';

/** One part of some layers: what one device computes of them. */
export interface Part {
  /** Unique: `tile1`, or `layer3-tile1` when several groups of layers are divided. */
  readonly id: string;
  /** For people: `1-10 tile 1/3`. */
  readonly title: string;
  /** From 0; parts with the same place belong on the same device. */
  readonly place: number;
  /** Names of its nodes in the new model. */
  readonly nodes: ReadonlySet<string>;
}

export interface ParallelModel {
  readonly model: Model;
  readonly parts: readonly Part[];
  /** The nodes that were replaced. */
  readonly replaced: readonly GraphNode[];
}

/** Since this version Slice takes its bounds as inputs. */
const SLICE_INPUTS_OPSET = 10;

/** Collects what is new, and writes the model. */
export class ParallelWriter {
  readonly #graph: ModelGraph;
  readonly #nodes: NodeProto[] = [];
  readonly #initializer = new Map<string, TensorProto>();
  readonly #payloads: Map<TensorProto, Payload>;

  constructor(graph: ModelGraph) {
    this.#graph = graph;
    this.#payloads = new Map(graph.model.payloads);
  }

  add(node: NodeProto): void {
    this.#nodes.push(node);
  }

  /** A node that joins tensors: `Concat` along an axis, or `Sum`. */
  join(operator: 'Concat' | 'Sum', inputs: readonly string[], output: string, axis?: number): NodeProto {
    const attribute = axis === undefined ? [] : [AttributeProto.fromPartial({ name: 'axis', type: 2, i: BigInt(axis) })];
    const node = NodeProto.fromPartial({ opType: operator, name: output, input: [...inputs], output: [output], attribute });
    this.#nodes.push(node);
    return node;
  }

  /** Cuts a box out of a tensor with the sizes of `from`. `output` also names the node. */
  slice(source: string, output: string, box: Box, from: Box): NodeProto {
    const axes = box.flatMap((interval, axis) => (isSameInterval(interval, from[axis]!) ? [] : [axis]));
    const bounds = Object.entries({
      starts: axes.map((axis) => box[axis]!.first - from[axis]!.first),
      ends: axes.map((axis) => box[axis]!.last - from[axis]!.first + 1),
      axes,
    });
    const asInputs = opsetOf(this.#graph.model.proto) >= SLICE_INPUTS_OPSET;
    const node = NodeProto.fromPartial({
      opType: 'Slice',
      name: output,
      input: [source, ...(asInputs ? bounds.map(([what, values]) => this.integers(`${output}.${what}`, values)) : [])],
      output: [output],
      attribute: asInputs
        ? []
        : bounds.map(([name, values]) => AttributeProto.fromPartial({ name, type: 7, ints: values.map((value) => BigInt(value)) })),
    });
    this.#nodes.push(node);
    return node;
  }

  reshape(source: string, output: string, name: string, sizes: readonly number[]): NodeProto {
    const node = NodeProto.fromPartial({
      opType: 'Reshape',
      name,
      input: [source, this.integers(`${output}.shape`, sizes)],
      output: [output],
    });
    this.#nodes.push(node);
    return node;
  }

  /** The name of a constant with these values. */
  integers(name: string, values: readonly number[]): string {
    if (!this.#initializer.has(name)) {
      const rawData = Buffer.alloc(8 * values.length);
      for (const [index, value] of values.entries()) rawData.writeBigInt64LE(BigInt(value), 8 * index);
      this.#initializer.set(name, TensorProto.fromPartial({ name, dims: [BigInt(values.length)], dataType: 7, rawData }));
    }
    return name;
  }

  /**
   * The name of a box of a constant. `dims`: as which shape the box sees it, when not its own (as many elements in the same order); `sizes`: the
   * shape the part gets. A part refers to its ranges of the stored bytes; undefined for constants that are stored otherwise.
   */
  constantPart(name: string, box: Box, dims?: readonly number[], sizes: readonly number[] = sizesOf(box)): string | undefined {
    const tensor = this.#graph.constants.get(name);
    if (tensor === undefined) return undefined;
    const seen = dims ?? tensor.dims.map(Number);
    if (isSameBox(box, wholeBox(seen))) return name;
    const own = `${name}${formatBox(box, wholeBox(seen))}`;
    if (this.#initializer.has(own)) return own;
    const stored =
      this.#payloads.get(tensor) ?? (tensor.rawData === undefined ? undefined : { kind: 'memory' as const, bytes: tensor.rawData });
    const bytes = tensorBytes(tensor);
    const count = seen.reduce((product, size) => product * size, 1);
    if (stored === undefined || bytes === undefined || payloadLength(stored) !== bytes || bytes % count !== 0) return undefined;
    let payload: Payload = stored;
    const left = [...seen];
    for (const [axis, interval] of box.entries()) {
      const outer = left.slice(0, axis).reduce((product, size) => product * size, 1);
      const innerBytes = left.slice(axis + 1).reduce((product, size) => product * size, bytes / count);
      if (interval.first > 0 || interval.last < left[axis]! - 1) {
        payload = slicePayloadAxis(payload, { outer, size: left[axis]!, innerBytes }, interval);
        left[axis] = interval.last - interval.first + 1;
      }
    }
    const part = TensorProto.fromPartial({ name: own, dims: sizes.map(BigInt), dataType: tensor.dataType });
    this.#payloads.set(part, payload);
    this.#initializer.set(own, part);
    return own;
  }

  /** The model with these nodes replaced by what was written. */
  finish(replaced: ReadonlySet<GraphNode>): Model {
    const { model } = this.#graph;
    const gone = new Set([...replaced].map(({ proto }) => proto));
    const graph = model.proto.graph!;
    const node = [...graph.node.filter((each) => !gone.has(each)), ...this.#nodes];
    const initializer = [...graph.initializer, ...this.#initializer.values()];
    return { ...model, payloads: this.#payloads, proto: { ...model.proto, graph: { ...graph, node, initializer } } };
  }
}
