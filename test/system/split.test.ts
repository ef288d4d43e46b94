import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import type { TensorSpec } from '../../mesh/tensor.ts';
import { startMesh } from '../helpers/mesh-harness.ts';
import { difference, sampleInputs } from '../partition/support/run-split.ts';
import { Runtime, type Tensors } from '../partition/support/runtime.ts';

const test = anyTest as TestFn;
const runtime = new Runtime();
test.after.always(() => runtime[Symbol.asyncDispose]());

interface SplitFile {
  readonly stages: readonly {
    readonly file: string;
    readonly weights: readonly { readonly file: string; readonly bytes: number }[];
    readonly inputs: readonly TensorSpec[];
    readonly outputs: readonly TensorSpec[];
  }[];
}

/** Computes the stages of a folder one after the other, by what split.json says. */
async function runFolder(folder: string, feeds: Tensors): Promise<Tensors> {
  const { stages } = JSON.parse(await readFile(join(folder, 'split.json'), 'utf8')) as SplitFile;
  const known: Record<string, Tensors[string]> = { ...feeds };
  let last: Tensors = {};
  for (const { file, inputs, outputs } of stages) {
    const wanted = Object.fromEntries(inputs.map(({ name }) => [name, known[name]!]));
    last = await runtime.run(
      join(folder, file),
      wanted,
      outputs.map(({ name }) => name),
    );
    Object.assign(known, last);
  }
  return last;
}

test.serial('the files of a split run in ONNX Runtime alone and give what the whole model gives', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const outputs: Tensors[] = [];
  for (const split of ['squeezenet@layer3', 'squeezenet@layer9,layer14', 'squeezenet@tiles:2-6x2']) {
    const folder = join(mesh.folder, 'new', `${outputs.length}`);
    const result = await mesh.runController(['split', split, '--out', folder, '--json']);
    t.is(result.code, 0, result.stderr);
    t.is(result.stdout, await readFile(join(folder, 'split.json'), 'utf8'));
    const { stages } = result.json() as SplitFile;
    const weights = stages.flatMap((stage) => stage.weights);
    for (const { file, bytes } of weights) t.is((await stat(join(folder, file))).size, bytes);
    t.deepEqual(
      (await readdir(folder)).sort(),
      ['split.json', ...stages.map(({ file }) => file), ...new Set(weights.map(({ file }) => file))].sort(),
      'nothing else is left in the folder',
    );
    outputs.push(await runFolder(folder, sampleInputs(stages[0]!.inputs)));
  }
  for (const other of outputs.slice(1)) t.true(difference(outputs[0]!, other) <= 1e-5);
});

test.serial('weights that are there are kept when a cut moves', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const folder = join(mesh.folder, 'stages');
  t.is((await mesh.runController(['split', 'lenet@layer1', '--out', folder])).code, 0);
  const [weight] = (await readdir(folder)).filter((name) => name.endsWith('.bin'));
  const before = await stat(join(folder, weight!));
  t.is((await mesh.runController(['split', 'lenet@layer2', '--out', folder])).code, 0);
  t.is((await stat(join(folder, weight!))).mtimeMs, before.mtimeMs);
});

const wrong: readonly [string, readonly string[], RegExp][] = [
  ['no cut', ['lenet', '--out', 'x'], /"lenet" says nowhere to cut/],
  ['no folder', ['lenet@layer1'], /--out is missing/],
  ['no model', ['--out', 'x'], /the model is missing/],
  ['an unknown model', ['lenett@layer1', '--out', 'x'], /did you mean lenet/],
  ['a layer out of range', ['lenet@layer77', '--out', 'x'], /no layer 77: lenet has \d+ layers/],
];
test.serial('what is wrong with the command line is said, exit code 2, and nothing is written', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  for (const [what, args, message] of wrong) {
    const { code, stderr } = await mesh.runController(['split', ...args]);
    t.is(code, 2, what);
    t.regex(stderr, message);
  }
});

test.serial('a folder that can not be made is said so, exit code 1', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const { code, stderr } = await mesh.runController(['split', 'lenet@layer1', '--out', '/proc/nowhere']);
  t.is(code, 1);
  t.regex(stderr, /could not be written to \/proc\/nowhere/);
});
