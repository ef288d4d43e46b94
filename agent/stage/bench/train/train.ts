/**
 * A training on this device, stage after stage, epoch after epoch, from a checkpoint on. It writes a checkpoint after each epoch and says what the epoch
 * came to.
 *
 *     load ─▶ stage: train ─ validate ─ checkpoint ─▶ train ─ validate ─ checkpoint ─▶ … ─▶ next stage: the optimizer forgets
 */
import { readFileSync } from 'node:fs';
import type { InferenceSession } from 'onnxruntime-node';
import type { Random } from '../../../../mesh/random.ts';
import type { SessionSettings } from '../../../../mesh/session-settings.ts';
import type { Tensor } from '../../../../mesh/tensor.ts';
import { decodeCheckpoint, encodeCheckpoint, type Progress } from '../../../../mesh/training/checkpoint.ts';
import type { EpochFigures, TrainingFigures } from '../../../../mesh/training/figures.ts';
import { learningRateAt } from '../../../../mesh/training/learning-rate.ts';
import { isState } from '../../../../mesh/training-tensors.ts';
import { encodeEpoch, encodeTrainingFigures } from '../../../../mesh/wire-training.ts';
import type { BenchProcessReport, StageFiles, TrainingProcessOrder } from '../protocol.ts';
import { writeCheckpoint } from './checkpoint-files.ts';
import { type Examples, readExamples } from './examples.ts';
import { TrainingStage } from './stage.ts';

export interface TrainTools {
  readonly say: (report: BenchProcessReport) => void;
  readonly open: (path: string, settings: SessionSettings) => Promise<InferenceSession>;
  readonly augment: (from: Float32Array, to: Float32Array, random: Random) => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

const PROGRESS_MS = 200;

/** Errors: `invalid` when files do not fit each other, `failed` when it diverges, `exhausted` when a checkpoint has no room; the runtime's own. */
export async function train(order: TrainingProcessOrder, tools: TrainTools): Promise<void> {
  tools.say({ kind: 'phase', name: 'load' });
  const examples = readExamples(readFileSync(order.dataPath), 'the data set');
  let { tensors, progress } = decodeCheckpoint(readFileSync(order.startPath), 'the checkpoint to start from');
  const resumedAt = progress.epochs.length;
  let sessionMs = 0;
  while (progress.stage < order.stages.length) {
    const files = order.stages[progress.stage]!;
    const startMs = tools.now();
    const stage = await open(order, files, progress.stage, examples, tensors, tools);
    sessionMs += tools.now() - startMs;
    // They live on in the stage, twice.
    tensors = new Map();
    const figures: TrainingFigures = {
      batch: files.input.dims[0]!,
      trainExamples: examples.train.count,
      validationExamples: examples.validation.count,
      ...{ sessionMs, resumedAt, epochs: progress.epochs },
      ...(progress.bestEpoch === undefined ? {} : { bestEpoch: progress.bestEpoch }),
    };
    tools.say({ kind: 'training', figures: encodeTrainingFigures(figures) });
    const isLast = progress.stage === order.stages.length - 1;
    while (progress.epoch < files.epochs) progress = await epoch(stage, files, progress, isLast, order, tools);
    progress = { ...progress, stage: progress.stage + 1, epoch: 0, steps: 0 };
    tensors = modelTensors(stage.tensors);
    await stage.close();
  }
}

/** Returns how far it is afterwards. */
async function epoch(
  stage: TrainingStage,
  files: StageFiles,
  before: Progress,
  isLast: boolean,
  { checkpointFolder }: TrainingProcessOrder,
  { now, say }: TrainTools,
): Promise<Progress> {
  const number = before.epoch + 1;
  const learningRate = learningRateAt(files.learningRate, files.schedule, before.epoch);
  say({ kind: 'phase', name: `${files.name} ${number}/${files.epochs}` });
  const startMs = now();
  let saidMs = startMs;
  const trained = await stage.train(number, learningRate, before.steps, (steps) => {
    if (now() - saidMs < PROGRESS_MS) return;
    saidMs = now();
    say({ kind: 'progress', queries: steps, elapsedMs: saidMs - startMs });
  });
  const validateMs = now();
  const validation = await stage.validate();
  const checkpointMs = now();
  const { loss, accuracy, ...rest } = trained;
  const figures: EpochFigures = {
    ...{ stage: files.name, epoch: number, learningRate, validation, ...rest },
    train: accuracy === undefined ? { loss } : { loss, accuracy },
    validateMs: checkpointMs - validateMs,
  };
  const best = isLast && isBetter(validation, before);
  const after = (epochs: readonly EpochFigures[]): Progress => ({
    ...before,
    epoch: number,
    steps: before.steps + trained.steps,
    epochs,
    ...(best ? { bestEpoch: before.epochs.length } : {}),
  });
  // What writing takes is known when it is written: the checkpoint itself does not say it.
  const written = after([...before.epochs, figures]);
  // First: whoever is killed in between trains this epoch again, and finds what is better than the last.
  if (best) writeCheckpoint(checkpointFolder, 'best', encodeCheckpoint({ tensors: modelTensors(stage.tensors), progress: written }));
  writeCheckpoint(checkpointFolder, 'last', encodeCheckpoint({ tensors: stage.tensors, progress: written }));
  const done = { ...figures, checkpointMs: now() - checkpointMs };
  say({ kind: 'epoch', epoch: encodeEpoch(done), best });
  return after([...before.epochs, done]);
}

/** By accuracy; where there is none, by the loss. The first of equals stays. */
function isBetter({ loss, accuracy }: EpochFigures['validation'], { epochs, bestEpoch }: Progress): boolean {
  const best = bestEpoch === undefined ? undefined : epochs[bestEpoch]!.validation;
  if (best === undefined) return true;
  return accuracy === undefined || best.accuracy === undefined ? loss < best.loss : accuracy > best.accuracy;
}

function modelTensors(tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return new Map([...tensors].filter(([name]) => !isState(name)));
}

async function open(
  { session, augment, seed }: TrainingProcessOrder,
  { stepPath, forwardPath, name, goal, input, output }: StageFiles,
  index: number,
  { train: trainExamples, validation }: { readonly train: Examples; readonly validation: Examples },
  tensors: ReadonlyMap<string, Tensor>,
  tools: TrainTools,
): Promise<TrainingStage> {
  const step = await tools.open(stepPath, session);
  const forward = await tools.open(forwardPath, session);
  return new TrainingStage({
    ...{ name, goal, index, step, forward, input, output, validation, seed, tensors },
    train: trainExamples,
    augment: augment ? tools.augment : undefined,
    now: tools.now,
  });
}
