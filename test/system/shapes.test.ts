import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { tinyModel } from '../fixtures/tiny-onnx.ts';
import { type Mesh, startMesh } from '../helpers/mesh-harness.ts';

interface Layers {
  readonly layers: readonly { readonly outputDims: readonly number[] | null; readonly cutBytes: number | null }[];
}

/** A window of samples, its spectrum (which static inference knows nothing about), and a product of that. */
async function writeSpectrum({ folder }: Mesh): Promise<string> {
  const path = join(folder, 'spectrum.onnx');
  const value = (name: string, dims: readonly (number | string)[]) => ({ name, type: 1, dims });
  const nodes = [
    { op: 'DFT', inputs: ['x'], outputs: ['h'] },
    { op: 'Transpose', inputs: ['h'], outputs: ['t'] },
    { op: 'MatMul', inputs: ['t', 't'], outputs: ['y'] },
  ];
  await writeFile(path, tinyModel([value('x', [2, 2, 1])], nodes, [value('y', [2, 2, 2])]));
  return path;
}

test.serial('shapes that only the runtime knows are listed, can be cut at, and are asked for once', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const model = await writeSpectrum(mesh);
  const own = { env: { XDG_CACHE_HOME: join(mesh.folder, 'cache') } };
  const layers = async (): Promise<Layers['layers']> =>
    ((await mesh.runController(['layers', model, '--json'], own)).json() as Layers).layers;
  const first = await layers();
  t.deepEqual(first[0]!.outputDims, [2, 2, 2]);
  t.is(first[0]!.cutBytes, 32);
  const { code, stderr } = await mesh.runController(['run', '--split', `${model}@layer1`, '--frames', '4', '--verify', 'all'], own);
  t.deepEqual([code, stderr], [0, '']);

  // Whoever reads the file that was kept does not ask again: what we write into it is believed.
  const cache = join(own.env.XDG_CACHE_HOME, 'splitmesh');
  const [kept, ...others] = (await readdir(cache)).filter((name) => name.startsWith('shapes-'));
  t.deepEqual(others, []);
  const text = await readFile(join(cache, kept!), 'utf8');
  await writeFile(join(cache, kept!), text.replaceAll('"dims":[2,2,2]', '"dims":[50,50,50]'));
  t.deepEqual((await layers())[0]!.outputDims, [50, 50, 50]);
});

test.serial('a contradiction between the runtime and static inference is said', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const path = join(mesh.folder, 'wrong.onnx');
  // The file promises another shape than its nodes make; ONNX Runtime warns and goes on.
  const value = (name: string, dims: readonly number[]) => ({ name, type: 1, dims });
  const nodes = [
    { op: 'DFT', inputs: ['x'], outputs: ['y'] },
    { op: 'Relu', inputs: ['y'], outputs: ['z'] },
  ];
  await writeFile(path, tinyModel([value('x', [2, 2, 1])], nodes, [value('y', [2, 2, 7]), value('z', [2, 2, 2])]));
  const { code, stderr } = await mesh.runController(['layers', path]);
  t.is(code, 0, stderr);
  t.regex(
    stderr,
    /^controller: warning: static inference and the runtime contradict each other: tensor "y" of node ".*" \(DFT\) should be float32\[2, 2, 7\]; the runtime has float32\[2, 2, 2\]\n$/,
  );
});

test.serial('layers of a model that the runtime refuses are those of static inference, with the reason', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const path = join(mesh.folder, 'odd.onnx');
  const value = (name: string) => ({ name, type: 1, dims: [1, 4, 4] });
  const nodes = [
    { op: 'MatMul', inputs: ['x', 'x'], outputs: ['a'] },
    { op: 'Frobnicate', inputs: ['a'], outputs: ['y'] },
  ];
  await writeFile(path, tinyModel([value('x')], nodes, [value('y')]));
  const { code, stdout, stderr } = await mesh.runController(['layers', path]);
  t.is(code, 0);
  t.regex(stdout, /1×4×4/);
  t.regex(
    stderr,
    /^controller: warning: the runtime could not tell the shapes of \S+odd\.onnx, static inference has to do: .*knows no operator "Frobnicate"/,
  );
});
