/**
 * Training, as it is asked for and as it went: our types ↔ protobuf. Validated once, here.
 */
import {
  EpochFigures as WireEpoch,
  TrainingFigures as WireFigures,
  type GoalFigures as WireGoal,
  type LearningRateSchedule as WireSchedule,
  type TrainingStage as WireStage,
  type TrainingWorkload as WireWorkload,
} from '../proto/gen/mesh/v1/bench.ts';
import { MeshError } from './error.ts';
import { blobFromWire, blobToWire } from './files/wire.ts';
import { checkName } from './name.ts';
import type { EpochFigures, GoalFigures, TrainingFigures } from './training/figures.ts';
import { type LearningRateSchedule, schedules } from './training/learning-rate.ts';
import { goals, type TrainingStage, type TrainingWorkload } from './training/workload.ts';
import { choiceFromWire, numberFromWire, optional, required } from './wire-number.ts';
import { sessionSettingsFromWire } from './wire-session.ts';
import { tensorSpecFromWire, tensorSpecToWire } from './wire-tensor.ts';

const STAGES_MAX = 16;
/** Of all stages: each leaves figures in the record. */
export const EPOCHS_MAX = 10_000;

export function trainingToWire({ training, stages, data, start, best, session, augment, seed }: TrainingWorkload): WireWorkload {
  return {
    ...{ training, augment, seed },
    stages: stages.map(stageToWire),
    data: blobToWire(data),
    start: blobToWire(start),
    best: best === undefined ? undefined : blobToWire(best),
    session: { ...session },
  };
}

/** Error `invalid` names the field that makes no sense. */
export function trainingFromWire(wire: WireWorkload): TrainingWorkload {
  if (wire.stages.length === 0 || wire.stages.length > STAGES_MAX)
    throw new MeshError('invalid', `a training of ${wire.stages.length} stages: expected 1 to ${STAGES_MAX}`);
  const epochs = wire.stages.reduce((sum, stage) => sum + stage.epochs, 0);
  if (epochs > EPOCHS_MAX) throw new MeshError('invalid', `a training of ${epochs} epochs: expected at most ${EPOCHS_MAX}`);
  return {
    kind: 'training',
    training: checkName(wire.training, 'training'),
    stages: wire.stages.map(stageFromWire),
    data: blobFromWire(wire.data),
    start: blobFromWire(wire.start),
    best: wire.best === undefined ? undefined : blobFromWire(wire.best),
    session: sessionSettingsFromWire(required(wire.session, 'session')),
    augment: wire.augment,
    seed: wire.seed,
  };
}

function stageToWire({ step, forward, input, schedule, ...rest }: TrainingStage): WireStage {
  return {
    ...rest,
    step: blobToWire(step),
    forward: blobToWire(forward),
    input: tensorSpecToWire(input),
    schedule: { gamma: 0, every: 0, ...schedule, steps: schedule.kind === 'step' ? [...schedule.steps] : [] },
  };
}

function stageFromWire(wire: WireStage): TrainingStage {
  const { name, output, epochs, learningRate } = wire;
  const input = tensorSpecFromWire(required(wire.input, 'the input of a stage'));
  if (input.dims.length === 0 || input.dims.some((dim) => dim < 1))
    throw new MeshError('invalid', `the input of a stage is [${input.dims}]: expected [batch, …], all of them known`);
  if (epochs < 1) throw new MeshError('invalid', 'a stage of no epoch');
  if (!(learningRate > 0 && Number.isFinite(learningRate)))
    throw new MeshError('invalid', `learning_rate is ${learningRate}: expected more than 0`);
  return {
    ...{ name, output, epochs, learningRate, input },
    goal: choiceFromWire(wire.goal, goals, 'goal'),
    step: blobFromWire(wire.step),
    forward: blobFromWire(wire.forward),
    schedule: scheduleFromWire(required(wire.schedule, 'schedule')),
  };
}

function scheduleFromWire({ kind: said, gamma, steps, every }: WireSchedule): LearningRateSchedule {
  const kind = choiceFromWire(said, schedules, 'schedule');
  if (kind === 'fix') return { kind };
  if (!(gamma > 0 && Number.isFinite(gamma))) throw new MeshError('invalid', `gamma is ${gamma}: expected more than 0`);
  if (kind === 'exp') return { kind, gamma };
  if (kind === 'step') return { kind, gamma, steps };
  if (every < 1) throw new MeshError('invalid', 'a learning rate that changes every 0 epochs');
  return { kind, gamma, every };
}

export function trainingFiguresToWire({ trainExamples, validationExamples, epochs, ...rest }: TrainingFigures): WireFigures {
  return {
    bestEpoch: undefined,
    ...rest,
    trainExamples: BigInt(trainExamples),
    validationExamples: BigInt(validationExamples),
    epochs: epochs.map(epochToWire),
  };
}

/** Error `invalid` for whatever can't be. */
export function trainingFiguresFromWire(wire: WireFigures): TrainingFigures {
  const { batch, sessionMs, bestEpoch, resumedAt } = wire;
  const epochs = wire.epochs.map(epochFromWire);
  if (bestEpoch !== undefined && bestEpoch >= epochs.length)
    throw new MeshError('invalid', `the best of ${epochs.length} epochs is said to be number ${bestEpoch}, counted from 0`);
  return {
    ...{ batch, sessionMs, epochs, resumedAt },
    trainExamples: numberFromWire(wire.trainExamples, 'train_examples'),
    validationExamples: numberFromWire(wire.validationExamples, 'validation_examples'),
    ...optional('bestEpoch', bestEpoch),
  };
}

export function epochToWire({ train, validation, ...rest }: EpochFigures): WireEpoch {
  return { checkpointMs: undefined, ...rest, train: goalToWire(train), validation: goalToWire(validation) };
}

/** Error `invalid` when something is missing. */
export function epochFromWire({ train, validation, ...rest }: WireEpoch): EpochFigures {
  const { stage, epoch, learningRate, batchesMs, stepsMs, validateMs, checkpointMs, steps } = rest;
  return {
    ...{ stage, epoch, learningRate, batchesMs, stepsMs, validateMs, steps },
    ...optional('checkpointMs', checkpointMs),
    train: goalFromWire(train),
    validation: goalFromWire(validation),
  };
}

function goalToWire({ loss, accuracy }: GoalFigures): WireGoal {
  return { loss, accuracy };
}

function goalFromWire(wire: WireGoal | undefined): GoalFigures {
  const { loss, accuracy } = required(wire, 'figures of an epoch');
  return { loss, ...optional('accuracy', accuracy) };
}

export function encodeTrainingFigures(figures: TrainingFigures): Uint8Array {
  return WireFigures.encode(trainingFiguresToWire(figures)).finish();
}

/** Error `invalid` for bytes that are no figures. */
export function decodeTrainingFigures(bytes: Uint8Array): TrainingFigures {
  try {
    return trainingFiguresFromWire(WireFigures.decode(bytes));
  } catch (error) {
    throw MeshError.from(error, 'invalid');
  }
}

export function encodeEpoch(epoch: EpochFigures): Uint8Array {
  return WireEpoch.encode(epochToWire(epoch)).finish();
}

/** Error `invalid` for bytes that are no epoch. */
export function decodeEpoch(bytes: Uint8Array): EpochFigures {
  try {
    return epochFromWire(WireEpoch.decode(bytes));
  } catch (error) {
    throw MeshError.from(error, 'invalid');
  }
}
