/**
 * Writes a network down as ONNX, layer by layer, in the order it computes. Every method appends nodes and returns the tensor they make;
 * shapes are followed along, so that weights get the right size and a mistake in an architecture is found here.
 */
import { createHash } from 'node:crypto';
import { MeshError } from '../../mesh/error.ts';
import { elementCount } from '../../mesh/tensor.ts';
import { type AttributeProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from '../../proto/gen/onnx/onnx.ts';
import { INLINE_BYTES_MAX, type Model } from '../model.ts';
import type { Payload } from '../payload.ts';
import { float, int, ints } from './attributes.ts';
import { normalWeights, RandomBits } from './random-weights.ts';
import { type PerAxis, slide, type WindowOptions } from './window.ts';

/** A tensor of the network while it is written: N × C × H × W, N × C × length, N × tokens × features, or N × features. */
export interface Feature {
  readonly name: string;
  readonly dims: readonly number[];
}

export interface ConvOptions {
  readonly channels: number;
  readonly kernel: PerAxis;
  readonly stride?: PerAxis;
  readonly pad?: PerAxis;
  readonly padEnd?: PerAxis;
  readonly groups?: number;
  readonly bias?: boolean;
  /** He's factor: 2 before a rectifier, 1 where nothing follows. Default 2. */
  readonly gain?: number;
}

const FLOAT = 1;
const UINT8 = 2;
const INT64 = 7;
const BOOL = 9;
const OPSET = 17n;
const IR_VERSION = 8n;

export class Network {
  readonly #name: string;
  readonly #seed: number;
  readonly #nodes: NodeProto[] = [];
  readonly #weights: TensorProto[] = [];
  readonly #payloads = new Map<TensorProto, Payload>();
  readonly #inputs: ValueInfoProto[] = [];

  constructor(name: string, seed: number) {
    this.#name = name;
    this.#seed = seed;
  }

  input(name: string, dims: readonly number[]): Feature {
    return this.#input(name, dims, FLOAT);
  }

  /** Bytes as a camera or a picture file has them, uint8; returns them scaled to 0 … 1. */
  picture(name: string, dims: readonly number[]): Feature {
    const bytes = this.#input(name, dims, UINT8);
    const numbers = this.node(`${name}.float`, 'Cast', [bytes.name], [int('to', FLOAT)], dims);
    return this.node(`${name}.scaled`, 'Mul', [numbers.name, this.number(`${name}.factor`, 1 / 255)], [], dims);
  }

  /** Numbers of tokens, int64. */
  tokens(name: string, dims: readonly number[]): Feature {
    return this.#input(name, dims, INT64);
  }

  conv(name: string, x: Feature, options: ConvOptions): Feature {
    const { channels, groups = 1, bias = false, gain = 2 } = options;
    const [batch, inputs, spatial] = image(x);
    const { kernel, attributes, sizes } = slide(spatial, options);
    const fanIn = (inputs / groups) * elementCount(kernel);
    const weights = [this.weights(`${name}.weight`, [channels, inputs / groups, ...kernel], 0, Math.sqrt(gain / fanIn))];
    if (bias) weights.push(this.weights(`${name}.bias`, [channels], 0, 0.02));
    return this.node(name, 'Conv', [x.name, ...weights], [...attributes, int('group', groups)], [batch, channels, ...sizes]);
  }

  /** Statistics as after training: near zero mean and unit variance. `scale` is the mean of gamma. */
  batchNorm(name: string, x: Feature, scale = 1, epsilon = 1e-5): Feature {
    const [, channels] = x.dims as [number, number];
    const weights = [
      this.weights(`${name}.weight`, [channels], scale, 0.05 * scale),
      this.weights(`${name}.bias`, [channels], 0, 0.05),
      this.weights(`${name}.running_mean`, [channels], 0, 0.05),
      this.weights(`${name}.running_var`, [channels], 1, 0.05),
    ];
    return this.node(name, 'BatchNormalization', [x.name, ...weights], [float('epsilon', epsilon)], x.dims);
  }

  relu(name: string, x: Feature): Feature {
    return this.node(name, 'Relu', [x.name], [], x.dims);
  }

  relu6(name: string, x: Feature): Feature {
    const limits = [this.number(`${name}.min`, 0), this.number(`${name}.max`, 6)];
    return this.node(name, 'Clip', [x.name, ...limits], [], x.dims);
  }

  tanh(name: string, x: Feature): Feature {
    return this.node(name, 'Tanh', [x.name], [], x.dims);
  }

  sigmoid(name: string, x: Feature): Feature {
    return this.node(name, 'Sigmoid', [x.name], [], x.dims);
  }

  /** Also called SiLU: x · sigmoid(x). */
  swish(name: string, x: Feature): Feature {
    return this.multiply(name, x, this.sigmoid(`${name}.sigmoid`, x));
  }

  /** `factor` is as large as `x`, or 1 along some axes. */
  multiply(name: string, x: Feature, factor: Feature): Feature {
    const fits = factor.dims.length === x.dims.length && factor.dims.every((dim, axis) => dim === 1 || dim === x.dims[axis]);
    if (!fits) throw this.#mistake(name, `multiplies [${x.dims}] and [${factor.dims}]`);
    return this.node(name, 'Mul', [x.name, factor.name], [], x.dims);
  }

  add(name: string, a: Feature, b: Feature): Feature {
    if (a.dims.join() !== b.dims.join()) throw this.#mistake(name, `adds [${a.dims}] and [${b.dims}]`);
    return this.node(name, 'Add', [a.name, b.name], [], a.dims);
  }

  concat(name: string, features: readonly Feature[]): Feature {
    const [batch, , ...rest] = features[0]!.dims;
    const channels = features.reduce((sum, { dims }) => sum + dims[1]!, 0);
    return this.node(
      name,
      'Concat',
      features.map((feature) => feature.name),
      [int('axis', 1)],
      [batch!, channels, ...rest],
    );
  }

  /** Equal parts along an axis, the channels if none is given. */
  split(name: string, x: Feature, parts: number, axis = 1): readonly Feature[] {
    const dims = x.dims.with(axis, x.dims[axis]! / parts);
    const made = Array.from({ length: parts }, (_, part) => ({ name: `${name}.out${part}`, dims }));
    this.#append(name, 'Split', [x.name], [int('axis', axis)], made);
    return made;
  }

  reshape(name: string, x: Feature, dims: readonly number[]): Feature {
    if (elementCount(dims) !== elementCount(x.dims)) throw this.#mistake(name, `makes [${dims}] of [${x.dims}]`);
    return this.node(name, 'Reshape', [x.name, this.integers(`${name}.shape`, dims)], [], dims);
  }

  transpose(name: string, x: Feature, order: readonly number[]): Feature {
    const dims = order.map((axis) => x.dims[axis]!);
    return this.node(name, 'Transpose', [x.name], [ints('perm', order)], dims);
  }

  maxPool(name: string, x: Feature, options: WindowOptions): Feature {
    return this.#pool(name, 'MaxPool', x, options);
  }

  /** `countPadding`: zeros of the padding count in the mean. */
  averagePool(name: string, x: Feature, options: WindowOptions, countPadding = false): Feature {
    return this.#pool(name, 'AveragePool', x, options, countPadding ? [int('count_include_pad', 1)] : []);
  }

  globalAveragePool(name: string, x: Feature): Feature {
    const [batch, channels, spatial] = image(x);
    return this.node(name, 'GlobalAveragePool', [x.name], [], [batch, channels, ...spatial.map(() => 1)]);
  }

  flatten(name: string, x: Feature): Feature {
    const [batch, ...rest] = x.dims;
    return this.node(name, 'Flatten', [x.name], [int('axis', 1)], [batch!, rest.reduce((product, dim) => product * dim, 1)]);
  }

  linear(name: string, x: Feature, features: number, gain = 2): Feature {
    const [batch, inputs] = x.dims as [number, number];
    const weights = [
      this.weights(`${name}.weight`, [features, inputs], 0, Math.sqrt(gain / inputs)),
      this.weights(`${name}.bias`, [features], 0, 0.02),
    ];
    return this.node(name, 'Gemm', [x.name, ...weights], [int('transB', 1)], [batch, features]);
  }

  /** The finished model. `result` is the name the output gets. */
  model(output: Feature, result = 'logits'): Model {
    return this.modelOf({ [result]: output });
  }

  /** The finished model, its outputs by the names they get. Nothing in the network reads an output. */
  modelOf(outputs: Readonly<Record<string, Feature>>): Model {
    for (const [result, { name }] of Object.entries(outputs)) this.#rename(name, result);
    const proto = ModelProto.fromPartial({
      irVersion: IR_VERSION,
      producerName: 'splitmesh',
      opsetImport: [{ domain: '', version: OPSET }],
      graph: {
        name: this.#name,
        input: this.#inputs,
        output: Object.entries(outputs).map(([name, { dims }]) => value({ name, dims }, FLOAT)),
      },
    });
    // Not through fromPartial, which would copy them: the payloads are found by identity.
    proto.graph!.node = this.#nodes;
    proto.graph!.initializer = this.#weights;
    return { name: this.#name, proto, payloads: this.#payloads };
  }

  /** Any operator with one output of these dimensions. `inputs` are names of tensors, '' for one that is left out. */
  node(name: string, operator: string, inputs: readonly string[], attributes: readonly AttributeProto[], dims: readonly number[]): Feature {
    const made = { name: `${name}.out`, dims };
    this.#append(name, operator, inputs, attributes, [made]);
    return made;
  }

  /** Random weights; returns the name of the tensor. */
  weights(name: string, dims: readonly number[], mean: number, std: number): string {
    // A stream of its own for each tensor: a change to one layer leaves the weights of the others as they were.
    const stream = createHash('sha256').update(`${this.#name}/${name}`).digest().readInt32LE(0);
    return this.#tensor(name, dims, FLOAT, normalWeights(elementCount(dims), mean, std, new RandomBits(this.#seed, stream)));
  }

  /** A number that the architecture fixes. */
  number(name: string, number: number): string {
    return this.#tensor(name, [], FLOAT, Float32Array.of(number));
  }

  /** Shapes and indices: one number is a scalar, a list a vector. */
  integers(name: string, numbers: number | readonly number[]): string {
    const [list, dims] = typeof numbers === 'number' ? [[numbers], []] : [numbers, [numbers.length]];
    return this.#tensor(name, dims, INT64, BigInt64Array.from(list.map(BigInt)));
  }

  /** Where something is true. */
  mask(name: string, dims: readonly number[], isTrue: (index: number) => boolean): string {
    return this.#tensor(
      name,
      dims,
      BOOL,
      Uint8Array.from({ length: elementCount(dims) }, (_, index) => (isTrue(index) ? 1 : 0)),
    );
  }

  #input(name: string, dims: readonly number[], type: number): Feature {
    this.#inputs.push(value({ name, dims }, type));
    return { name, dims };
  }

  #pool(name: string, operator: string, x: Feature, options: WindowOptions, more: readonly AttributeProto[] = []): Feature {
    const [batch, channels, spatial] = image(x);
    const { attributes, sizes } = slide(spatial, options);
    const rounding = options.ceil ? [int('ceil_mode', 1)] : [];
    return this.node(name, operator, [x.name], [...attributes, ...rounding, ...more], [batch, channels, ...sizes]);
  }

  #append(name: string, opType: string, input: readonly string[], attribute: readonly AttributeProto[], made: readonly Feature[]): void {
    for (const { dims } of made) {
      if (!dims.every((dim) => Number.isInteger(dim) && dim > 0)) throw this.#mistake(name, `makes [${dims}]`);
    }
    const output = made.map((each) => each.name);
    this.#nodes.push(NodeProto.fromPartial({ name, opType, input: [...input], output, attribute: [...attribute] }));
  }

  #rename(output: string, result: string): void {
    const maker = this.#nodes.find((node) => node.output.includes(output));
    if (maker === undefined || this.#nodes.some((node) => node.input.includes(output))) {
      throw this.#mistake(output, 'is an output, but not made or read again');
    }
    maker.output = maker.output.map((name) => (name === output ? result : name));
  }

  #tensor(name: string, dims: readonly number[], dataType: number, values: NodeJS.TypedArray<ArrayBuffer>): string {
    // Typed arrays have the machine's byte order, and every machine Node runs on today is little-endian, as ONNX wants it.
    const bytes = new Uint8Array(values.buffer);
    const tensor = TensorProto.fromPartial({ name, dims: dims.map(BigInt), dataType });
    if (bytes.byteLength > INLINE_BYTES_MAX) this.#payloads.set(tensor, { kind: 'memory', bytes });
    else tensor.rawData = Buffer.from(bytes.buffer);
    this.#weights.push(tensor);
    return name;
  }

  #mistake(where: string, what: string): MeshError {
    return new MeshError('invalid', `${this.#name}: ${where} ${what}`);
  }
}

/** Batch, channels, and the sizes of the spatial axes. */
function image(x: Feature): readonly [number, number, readonly number[]] {
  const [batch, channels, ...spatial] = x.dims;
  if (batch === undefined || channels === undefined || spatial.length === 0) {
    throw new MeshError('invalid', `${x.name} has no spatial axes: [${x.dims}]`);
  }
  return [batch, channels, spatial];
}

function value({ name, dims }: Feature, elemType: number): ValueInfoProto {
  const dim = dims.map((size) => ({ value: { $case: 'dimValue' as const, value: BigInt(size) } }));
  return ValueInfoProto.fromPartial({ name, type: { value: { $case: 'tensorType', value: { elemType, shape: { dim } } } } });
}
