/** Small models for tests of runs, each with a structure of its own; matrix products, so that every one is a layer. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeModel } from '../../partition/write-model.ts';
import { ZOO_SEED, zooModel } from '../../partition/zoo/catalogue.ts';
import { ModelProto, TensorProto } from '../../proto/gen/onnx/onnx.ts';
import { type TinyNode, tinyModel } from '../fixtures/tiny-onnx.ts';

const FLOAT = 1;
const value = (name: string) => ({ name, type: FLOAT, dims: [1, 4, 4] });
const product = (inputs: [string, string], output: string): TinyNode => ({ op: 'MatMul', inputs, outputs: [output] });

const wide = (name: string) => ({ name, type: FLOAT, dims: [1, 64, 64] });

const models = {
  /** x → a → y, of 16 KiB each; whatever the input is multiplied by, the output is multiplied by the fourth power of. */
  squares: tinyModel([wide('x')], [product(['x', 'x'], 'a'), product(['a', 'a'], 'y')], [wide('y')]),
  /** x → a → b → c → y */
  chain: tinyModel([value('x')], [product(['x', 'x'], 'a'), product(['a', 'a'], 'b'), product(['b', 'b'], 'y')], [value('y')]),
  /** The same with 16 KiB on every route. */
  wideChain: tinyModel([wide('x')], [product(['x', 'x'], 'a'), product(['a', 'a'], 'b'), product(['b', 'b'], 'y')], [wide('y')]),
  /** Takes pictures of 8×8. */
  picture: tinyModel(
    [{ name: 'x', type: FLOAT, dims: [1, 3, 8, 8] }],
    [{ op: 'Relu', inputs: ['x'], outputs: ['a'] }, product(['a', 'a'], 'y')],
    [{ name: 'y', type: FLOAT, dims: [1, 3, 8, 8] }],
  ),
  /** After layer 2, `a` and `b` cross the cut. */
  residual: tinyModel([value('x')], [product(['x', 'x'], 'a'), product(['a', 'a'], 'b'), product(['b', 'a'], 'y')], [value('y')]),
  /** `right` is read by the last layer only. */
  twoInputs: tinyModel(
    [value('left'), value('right')],
    [product(['left', 'left'], 'a'), product(['a', 'a'], 'b'), product(['b', 'right'], 'y')],
    [value('y')],
  ),
  /** `early` leaves the model and is read by the next layer, too. */
  twoOutputs: tinyModel([value('x')], [product(['x', 'x'], 'early'), product(['early', 'x'], 'late')], [value('early'), value('late')]),
  /** a ─┬─ b ─┬─ y, layers 1 to 4. */
  diamond: tinyModel(
    [value('x')],
    [product(['x', 'x'], 'a'), product(['a', 'a'], 'b'), product(['a', 'x'], 'c'), product(['b', 'c'], 'y')],
    [value('y')],
  ),
  /** The same with 16 KiB on every route. */
  wideDiamond: tinyModel(
    [wide('x')],
    [product(['x', 'x'], 'a'), product(['a', 'a'], 'b'), product(['a', 'x'], 'c'), product(['b', 'c'], 'y')],
    [wide('y')],
  ),
};

/** Writes the model below `folder` and returns its path. */
export async function writeModelFile(folder: string, name: keyof typeof models): Promise<string> {
  const path = join(folder, `${name}.onnx`);
  await writeFile(path, models[name]);
  return path;
}

const HEAVY_LAYERS = 6;
const HEAVY_WIDTH = 1_200;
const HEAVY_ROWS = 64;

/** A chain of six matrix products with weights of 6 MB each. Returns its path. */
export async function writeHeavyModel(folder: string): Promise<string> {
  const tensors = Array.from({ length: HEAVY_LAYERS + 1 }, (_, index) => `x${index}`);
  const flowing = (name: string) => ({ name, type: FLOAT, dims: [HEAVY_ROWS, HEAVY_WIDTH] });
  const products = tensors.slice(1).map((output, index) => product([tensors[index]!, `w${index}`], output));
  const model = ModelProto.decode(tinyModel([flowing(tensors[0]!)], products, [flowing(tensors.at(-1)!)]));
  model.graph!.initializer = products.map(({ inputs }, layer) => {
    // Rows sum up to about one, so that numbers stay what they are.
    const values = Float32Array.from({ length: HEAVY_WIDTH ** 2 }, (_, at) => ((at * 31 + layer * 17) % 101) / (50 * HEAVY_WIDTH));
    const dims = [BigInt(HEAVY_WIDTH), BigInt(HEAVY_WIDTH)];
    return TensorProto.fromPartial({ name: inputs[1]!, dataType: FLOAT, dims, rawData: Buffer.from(values.buffer) });
  });
  const path = join(folder, 'heavy.onnx');
  await writeFile(path, ModelProto.encode(model).finish());
  return path;
}

/** LeNet as exporters write large models: its weights in a file of their own beside it. Returns the path of the model and the weights' size. */
export async function writeExternalLenet(folder: string): Promise<{ readonly path: string; readonly weightBytes: number }> {
  const parts = writeModel(zooModel('lenet').build(ZOO_SEED)).parts.map((part) => {
    if (part.kind !== 'memory') throw new Error('lenet is built in memory');
    return part.bytes;
  });
  const model = ModelProto.decode(Buffer.concat(parts));
  const weights: Buffer[] = [];
  let offset = 0;
  for (const tensor of model.graph!.initializer) {
    const raw = Buffer.from(tensor.rawData ?? []);
    const entries = { location: 'lenet.weights', offset: String(offset), length: String(raw.byteLength) };
    tensor.externalData = Object.entries(entries).map(([key, text]) => ({ key, value: text }));
    tensor.dataLocation = 1;
    tensor.rawData = Buffer.alloc(0);
    weights.push(raw);
    offset += raw.byteLength;
  }
  await writeFile(join(folder, 'lenet.weights'), Buffer.concat(weights));
  const path = join(folder, 'lenet.onnx');
  await writeFile(path, ModelProto.encode(model).finish());
  return { path, weightBytes: offset };
}
