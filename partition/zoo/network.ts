/**
 * Writes a network down as ONNX, layer by layer, in the order it computes. Every method appends nodes and returns the tensor they make;
 * shapes are followed along, so that weights get the right size and a mistake in an architecture is found here.
 */
import { createHash } from 'node:crypto';
import { MeshError } from '../../mesh/error.ts';
import { AttributeProto, AttributeProto_AttributeType as Kind, ModelProto, NodeProto, TensorProto } from '../../proto/gen/onnx/onnx.ts';
import { INLINE_BYTES_MAX, type Model } from '../model.ts';
import type { Payload } from '../payload.ts';
import { normalWeights, RandomBits } from './random-weights.ts';

/** A tensor of the network while it is written: N × C × H × W, or N × features. */
export interface Feature {
  readonly name: string;
  readonly dims: readonly number[];
}

export interface ConvOptions {
  readonly channels: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly pad?: number;
  readonly groups?: number;
  readonly bias?: boolean;
  /** He's factor: 2 before a rectifier, 1 where nothing follows. Default 2. */
  readonly gain?: number;
}

export interface PoolOptions {
  readonly kernel: number;
  readonly stride: number;
  readonly pad?: number;
  readonly ceil?: boolean;
}

const FLOAT = 1;
const OPSET = 17n;
const IR_VERSION = 8n;

export class Network {
  readonly #name: string;
  readonly #seed: number;
  readonly #nodes: NodeProto[] = [];
  readonly #weights: TensorProto[] = [];
  readonly #payloads = new Map<TensorProto, Payload>();
  readonly #inputs: Feature[] = [];

  constructor(name: string, seed: number) {
    this.#name = name;
    this.#seed = seed;
  }

  input(name: string, dims: readonly number[]): Feature {
    const input = { name, dims };
    this.#inputs.push(input);
    return input;
  }

  conv(name: string, x: Feature, options: ConvOptions): Feature {
    const { channels, kernel, stride = 1, pad = 0, groups = 1, bias = false, gain = 2 } = options;
    const [, inputs] = image(x);
    const fanIn = (inputs / groups) * kernel * kernel;
    const weights = [this.#random(`${name}.weight`, [channels, inputs / groups, kernel, kernel], 0, Math.sqrt(gain / fanIn))];
    if (bias) weights.push(this.#random(`${name}.bias`, [channels], 0, 0.02));
    const attributes = [
      ints('kernel_shape', [kernel, kernel]),
      ints('strides', [stride, stride]),
      ints('pads', [pad, pad, pad, pad]),
      int('group', groups),
    ];
    return this.#add(name, 'Conv', [x.name, ...weights], attributes, window(x, channels, kernel, stride, pad, false));
  }

  /** Statistics as after training: near zero mean and unit variance. `scale` is the mean of gamma. */
  batchNorm(name: string, x: Feature, scale = 1): Feature {
    const [, channels] = x.dims as [number, number];
    const weights = [
      this.#random(`${name}.weight`, [channels], scale, 0.05 * scale),
      this.#random(`${name}.bias`, [channels], 0, 0.05),
      this.#random(`${name}.running_mean`, [channels], 0, 0.05),
      this.#random(`${name}.running_var`, [channels], 1, 0.05),
    ];
    return this.#add(name, 'BatchNormalization', [x.name, ...weights], [float('epsilon', 1e-5)], x.dims);
  }

  relu(name: string, x: Feature): Feature {
    return this.#add(name, 'Relu', [x.name], [], x.dims);
  }

  relu6(name: string, x: Feature): Feature {
    const limits = [this.#constant(`${name}.min`, 0), this.#constant(`${name}.max`, 6)];
    return this.#add(name, 'Clip', [x.name, ...limits], [], x.dims);
  }

  tanh(name: string, x: Feature): Feature {
    return this.#add(name, 'Tanh', [x.name], [], x.dims);
  }

  add(name: string, a: Feature, b: Feature): Feature {
    if (a.dims.join() !== b.dims.join()) throw this.#mistake(name, `adds [${a.dims}] and [${b.dims}]`);
    return this.#add(name, 'Add', [a.name, b.name], [], a.dims);
  }

  concat(name: string, features: readonly Feature[]): Feature {
    const [batch, , ...rest] = features[0]!.dims;
    const channels = features.reduce((sum, { dims }) => sum + dims[1]!, 0);
    return this.#add(
      name,
      'Concat',
      features.map((feature) => feature.name),
      [int('axis', 1)],
      [batch!, channels, ...rest],
    );
  }

  maxPool(name: string, x: Feature, options: PoolOptions): Feature {
    return this.#pool(name, 'MaxPool', x, options);
  }

  averagePool(name: string, x: Feature, options: PoolOptions): Feature {
    return this.#pool(name, 'AveragePool', x, options);
  }

  globalAveragePool(name: string, x: Feature): Feature {
    const [batch, channels] = image(x);
    return this.#add(name, 'GlobalAveragePool', [x.name], [], [batch, channels, 1, 1]);
  }

  flatten(name: string, x: Feature): Feature {
    const [batch, ...rest] = x.dims;
    return this.#add(name, 'Flatten', [x.name], [int('axis', 1)], [batch!, rest.reduce((product, dim) => product * dim, 1)]);
  }

  linear(name: string, x: Feature, features: number, gain = 2): Feature {
    const [batch, inputs] = x.dims as [number, number];
    const weights = [
      this.#random(`${name}.weight`, [features, inputs], 0, Math.sqrt(gain / inputs)),
      this.#random(`${name}.bias`, [features], 0, 0.02),
    ];
    return this.#add(name, 'Gemm', [x.name, ...weights], [int('transB', 1)], [batch, features]);
  }

  /** The finished model. `result` is the name the output gets. */
  model(output: Feature, result = 'logits'): Model {
    const last = this.#nodes.at(-1)!;
    if (last.output[0] !== output.name) throw this.#mistake(output.name, 'is the output, but not made last');
    last.output[0] = result;
    const proto = ModelProto.fromPartial({
      irVersion: IR_VERSION,
      producerName: 'splitmesh',
      opsetImport: [{ domain: '', version: OPSET }],
      graph: {
        name: this.#name,
        input: this.#inputs.map(value),
        output: [value({ name: result, dims: output.dims })],
      },
    });
    // Not through fromPartial, which would copy them: the payloads are found by identity.
    proto.graph!.node = this.#nodes;
    proto.graph!.initializer = this.#weights;
    return { name: this.#name, proto, payloads: this.#payloads };
  }

  #pool(name: string, op: string, x: Feature, { kernel, stride, pad = 0, ceil = false }: PoolOptions): Feature {
    const attributes = [ints('kernel_shape', [kernel, kernel]), ints('strides', [stride, stride]), ints('pads', [pad, pad, pad, pad])];
    if (ceil) attributes.push(int('ceil_mode', 1));
    return this.#add(name, op, [x.name], attributes, window(x, image(x)[1], kernel, stride, pad, ceil));
  }

  #add(name: string, op: string, inputs: readonly string[], attribute: readonly AttributeProto[], dims: readonly number[]): Feature {
    if (!dims.every((dim) => Number.isInteger(dim) && dim > 0)) throw this.#mistake(name, `makes [${dims}]`);
    const output = `${name}.out`;
    this.#nodes.push(NodeProto.fromPartial({ name, opType: op, input: [...inputs], output: [output], attribute: [...attribute] }));
    return { name: output, dims };
  }

  #random(name: string, dims: readonly number[], mean: number, std: number): string {
    const count = dims.reduce((product, dim) => product * dim, 1);
    // A stream of its own for each tensor: a change to one layer leaves the weights of the others as they were.
    const stream = createHash('sha256').update(`${this.#name}/${name}`).digest().readInt32LE(0);
    return this.#weight(name, dims, normalWeights(count, mean, std, new RandomBits(this.#seed, stream)));
  }

