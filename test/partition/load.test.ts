import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { MeshError } from '../../mesh/error.ts';
import { resolveModel } from '../../partition/load.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { conv, modelBytes, tensor, untyped } from './support/build.ts';

const { node, weight } = conv('c', 'x', 'y', [3, 2]);
const bytes = modelBytes({ nodes: [node], inputs: [tensor('x', ['N', 3, 4, 4])], outputs: [untyped('y')], initializers: [weight] });

test('a zoo model is found by its name or alias, and its file kept', async (t) => {
  const cacheDir = await tempFolder(t);
  const resolved = await resolveModel('lenet5', { cacheDir });
  t.is(resolved.name, 'lenet');
  t.true(resolved.path.startsWith(cacheDir));
  t.is(resolved.layered.layers.length, 7);
});

test('a path is read, its open batch dimension is one frame', async (t) => {
  const cacheDir = await tempFolder(t);
  const path = join(cacheDir, 'own.onnx');
  await writeFile(path, bytes);
  const { name, layered } = await resolveModel(path, { cacheDir });
  t.is(name, path);
  t.deepEqual(layered.layers[0]!.outputDims, [1, 2, 4, 4]);
});

test('an unknown name is an error that lists the zoo, guesses what was meant and tells of paths', async (t) => {
  const cacheDir = await tempFolder(t);
  const error = (await t.throwsAsync(resolveModel('resnt18', { cacheDir }))) as MeshError;
  t.is(error.code, 'not-found');
  t.regex(error.message, /no model "resnt18".*resnet18, resnet50, mobilenetv2/);
  t.regex(error.hint!, /did you mean resnet18/);
});

test('a missing path is an error about the file', async (t) => {
  const cacheDir = await tempFolder(t);
  const error = (await t.throwsAsync(resolveModel('models/own.onnx', { cacheDir }))) as MeshError;
  t.is(error.code, 'not-found');
  t.regex(error.message, /there is no file models\/own\.onnx/);
});
