/**
 * A graph while a pass adds to it: what is there stays as it is, what is new is appended, sizes are known all along.
 *
 *     model ─▶ buildGraph, inferFacts ─▶ GraphWriter: nodes, constants, inputs, outputs are added ─▶ finish ─▶ model
 *
 * Names of what is new begin with the prefix of the pass and are never those of something else.
 */
import { MeshError } from '../../mesh/error.ts';
import { elementCount } from '../../mesh/tensor.ts';
import { type AttributeProto, type GraphProto, NodeProto, TensorProto, ValueInfoProto } from '../../proto/gen/onnx/onnx.ts';
import type { ModelGraph } from '../graph.ts';
import { FLOAT, INT64 } from '../infer/fact.ts';
import { type Facts, inferFacts } from '../infer/infer.ts';
import { type Model, opsetOf } from '../model.ts';

/** A tensor whose size is known. */
export interface Value {
  readonly name: string;
  readonly dims: readonly number[];
  /** ONNX TensorProto.DataType. */
  readonly dtype: number;
}

/** ScatterElements adds since 16. */
const OPSET_MIN = 16;
const FLOAT64 = 11;

export class GraphWriter {
  readonly graph: ModelGraph;
  readonly facts: Facts;
  readonly opset: number;
  readonly #prefix: string;
  readonly #taken: Set<string>;
  /** In an order in which they can be computed. */
  #nodes: NodeProto[];
  readonly #initializers: TensorProto[];
  readonly #inputs: ValueInfoProto[];
  readonly #outputs: ValueInfoProto[];
  readonly #constants = new Map<string, Value>();
  /** Nodes that only give a value another name. */
  readonly #copies = new Set<string>();

  /** Error `unsupported` for operators older than version 16. */
  constructor(graph: ModelGraph, prefix: string) {
    const { proto, model } = graph;
    this.opset = opsetOf(model.proto);
    if (this.opset < OPSET_MIN) {
      throw new MeshError(
        'unsupported',
        `${model.name}: it uses version ${this.opset} of the operators; training needs ${OPSET_MIN} or later`,
        {
          hint: 'export it again for a later version, or convert it with onnx.version_converter',
        },
      );
    }
    this.graph = graph;
    this.facts = inferFacts(graph);
    this.#prefix = prefix;
    this.#nodes = graph.nodes.map((node) => node.proto);
    this.#initializers = [...graph.constants.values()];
    this.#inputs = [...proto.input];
    this.#outputs = [...proto.output];
    this.#taken = new Set([...this.facts.keys(), ...graph.nodes.map(({ name }) => name), ...graph.inputs, ...graph.sparse]);
  }

  /** A tensor of the graph. Error `unsupported` when its size can't be told before anything runs. */
  value(name: string): Value {
    const known = this.facts.get(name);
    if (known?.dims === undefined || known.dims.includes(-1) || known.dtype === 0) {
      throw new MeshError('unsupported', `${this.graph.model.name}: the size of tensor "${name}" is not known before it is computed`, {
        hint: 'training needs fixed sizes; give the inputs a fixed batch',
      });
    }
    return { name, dims: known.dims, dtype: known.dtype };
  }

  /** Any operator with one output. `inputs` may be names, '' for one that is left out. */
  node(
    operator: string,
    inputs: readonly (Value | string)[],
    dims: readonly number[],
    attributes: readonly AttributeProto[] = [],
    dtype = typeOf(inputs),
  ): Value {
    return this.nodes(operator, inputs, [dims], attributes, dtype)[0]!;
  }

