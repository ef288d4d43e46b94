import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { PROTOCOL_VERSION } from '../../mesh/protocol-version.ts';
import { type TinyNode, tinyModel } from '../fixtures/tiny-onnx.ts';
import { type Mesh, startMesh } from '../helpers/mesh-harness.ts';
import { agentSource } from '../helpers/repository.ts';

const value = (name: string) => ({ name, type: 1, dims: [1, 4, 4] });
const product = (left: string, right: string, output: string): TinyNode => ({ op: 'MatMul', inputs: [left, right], outputs: [output] });

async function writeModel({ folder }: Mesh, name: string, ...nodes: TinyNode[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, tinyModel([value('x')], nodes, [value('y')]));
  return path;
}

for (const verify of ['3', 'off']) {
  test.serial(`an operator that the runtime does not know is named, with its node and the model (--verify ${verify})`, async (t) => {
    const mesh = await startMesh(t, { nats: false });
    const model = await writeModel(mesh, 'odd.onnx', product('x', 'x', 'a'), { op: 'Frobnicate', inputs: ['a'], outputs: ['y'] });
    const { code, stdout, stderr } = await mesh.runController(['run', '--split', `${model}@layer1`, '--verify', verify]);
    t.deepEqual([code, stdout], [1, '']);
    const [what, device] = verify === 'off' ? [`stage2 of ${model}`, 'local2'] : [model, 'local1'];
    const error = `controller: error: ${what} can't be loaded on ${device}: ONNX Runtime knows no operator "Frobnicate" in opset 17 (node "n1")`;
    t.is(
      stderr.split('\n').find((line) => line.startsWith('controller: error:')),
      error,
    );
    t.regex(stderr, /\ncontroller: hint: export the model with the operators of ONNX itself/);
    t.notRegex(stderr.replaceAll(model, ''), /\/\S+\.onnx|whole/, 'neither a file of the agent nor a name of ours');
  });
}

test.serial('a split model that computes something else than the whole one fails the run, and says so', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  // Each session draws numbers of its own, so that the whole model and the split one really differ.
  const dice: TinyNode = { op: 'RandomNormalLike', inputs: ['a'], outputs: ['r'] };
  const model = await writeModel(mesh, 'dice.onnx', product('x', 'x', 'a'), dice, product('a', 'r', 'y'));
  const unverified = ['run', '--split', `${model}@layer1`, '--frames', '5'];
  const args = [...unverified, '--verify', '4'];
  const { code, stdout, stderr } = await mesh.runController([...args, '--output', join(mesh.folder, 'y.npy')]);
  t.is(code, 1);
  t.regex(stdout, /^verified +NO: 4 frames, max error /m);
  t.regex(stdout, /^frames +5 sent, 5 received, 0 lost/m);
  t.regex(
    stderr,
    /^controller: error: verification failed: the split model computes something else than the whole one\ncontroller: hint: /,
  );
  t.true((await readdir(mesh.folder)).includes('y.npy'), 'whoever looks for the cause needs the numbers');

  const json = await mesh.runController([...args, '--json']);
  t.is(json.code, 1);
  t.like(json.json(), { verify: { compared: 4, passed: false } });
  const runs = (await mesh.runController(['runs', '--json'])).json() as readonly { readonly run: string; readonly status: string }[];
  t.deepEqual(
    runs.filter(({ run }) => !run.endsWith('-whole')).map(({ status }) => status),
    ['failed', 'failed'],
  );
  t.is((await mesh.runController([...unverified, '--verify', 'off'])).code, 0);
});

test.serial('an agent of a release with another protocol is refused, with both versions', async (t) => {
  const preload = fileURLToPath(new URL('../fixtures/other-protocol.ts', import.meta.url));
  const other = { name: 'other', program: agentSource, env: { NODE_OPTIONS: `--import=${preload}` } };
  const mesh = await startMesh(t, { agents: [other, { name: 'new' }] });
  const model = await writeModel(mesh, 'm.onnx', product('x', 'x', 'a'), product('a', 'a', 'y'));
  const { code, stdout, stderr } = await mesh.runController(['run', '--split', `${model}@layer1`, '--on', 'new,other']);
  t.deepEqual([code, stdout], [1, '']);
  const versions = `speaks protocol version ${PROTOCOL_VERSION + 1} \\(splitmesh \\S+\\), this controller version ${PROTOCOL_VERSION}\n`;
  t.regex(stderr, new RegExp(`^controller: error: other at ${mesh.agent('other').address} ${versions}`));
  t.regex(stderr, /\ncontroller: hint: install the same release of splitmesh on the controller and on every device/);
  // The others go on working.
  t.is((await mesh.runController(['run', '--split', `${model}@layer1`, '--on', 'new,new', '--frames', '3'])).code, 0);
});
