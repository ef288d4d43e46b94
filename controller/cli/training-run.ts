/**
 * A training as a benchmark run: what is prepared before it, and what is brought home after it.
 *
 *     options, or a training to resume ─▶ prepareTraining ─▶ … the run … ─▶ checkpoints        also when the run failed or Ctrl-C ended it
 */
import { rm, stat } from 'node:fs/promises';
import type { BenchRecord } from '../../mesh/bench/record.ts';
import { MeshError } from '../../mesh/error.ts';
import { fileOfCheckpoint } from '../../mesh/training/checkpoint-names.ts';
import type { TrainingSpec } from '../bench/training-spec.ts';
import type { BenchClient } from '../deploy/bench-client.ts';
import { type Collected, collectCheckpoints } from '../training/collect-checkpoints.ts';
import { type PreparedTraining, prepareTraining, type ResumeFrom } from '../training/prepare-training.ts';
import { TrainingFolder } from '../training/training-folder.ts';

/** How long checkpoints may take to come home when nobody waits for more than that. */
const COLLECT_MS = 60_000;

export class TrainingRun implements AsyncDisposable {
  readonly folder: TrainingFolder;
  readonly spec: TrainingSpec;
  readonly resumed: boolean;
  /** Its checkpoints could not be brought home. */
  #left = false;

  private constructor(folder: TrainingFolder, spec: TrainingSpec, resumed: boolean) {
    this.folder = folder;
    this.spec = spec;
    this.resumed = resumed;
  }

  /** `data`: the folder of runs. */
  static begin(data: string, name: string, spec: TrainingSpec): TrainingRun {
    return new TrainingRun(TrainingFolder.of(data, name), spec, false);
  }

  /** Error `not-found` when there is no such training. */
  static async resume(data: string, name: string): Promise<TrainingRun> {
    const folder = await TrainingFolder.find(data, name);
    return new TrainingRun(folder, await folder.spec(), true);
  }

  /** Where an agent of this command's own has its data: when all of it is killed, the checkpoints are there. */
  get agentFolder(): string {
    return this.folder.file('agent');
  }

  /**
   * From the newest checkpoint there is: the device's, when a controller could not bring it home, else the one here. `client`: undefined for one that is new.
   * Errors: those of `prepareTraining`.
   */
  async prepare(client: BenchClient | undefined, signal: AbortSignal): Promise<PreparedTraining> {
    if (client !== undefined) await this.#collect(client, undefined, signal);
    const prepared = await prepareTraining(this.spec, this.folder, this.resumed ? await this.#kept() : undefined, signal);
    const { progress, workload } = prepared;
    const last = workload.stages.length - 1;
    if (progress.stage >= last && progress.epoch >= workload.stages[last]!.epochs)
      throw new MeshError('usage', `training ${this.folder.name} is complete`, {
        hint: `its best model is ${this.folder.file('best.onnx')}`,
      });
    return prepared;
  }

  /** What was learned comes home, whatever came of the run: also when the person stopped it. `say`: a sentence for the person. */
  async around(
    client: BenchClient,
    run: string,
    say: (message: string) => void,
    measure: () => Promise<BenchRecord>,
  ): Promise<BenchRecord> {
    const { name } = this.folder;
    let complete = false;
    try {
      const record = await measure();
      complete = record.outcome.kind === 'ok';
      return record;
    } finally {
      try {
        const { last, best } = await this.#collect(client, run, AbortSignal.timeout(COLLECT_MS));
        if (last === undefined && !this.resumed) say(`training ${name}: no epoch was completed, so there is no checkpoint`);
        else if (!complete) say(`training ${name}: --resume ${name} goes on with it`);
        if (best !== undefined) say(`its best model so far: ${this.folder.file('best.onnx')}`);
      } catch (error) {
        this.#left = true;
        say(`the checkpoints of ${name} are still on ${client.name} (${MeshError.from(error).message}); --resume ${name} gets them`);
      }
    }
  }

  /** When the device is closed: nothing is left of an agent of this command's own that is needed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#left) await rm(this.agentFolder, { recursive: true, force: true });
  }

  #collect(client: BenchClient, run: string | undefined, signal: AbortSignal): Promise<Collected> {
    return collectCheckpoints(client, { run, training: this.folder.name, folder: this.folder, signal });
  }

  async #kept(): Promise<ResumeFrom | undefined> {
    const last = this.folder.file(fileOfCheckpoint('last'));
    const best = this.folder.file(fileOfCheckpoint('best'));
    if (!(await isFile(last))) return undefined;
    return { last, best: (await isFile(best)) ? best : undefined };
  }
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}
