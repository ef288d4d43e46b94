/** Small models for tests of runs, each with a structure of its own; matrix products, so that every one is a layer. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TinyNode, tinyModel } from '../fixtures/tiny-onnx.ts';

const FLOAT = 1;
const value = (name: string) => ({ name, type: FLOAT, dims: [1, 4, 4] });
const product = (inputs: [string, string], output: string): TinyNode => ({ op: 'MatMul', inputs, outputs: [output] });

const models = {
  /** x → a → b → c → y */
  chain: tinyModel([value('x')], [product(['x', 'x'], 'a'), product(['a', 'a'], 'b'), product(['b', 'b'], 'y')], [value('y')]),
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
};

/** Writes the model below `folder` and returns its path. */
export async function writeModelFile(folder: string, name: keyof typeof models): Promise<string> {
  const path = join(folder, `${name}.onnx`);
  await writeFile(path, models[name]);
  return path;
}
