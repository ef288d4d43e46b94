/** A training that takes milliseconds: windows of 8 samples, two classes, a model of a few layers, through the real graphs and ONNX Runtime. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchProcessReport, TrainingProcessOrder } from '../../../../../agent/stage/bench/protocol.ts';
import type { TrainTools } from '../../../../../agent/stage/bench/train/train.ts';
import { openSession } from '../../../../../agent/stage/session/open-session.ts';
import { trainingGraphs } from '../../../../../controller/training/training-graphs.ts';
import type { TrainingSpec } from '../../../../../controller/bench/training-spec.ts';
import { Random } from '../../../../../mesh/random.ts';
import { encodeTensorFile } from '../../../../../mesh/safetensors.ts';
import type { Tensor } from '../../../../../mesh/tensor.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../../../../mesh/training/checkpoint.ts';
import type { EpochFigures } from '../../../../../mesh/training/figures.ts';
import { decodeEpoch } from '../../../../../mesh/wire-training.ts';
import type { Model } from '../../../../../partition/model.ts';
import { streamWritten, writeModel } from '../../../../../partition/write-model.ts';
import { Network } from '../../../../../partition/zoo/network.ts';

export const WINDOW = 8;
const BATCH = 4;
export const TRAIN = 18;
export const VALIDATION = 6;

/** Two outputs: the window again, and scores. */
export function twoLayers(): Model {
  const net = new Network('small', 1);
  const x = net.flatten('flatten', net.input('input', [1, 1, WINDOW]));
  const hidden = net.relu('relu', net.batchNorm('bn', net.linear('fc1', x, 6)));
  const reconstruction = net.reshape('window', net.linear('fc3', hidden, WINDOW, 1), [1, 1, WINDOW]);
  return net.modelOf({ reconstruction, logits: net.linear('fc2', hidden, 2, 1) });
}

function examples(count: number, seed: number): { windows: Tensor; labels: Tensor } {
  const random = new Random(seed);
  const labels = BigInt64Array.from({ length: count }, (_, index) => BigInt(index % 2));
  const windows = Float32Array.from({ length: count * WINDOW }, (_, at) => {
    const label = Math.floor(at / WINDOW) % 2;
    return Math.sin((at % WINDOW) * (1 + label)) + 0.3 * (random.next() - 0.5);
  });
  const bytes = (array: Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>) => new Uint8Array(array.buffer);
  return {
    windows: { dtype: 'float32', dims: [count, WINDOW], data: bytes(windows) },
    labels: { dtype: 'int64', dims: [count], data: bytes(labels) },
  };
}

export interface Small {
  readonly order: TrainingProcessOrder;
  /** The same, from the last checkpoint on. */
  readonly resumed: () => TrainingProcessOrder;
  readonly last: () => Promise<ReturnType<typeof decodeCheckpoint>>;
  readonly best: () => Promise<ReturnType<typeof decodeCheckpoint>>;
}

/** Everything a training process is given, in `folder`. */
export async function small(folder: string, changes: Partial<TrainingSpec> = {}): Promise<Small> {
  const spec = { batch: BATCH, optimizer: { kind: 'adam' }, learningRate: 0.02, schedule: { kind: 'fix' }, ...changes } as TrainingSpec;
  const model = twoLayers();
  const graphs = trainingGraphs(
    {
      ...{ name: 'small', model, window: WINDOW },
      input: { name: 'input', dtype: 'float32', dims: [1, 1, WINDOW] },
      stages: [
        {
          ...{ name: 'reconstruct', goal: 'reconstruct', output: 'reconstruction', epochs: 2 },
          losses: [{ kind: 'squared-error', output: 'reconstruction', target: 'input' }],
        },
        { name: 'classify', goal: 'classify', output: 'logits', epochs: 3, losses: [{ kind: 'cross-entropy', scores: 'logits' }] },
      ],
    },
    spec,
  );
  const write = async (name: string, parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<string> => {
    await writeFile(join(folder, name), parts);
    return join(folder, name);
  };
  const stages: TrainingProcessOrder['stages'][number][] = [];
  for (const [index, { name, goal, input, output, epochs, step, forward }] of graphs.stages.entries()) {
    stages.push({
      ...{ name, goal, input, output, epochs, learningRate: spec.learningRate, schedule: spec.schedule },
      stepPath: await write(`${index}-step.onnx`, streamWritten(writeModel(step))),
      forwardPath: await write(`${index}-forward.onnx`, streamWritten(writeModel(forward))),
    });
  }
  const [train, validation] = [examples(TRAIN, 1), examples(VALIDATION, 2)];
  const tensors = new Map<string, Tensor>([
    ['train.windows', train.windows],
    ['train.labels', train.labels],
    ['validation.windows', validation.windows],
    ['validation.labels', validation.labels],
  ]);
  const progress = { stage: 0, epoch: 0, steps: 0, epochs: [], fingerprint: 'f' };
  const checkpointFolder = join(folder, 'checkpoints');
  await mkdir(checkpointFolder);
  const order: TrainingProcessOrder = {
    ...{ kind: 'training', stages, checkpointFolder, augment: true, seed: 5 },
    dataPath: await write('data.safetensors', encodeTensorFile({ tensors, metadata: {} })),
    startPath: await write('start.safetensors', encodeCheckpoint({ tensors: graphs.tensors, progress })),
    session: { intraOpThreads: 1, spinning: false, graphOptimization: 'all' },
  };
  const read = async (name: string) => decodeCheckpoint(new Uint8Array(await readFile(join(checkpointFolder, name))), name);
  return {
    order,
    resumed: () => ({ ...order, startPath: join(checkpointFolder, 'last.safetensors') }),
    last: () => read('last.safetensors'),
    best: () => read('best.safetensors'),
  };
}

/** Real sessions; says what it was told, until it has heard enough. */
export function tools(said: BenchProcessReport[], stopAfterEpochs = Number.POSITIVE_INFINITY): TrainTools {
  let epochs = 0;
  return {
    say: (report) => {
      said.push(report);
      if (report.kind === 'epoch') epochs += 1;
      if (epochs === stopAfterEpochs) throw new Error('killed');
    },
    open: openSession,
    augment: (from, to, random) => {
      for (const [at, sample] of from.entries()) to[at] = sample + 0.1 * random.next();
    },
    now: () => performance.now(),
  };
}

/** All that is not time. */
export function lossesOf(epochs: readonly EpochFigures[]): unknown[] {
  return epochs.map(({ stage, epoch, learningRate, train, validation, steps }) => [stage, epoch, learningRate, train, validation, steps]);
}

export function epochsIn(said: readonly BenchProcessReport[]): EpochFigures[] {
  return said.flatMap((report) => (report.kind === 'epoch' ? [decodeEpoch(report.epoch)] : []));
}