  /** The same with several outputs of one type. */
  nodes(
    operator: string,
    inputs: readonly (Value | string)[],
    dims: readonly (readonly number[])[],
    attributes: readonly AttributeProto[] = [],
    dtype = typeOf(inputs),
  ): readonly Value[] {
    const name = this.#free(`${this.#prefix}/${operator}`);
    const made = dims.map((each, index) => ({
      name: this.#free(dims.length === 1 ? `${name}.out` : `${name}.out${index}`),
      dims: each,
      dtype,
    }));
    const input = inputs.map((each) => (typeof each === 'string' ? each : each.name));
    this.#nodes.push(
      NodeProto.fromPartial({ name, opType: operator, input, output: made.map((each) => each.name), attribute: [...attributes] }),
    );
    return made;
  }

  /** Gives a value a name of its own, which must be free. */
  named(name: string, { name: source, dims, dtype }: Value): Value {
    this.#take(name);
    this.#identity(source, name);
    return { name, dims, dtype };
  }

  /** Puts what `write` adds in the place of a node; what it returns stands for the node's outputs, by position. */
  rewrite(node: NodeProto, write: () => readonly (Value | undefined)[]): void {
    const around = this.#nodes;
    this.#nodes = [];
    for (const [position, value] of write().entries()) {
      const output = node.output[position] ?? '';
      if (output !== '' && value !== undefined) this.#identity(value.name, output);
    }
    around.splice(around.indexOf(node), 1, ...this.#nodes);
    this.#nodes = around;
  }

  /** The name of one of a node's outputs, which gets one if it has none. */
  outputOf(node: NodeProto, position: number): string {
    const now = this.#nodes.find((each) => each.output.some((name) => name !== '' && node.output.includes(name)))!;
    const known = now.output[position] ?? '';
    if (known !== '') return known;
    const name = this.#free(`${this.#prefix}/${node.name}.${position}`);
    const output = Array.from({ length: Math.max(now.output.length, position + 1) }, (_, index) => now.output[index] ?? '');
    this.#nodes[this.#nodes.indexOf(now)] = { ...now, output: output.with(position, name) };
    return name;
  }

  /** One number of the same type as `like`, or numbers in a shape. */
  numbers(numbers: number | readonly number[], like: Pick<Value, 'dtype'>, dims?: readonly number[]): Value {
    const list = typeof numbers === 'number' ? [numbers] : numbers;
    const shape = dims ?? (typeof numbers === 'number' ? [] : [list.length]);
    const key = list.length > 16 ? undefined : `${like.dtype}:${shape}:${list.map((each) => (Object.is(each, -0) ? '-0' : each))}`;
    const known = key === undefined ? undefined : this.#constants.get(key);
    if (known !== undefined) return known;
    const value: Value = { name: this.#free(`${this.#prefix}/constant`), dims: shape, dtype: like.dtype };
    const rawData = Buffer.from(arrayOf(list, like.dtype).buffer);
    this.#initializers.push(TensorProto.fromPartial({ name: value.name, dims: shape.map(BigInt), dataType: like.dtype, rawData }));
    if (key !== undefined) this.#constants.set(key, value);
    return value;
  }

  /** Shapes, axes, indices. */
  integers(numbers: number | readonly number[]): Value {
    return this.numbers(numbers, { dtype: INT64 });
  }

  /** A new input of the graph. Error `conflict` when its name is taken. */
  input(name: string, dims: readonly number[], dtype: number): Value {
    this.#take(name);
    this.#inputs.push(declaration({ name, dims, dtype }));
    return { name, dims, dtype };
  }

  /** An initializer becomes an input that each run brings. */
  lift(name: string): Value {
    const value = this.value(name);
    if (this.graph.inputs.includes(name)) return value;
    this.#initializers.splice(
      this.#initializers.findIndex((each) => each.name === name),
      1,
    );
    const inputs = this.#inputs.filter((each) => each.name !== name);
    this.#inputs.splice(0, this.#inputs.length, ...inputs, declaration(value));
    return value;
  }

  /** A tensor is an output from now on. */
  output(value: Value): void {
    if (!this.#outputs.some(({ name }) => name === value.name)) this.#outputs.push(declaration(value));
  }

  /** Only these outputs stay. */
  keepOutputs(names: ReadonlySet<string>): void {
    this.#outputs.splice(0, this.#outputs.length, ...this.#outputs.filter(({ name }) => names.has(name)));
  }

  /** The model with everything that was added. Nodes are in an order in which they can be computed. */
  finish(): Model {
    const { model, proto } = this.graph;
    const graph: GraphProto = {
      ...proto,
      node: this.#withoutCopies(),
      initializer: [...this.#initializers],
      input: this.#inputs.filter(({ name }) => !this.graph.constants.has(name) || !this.#initializers.some((each) => each.name === name)),
      output: [...this.#outputs],
      valueInfo: [],
    };
    // Not through fromPartial, which would copy the tensors: payloads are found by identity.
    return { ...model, proto: { ...model.proto, graph } };
  }

  /**
   * What was made here and then given another name is made under that name: a copy of what is large takes as long as computing with it.
   * What has two names, or is an output itself, is copied all the same.
   */
  #withoutCopies(): NodeProto[] {
    const outputs = new Set(this.#outputs.map(({ name }) => name));
    const made = new Set(this.#nodes.flatMap(({ output }) => output).filter((name) => !this.facts.has(name) && !outputs.has(name)));
    const renamed = new Map<string, string>();
    const kept = this.#nodes.filter(({ name, input: [source], output: [target] }) => {
      if (!this.#copies.has(name!) || !made.has(source!) || renamed.has(source!)) return true;
      renamed.set(source!, target!);
      return false;
    });
    const last = (name: string): string => (renamed.has(name) ? last(renamed.get(name)!) : name);
    return kept.map((node) => ({ ...node, input: node.input.map(last), output: node.output.map(last) }));
  }

  #identity(source: string, output: string): void {
    const name = this.#free(`${this.#prefix}/Identity`);
    this.#copies.add(name);
    this.#nodes.push(NodeProto.fromPartial({ name, opType: 'Identity', input: [source], output: [output] }));
  }

  #take(name: string): void {
    if (this.#taken.has(name)) throw new MeshError('conflict', `${this.graph.model.name}: it already has a tensor or node "${name}"`);
    this.#taken.add(name);
  }

  #free(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.#taken.has(name); count += 1) name = `${wanted}.${count}`;
    this.#taken.add(name);
    return name;
  }
}

/** The type of the first input that has one. */
function typeOf(inputs: readonly (Value | string)[]): number {
  return inputs.find((each) => typeof each !== 'string')?.dtype ?? FLOAT;
}

function arrayOf(list: readonly number[], dtype: number) {
  if (dtype === INT64) return BigInt64Array.from(list.map(BigInt));
  return dtype === FLOAT64 ? Float64Array.from(list) : Float32Array.from(list);
}

function declaration({ name, dims, dtype }: Value): ValueInfoProto {
  elementCount(dims);
  const dim = dims.map((size) => ({ value: { $case: 'dimValue' as const, value: BigInt(size) } }));
  return ValueInfoProto.fromPartial({ name, type: { value: { $case: 'tensorType', value: { elemType: dtype, shape: { dim } } } } });
}
