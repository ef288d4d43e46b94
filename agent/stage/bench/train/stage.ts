/**
 * One stage of a training on this device: its two graphs as sessions, the tensors it keeps, and an epoch at a time.
 *
 *     epoch:  for each batch: kept, batch ─▶ step ─▶ kept, loss        then for each batch of the validation: kept, batch ─▶ forward ─▶ score
 */
import { type InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { MeshError } from '../../../../mesh/error.ts';
import type { Tensor } from '../../../../mesh/tensor.ts';
import type { GoalFigures } from '../../../../mesh/training/figures.ts';
import type { Goal } from '../../../../mesh/training/workload.ts';
import { CORRECT, LABELS, LEARNING_RATE, LOSS, SEED, STEP } from '../../../../mesh/training-tensors.ts';
import { type Augment, type Batch, type Examples, emptyBatch, fill, orderOf, randomOf } from './examples.ts';
import { scoreOf } from './goal.ts';
import { KeptTensors } from './kept-tensors.ts';

export interface StageOptions {
  readonly name: string;
  readonly goal: Goal;
  /** Number of the stage, for its random numbers. */
  readonly index: number;
  readonly step: InferenceSession;
  readonly forward: InferenceSession;
  readonly input: { readonly name: string; readonly dims: readonly number[] };
  readonly output: string;
  readonly train: Examples;
  readonly validation: Examples;
  readonly augment: Augment | undefined;
  readonly seed: number;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

export interface TrainedEpoch extends GoalFigures {
  readonly steps: number;
  readonly batchesMs: number;
  readonly stepsMs: number;
}

export class TrainingStage {
  readonly #options: StageOptions;
  readonly #kept: KeptTensors;
  readonly #batch: Batch;
  readonly #windows: OrtTensor;
  readonly #labels: OrtTensor;

  /** Errors: `invalid` when data, graphs and checkpoint do not fit each other. */
  constructor(options: StageOptions) {
    const { input, train, validation, step, forward, tensors } = options;
    this.#options = options;
    this.#batch = emptyBatch(input.dims, train);
    if (train.count < this.#batch.labels.length)
      throw new MeshError('invalid', `${train.count} examples to train with are fewer than one batch of ${this.#batch.labels.length}`);
    emptyBatch(input.dims, validation);
    this.#windows = new OrtTensor('float32', this.#batch.windows, input.dims);
    this.#labels = new OrtTensor('int64', this.#batch.labels, [this.#batch.labels.length]);
    this.#kept = new KeptTensors(step, tensors);
    const missing = forward.inputNames.filter((name) => name !== input.name && !(name in this.#kept.feeds([name])));
    if (missing.length > 0) throw new MeshError('invalid', `stage ${options.name} does not train "${missing[0]}", which its model reads`);
  }

  get tensors(): Map<string, Tensor> {
    return this.#kept.tensors();
  }

  get stepsOfEpoch(): number {
    return Math.floor(this.#options.train.count / this.#batch.labels.length);
  }

  /**
   * `epoch`: from 1. `stepsBefore`: of the stage. Error `failed` when the loss is no number any more. `onStep`: how many are behind.
   */
  async train(epoch: number, learningRate: number, stepsBefore: number, onStep: (steps: number) => void): Promise<TrainedEpoch> {
    const { index, train, augment, seed, now, name } = this.#options;
    const startMs = now();
    const order = orderOf(train.count, randomOf(seed, index, epoch));
    const augmented =
      augment === undefined ? undefined : { augment, random: (example: number) => randomOf(seed, index, epoch, example + 1) };
    const size = this.#batch.labels.length;
    const steps = this.stepsOfEpoch;
    let lossSum = 0;
    let correct: number | undefined;
    let stepsMs = 0;
    for (let step = 0; step < steps; step += 1) {
      fill(this.#batch, train, order, step * size, augmented);
      const beganMs = now();
      const made = await this.#step(learningRate, stepsBefore + step + 1);
      stepsMs += now() - beganMs;
      if (!Number.isFinite(made.loss))
        throw new MeshError('failed', `the loss is ${made.loss} at step ${step + 1} of epoch ${epoch} of ${name}: it diverges`, {
          hint: 'try a smaller learning rate',
        });
      lossSum += made.loss;
      if (made.correct !== undefined) correct = (correct ?? 0) + made.correct;
      onStep(step + 1);
    }
    return {
      loss: lossSum / steps,
      ...(correct === undefined ? {} : { accuracy: correct / (steps * size) }),
      ...{ steps, stepsMs, batchesMs: now() - startMs - stepsMs },
    };
  }

  async validate(): Promise<GoalFigures> {
    const { validation, forward, input, output, goal } = this.#options;
    const order = Uint32Array.from({ length: validation.count }, (_, index) => index);
    const feeds = { ...this.#kept.feeds(forward.inputNames), [input.name]: this.#windows };
    let loss = 0;
    let correct: number | undefined;
    for (let from = 0; from < validation.count; from += this.#batch.labels.length) {
      fill(this.#batch, validation, order, from, undefined);
      const made = await forward.run(feeds, [output]);
      const score = scoreOf(goal, made[output]!.data as Float32Array, this.#batch);
      loss += score.loss;
      if (score.correct !== undefined) correct = (correct ?? 0) + score.correct;
    }
    return { loss: loss / validation.count, ...(correct === undefined ? {} : { accuracy: correct / validation.count }) };
  }

  /** Its sessions are of no use any more. */
  async close(): Promise<void> {
    await this.#options.step.release();
    await this.#options.forward.release();
  }

  async #step(learningRate: number, number: number): Promise<{ loss: number; correct: number | undefined }> {
    const { step, input, seed, index } = this.#options;
    const given = {
      ...this.#kept.feeds(step.inputNames),
      [input.name]: this.#windows,
      [LABELS]: this.#labels,
      [LEARNING_RATE]: scalar('float32', learningRate),
      [STEP]: scalar('float32', number),
      [SEED]: scalar('int64', randomOf(seed, index, number).bits() >>> 0),
    };
    const feeds = Object.fromEntries(step.inputNames.map((name) => [name, given[name]!]));
    const results = Object.fromEntries([LOSS, CORRECT].filter((name) => step.outputNames.includes(name)).map((name) => [name, null]));
    const made = await step.run(feeds, { ...results, ...this.#kept.targets() });
    this.#kept.swap();
    return { loss: Number(made[LOSS]!.data[0]), correct: CORRECT in results ? Number(made[CORRECT]!.data[0]) : undefined };
  }
}

function scalar(dtype: 'float32' | 'int64', value: number): OrtTensor {
  return dtype === 'float32'
    ? new OrtTensor('float32', Float32Array.of(value), [])
    : new OrtTensor('int64', BigInt64Array.of(BigInt(value)), []);
}
