/** What a device gets to train with, as files; and what is found wrong before there is any. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { TrainingSpec } from '../../../controller/bench/training-spec.ts';
import { modelWith } from '../../../controller/training/best-model.ts';
import { prepareTraining } from '../../../controller/training/prepare-training.ts';
import { TrainingFolder } from '../../../controller/training/training-folder.ts';
import { decodeTensorFile } from '../../../mesh/safetensors.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../../mesh/training/checkpoint.ts';
import { readModelFile } from '../../../partition/read-model.ts';
import { tensorData } from '../../../partition/tensor-values.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const spec: TrainingSpec = {
  ...{ model: 'lenet1d', dataSet: 'synthetic-bearing', dataFolder: undefined, normalization: 'mean-std', split: 'random', augment: true },
  ...{ batch: 32, optimizer: { kind: 'adam' }, learningRate: 1e-3, schedule: { kind: 'fix' }, epochs: 2, middleEpochs: 1 },
  ...{ sparsity: 0.2, seed: 0, threads: 0 },
};
const never = new AbortController().signal;

test('graphs, data and a checkpoint to start from, and the same again with the same fingerprint', async (t) => {
  const data = await tempFolder(t);
  const folder = TrainingFolder.of(data, 't1');
  const { workload, paths, progress } = await prepareTraining(spec, folder, undefined, never);
  t.like(workload, { kind: 'training', training: 't1', augment: true, seed: 0, best: undefined });
  t.is(workload.stages.length, 1);
  t.like(workload.stages[0], { goal: 'classify', epochs: 2, learningRate: 1e-3 });
  t.deepEqual(workload.stages[0]!.input.dims, [32, 1, 1024]);
  t.deepEqual([...paths.values()].map((path) => path.slice(folder.path.length + 1)).sort(), [
    '0-forward.onnx',
    '0-step.onnx',
    'data.safetensors',
    'start.safetensors',
  ]);
  const bytes = async (name: string) => new Uint8Array(await readFile(folder.file(name)));
  const { tensors, metadata } = decodeTensorFile(await bytes('data.safetensors'), 'data');
  t.deepEqual(tensors.get('train.windows')!.dims, [800, 1024]);
  t.deepEqual(tensors.get('validation.labels')!.dims, [200]);
  t.is((JSON.parse(metadata.classes!) as string[]).length, 10);
  const start = decodeCheckpoint(await bytes('start.safetensors'), 'start');
  t.deepEqual(start.progress, progress);
  t.deepEqual(await folder.spec(), JSON.parse(JSON.stringify(spec)));

  const other = TrainingFolder.of(data, 't2');
  t.is((await prepareTraining({ ...spec, threads: 4 }, other, undefined, never)).progress.fingerprint, progress.fingerprint);
  for (const change of [
    { seed: 1 },
    { batch: 16 },
    { epochs: 3 },
    { augment: false },
    { learningRate: 1e-2 },
    { split: 'ordered' as const },
  ]) {
    const changed = await prepareTraining({ ...spec, ...change }, other, undefined, never);
    t.not(changed.progress.fingerprint, progress.fingerprint, JSON.stringify(change));
  }
});

test('a checkpoint is gone on with, when it is one of this training', async (t) => {
  const folder = TrainingFolder.of(await tempFolder(t), 't1');
  const { progress } = await prepareTraining(spec, folder, undefined, never);
  const { tensors } = decodeCheckpoint(new Uint8Array(await readFile(folder.file('start.safetensors'))), 'start');
  const last = await folder.write('last.safetensors', encodeCheckpoint({ tensors, progress: { ...progress, epoch: 1, steps: 25 } }));
  const resumed = await prepareTraining(spec, folder, { last, best: last }, never);
  t.like(resumed.progress, { epoch: 1, steps: 25 });
  t.deepEqual(resumed.workload.best, resumed.workload.start);
  await t.throwsAsync(prepareTraining({ ...spec, seed: 9 }, folder, { last, best: undefined }, never), {
    code: 'conflict',
    message: /belongs to another training/,
  });
});

test('what is wrong is said before there is a folder', async (t) => {
  const data = await tempFolder(t);
  for (const [change, message] of [
    [{ batch: 801 }, /800 windows to train with, fewer than a batch of 801/],
    [{ dataSet: 'cwru' }, /needs the folder/],
    [{ dataSet: 'cwru', dataFolder: data }, /97/],
    [{ model: 'vit-tiny' }, /gradient|classifier|classes/],
  ] as const) {
    await t.throwsAsync(prepareTraining({ ...spec, ...change }, TrainingFolder.of(data, 't1'), undefined, never), { message });
  }
  t.deepEqual(await readdir(data), []);
});

test('the model with the parameters of a checkpoint has these, and the rest as it was', async (t) => {
  const folder = TrainingFolder.of(await tempFolder(t), 't1');
  const { progress } = await prepareTraining(spec, folder, undefined, never);
  const { tensors } = decodeCheckpoint(new Uint8Array(await readFile(folder.file('start.safetensors'))), 'start');
  const bias = tensors.get('fc1.bias')!;
  const changed = new Map([['fc1.bias', { ...bias, data: new Uint8Array(bias.data.byteLength).fill(7) }]]);
  const path = await folder.write('best.safetensors', encodeCheckpoint({ tensors: changed, progress }));
  const before = readModelFile(folder.file('model.onnx'));
  await folder.writeModel('best.onnx', await modelWith(before, path));
  const after = readModelFile(folder.file('best.onnx'));
  const valuesOf = (model: typeof after) =>
    Object.fromEntries(model.proto.graph!.initializer.map((tensor) => [tensor.name, [...tensorData(tensor, model.payloads.get(tensor))!]]));
  const expected = { ...valuesOf(before), 'fc1.bias': Array(bias.data.byteLength).fill(7) };
  t.deepEqual(valuesOf(after), expected);
  const wrong = await folder.write(
    'wrong.safetensors',
    encodeCheckpoint({ tensors: new Map([['fc1.bias', { dtype: 'float32', dims: [1], data: new Uint8Array(4) }]]), progress }),
  );
  await t.throwsAsync(modelWith(before, wrong), { code: 'invalid', message: /"fc1.bias" of .* can't become float32\[1\]/ });
});

test('a training is found by its name, the beginning of it, or as the last', async (t) => {
  const data = await tempFolder(t);
  for (const name of ['20260101-a', '20260101-b', '20260202-a']) await TrainingFolder.of(data, name).writeSpec(spec);
  t.is((await TrainingFolder.find(data, 'last')).name, '20260202-a');
  t.is((await TrainingFolder.find(data, '202602')).name, '20260202-a');
  t.is((await TrainingFolder.find(data, '20260101-a')).name, '20260101-a');
  await t.throwsAsync(TrainingFolder.find(data, '2026'), { code: 'usage', message: /beginning of 3 trainings/ });
  await t.throwsAsync(TrainingFolder.find(data, 'x'), { code: 'not-found', message: /no training "x"/ });
  await TrainingFolder.of(data, 'z').write('training.json', [Buffer.from('{"format": 2}')]);
  await t.throwsAsync((await TrainingFolder.find(data, 'last')).spec(), { code: 'conflict', message: /format 2/ });
  await TrainingFolder.of(data, 'z').write('training.json', [Buffer.from('{')]);
  await t.throwsAsync((await TrainingFolder.find(join(data), 'z')).spec(), { code: 'invalid' });
});
