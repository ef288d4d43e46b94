/**
 * Everything that a device needs to train: graphs, data, a checkpoint to start from, as files of this machine. Whatever is wrong with model, data or options
 * is found here, before a device is asked.
 *
 *     spec ─▶ modelToTrain ─▶ trainingGraphs ─▶ step, forward ─┐
 *       └───▶ loadDataSet ────────────────────▶ data ──────────┼─▶ files ─▶ TrainingWorkload
 *                    a checkpoint, or the model's own tensors ─┘
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { MeshError } from '../../mesh/error.ts';
import { type Blob, hexOf } from '../../mesh/files/blob.ts';
import { hashFile } from '../../mesh/files/sha256.ts';
import { encodeTensorFile } from '../../mesh/safetensors.ts';
import type { Tensor } from '../../mesh/tensor.ts';
import { decodeCheckpoint, encodeCheckpoint, type Progress } from '../../mesh/training/checkpoint.ts';
import type { TrainingStage, TrainingWorkload } from '../../mesh/training/workload.ts';
import type { PreparedWorkload } from '../bench/infer-workload.ts';
import type { TrainingSpec } from '../bench/training-spec.ts';
import type { DataSet, Examples } from '../data-sets/data-set.ts';
import { dataSetClasses, loadDataSet } from '../data-sets/load-data-set.ts';
import { modelToTrain } from './model-to-train.ts';
import type { TrainingFolder } from './training-folder.ts';
import { trainingGraphs } from './training-graphs.ts';

export interface PreparedTraining extends PreparedWorkload<TrainingWorkload> {
  /** Where it stands. */
  readonly progress: Progress;
}

/** A checkpoint on this machine. */
export interface ResumeFrom {
  readonly last: string;
  /** Undefined: none was kept yet. */
  readonly best: string | undefined;
}

/** Errors: those of `modelToTrain`, `trainingGraphs` and `loadDataSet`; `conflict` for a checkpoint of another training. */
export async function prepareTraining(
  spec: TrainingSpec,
  folder: TrainingFolder,
  resume: ResumeFrom | undefined,
  signal: AbortSignal,
): Promise<PreparedTraining> {
  const classes = dataSetClasses(spec.dataSet);
  const chosen = modelToTrain(spec, classes);
  const graphs = trainingGraphs(chosen, spec);
  const data = await loadDataSet(
    {
      name: spec.dataSet,
      folder: spec.dataFolder,
      window: chosen.window,
      normalization: spec.normalization,
      split: spec.split,
      seed: spec.seed,
    },
    signal,
  );
  requireBatch(data, spec);

  const paths = new Map<Blob, string>();
  const add = async (path: string): Promise<Blob> => {
    const blob = await hashFile(path, { signal });
    paths.set(blob, path);
    return blob;
  };
  if (resume === undefined) await folder.writeSpec(spec);
  await folder.writeModel('model.onnx', chosen.model);
  const dataBlob = await add(await folder.write('data.safetensors', encodeTensorFile(dataFile(data))));
  const stages: TrainingStage[] = [];
  for (const [index, { name, goal, step, forward, input, output, epochs }] of graphs.stages.entries()) {
    stages.push({
      ...{ name, goal, input, output, epochs, learningRate: spec.learningRate, schedule: spec.schedule },
      step: await add(await folder.writeModel(`${index}-step.onnx`, step)),
      forward: await add(await folder.writeModel(`${index}-forward.onnx`, forward)),
    });
  }
  const fingerprint = fingerprintOf(stages, dataBlob, spec);
  const begun: Progress = { stage: 0, epoch: 0, steps: 0, epochs: [], fingerprint };
  const start = resume?.last ?? (await folder.write('start.safetensors', encodeCheckpoint({ tensors: graphs.tensors, progress: begun })));
  const progress = resume === undefined ? begun : await progressOf(resume.last, fingerprint);
  const best = resume?.best === undefined ? undefined : await add(resume.best);
  return {
    workload: {
      ...{ kind: 'training', training: folder.name, stages, data: dataBlob, start: await add(start), best },
      session: { intraOpThreads: spec.threads, spinning: false, graphOptimization: 'all' },
      ...{ augment: spec.augment, seed: spec.seed },
    },
    title: `${chosen.name}, ${spec.dataSet}`,
    ...{ paths, progress },
  };
}

function requireBatch({ name, train }: DataSet, { batch }: TrainingSpec): void {
  if (train.labels.length >= batch) return;
  throw new MeshError('invalid', `${name} has ${train.labels.length} windows to train with, fewer than a batch of ${batch}`, {
    hint: 'choose a smaller --batch',
  });
}

function dataFile({ name, classes, window, train, validation }: DataSet) {
  const tensors = new Map<string, Tensor>();
  const put = (split: string, { windows, labels }: Examples): void => {
    tensors.set(`${split}.windows`, { dtype: 'float32', dims: [labels.length, window], data: bytesOf(windows) });
    tensors.set(`${split}.labels`, { dtype: 'int64', dims: [labels.length], data: bytesOf(labels) });
  };
  put('train', train);
  put('validation', validation);
  return { tensors, metadata: { name, classes: JSON.stringify(classes) } };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Of everything that losses depend on, threads and limits aside. */
function fingerprintOf(stages: readonly TrainingStage[], data: Blob, { augment, seed }: TrainingSpec): string {
  const said = {
    stages: stages.map(({ step, forward, ...stage }) => ({ ...stage, step: hexOf(step.sha256), forward: hexOf(forward.sha256) })),
    data: hexOf(data.sha256),
    ...{ augment, seed },
  };
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}

async function progressOf(path: string, fingerprint: string): Promise<Progress> {
  const { progress } = decodeCheckpoint(new Uint8Array(await readFile(path)), path);
  if (progress.fingerprint === fingerprint) return progress;
  throw new MeshError('conflict', `${path} belongs to another training: model, data, options or release are not the same`, {
    hint: 'begin a new one',
  });
}