  #constant(name: string, number: number): string {
    return this.#weight(name, [], Float32Array.of(number));
  }

  #weight(name: string, dims: readonly number[], values: Float32Array<ArrayBuffer>): string {
    // Typed arrays have the machine's byte order, and every machine Node runs on today is little-endian, as ONNX wants it.
    const bytes = new Uint8Array(values.buffer);
    const tensor = TensorProto.fromPartial({ name, dims: dims.map(BigInt), dataType: FLOAT });
    if (bytes.byteLength > INLINE_BYTES_MAX) this.#payloads.set(tensor, { kind: 'memory', bytes });
    else tensor.rawData = Buffer.from(bytes.buffer);
    this.#weights.push(tensor);
    return name;
  }

  #mistake(where: string, what: string): MeshError {
    return new MeshError('invalid', `${this.#name}: ${where} ${what}`);
  }
}

function image(x: Feature): readonly [number, number, number, number] {
  if (x.dims.length !== 4) throw new MeshError('invalid', `${x.name} is no image: [${x.dims}]`);
  return x.dims as unknown as readonly [number, number, number, number];
}

/** Output size of a sliding window, as the ONNX specification has it. */
function window(x: Feature, channels: number, kernel: number, stride: number, pad: number, ceil: boolean): number[] {
  const [batch, , height, width] = image(x);
  const size = (dim: number): number => (ceil ? Math.ceil : Math.floor)((dim + 2 * pad - kernel) / stride) + 1;
  return [batch, channels, size(height), size(width)];
}

function value({ name, dims }: Feature) {
  const dim = dims.map((size) => ({ value: { $case: 'dimValue' as const, value: BigInt(size) } }));
  return { name, type: { value: { $case: 'tensorType' as const, value: { elemType: FLOAT, shape: { dim } } } } };
}

const int = (name: string, i: number): AttributeProto => AttributeProto.fromPartial({ name, type: Kind.INT, i: BigInt(i) });
const float = (name: string, f: number): AttributeProto => AttributeProto.fromPartial({ name, type: Kind.FLOAT, f });
const ints = (name: string, values: readonly number[]): AttributeProto =>
  AttributeProto.fromPartial({ name, type: Kind.INTS, ints: values.map(BigInt) });
