/**
 * What `controller bench run` is to run: inference, training or a program. From options to a workload, and what belongs around its run.
 */
import type { Workload } from '../../mesh/bench/order.ts';
import type { BenchRecord } from '../../mesh/bench/record.ts';
import type { Parsed } from '../../mesh/command-line.ts';
import { MeshError } from '../../mesh/error.ts';
import { graphOptimizations } from '../../mesh/session-settings.ts';
import { inferWorkload, type PreparedWorkload } from '../bench/infer-workload.ts';
import type { BenchClient } from '../deploy/bench-client.ts';
import { dataFolder } from '../store/folders.ts';
import { busyKinds, limitKinds, loadKinds, modelKinds, parseLoad, parseSeed, parseThreads, placeKinds } from './bench-options.ts';
import type { BenchView } from './bench-view.ts';
import type { Io } from './command.ts';
import { watched } from './live-view.ts';
import { loadModel } from './load-model.ts';
import { needed, oneOf } from './options.ts';
import { programKinds, programOf, programWorkload } from './program-workload.ts';
import { parseTraining, trainingKinds } from './training-options.ts';
import { TrainingRun } from './training-run.ts';
import { asked } from './usage.ts';

export const benchRunKinds = {
  ...placeKinds,
  ...busyKinds,
  ...limitKinds,
  ...modelKinds,
  ...loadKinds,
  ...trainingKinds,
  resume: 'text',
  'no-limits': 'flag',
  'page-cache': 'text',
  'find-peak': 'flag',
  optimization: 'text',
  ...programKinds,
  now: 'flag',
} as const;

export type BenchRunValues = Parsed<typeof benchRunKinds>['values'];
type Words = Pick<Parsed<typeof benchRunKinds>, 'positionals' | 'behind'>;

/** What nobody knows of a program: with what is added to it, an hour. */
export const PROGRAM_MS_MAX = 29.5 * 60_000;
/** It writes checkpoints, so that nothing is lost: a week. */
const TRAINING_MS_MAX = 3.5 * 24 * 3_600_000;
/** Runs of a search for the peak, at most. */
const PEAK_RUNS = 24;

const DURATIONS = { durationMs: 10_000, durationMsMax: 120_000 };
const USAGE_TRAIN = 'controller bench run --mode train --model cnn1d';
/** With which each of the vibration models learns the data set that is made. */
const EPOCHS = 12;

/** What is to run. All that can be found wrong without a device has been. */
export interface BenchJob extends AsyncDisposable {
  readonly kind: Workload['kind'];
  /** How long its measuring may take. */
  readonly longestMs: number;
  /** See BenchDeviceOptions. */
  readonly agentFolder: string | undefined;
  prepare(client: BenchClient): Promise<PreparedWorkload<Workload>>;
  /** Whatever has to be done when the run is over. */
  around(client: BenchClient, run: string, view: BenchView, measure: () => Promise<BenchRecord>): Promise<BenchRecord>;
}

/** Error `usage` for whatever can't be. */
export async function benchJob(values: BenchRunValues, words: Words, name: string, io: Io): Promise<BenchJob> {
  const isTraining = values.resume !== undefined || values.mode === 'train';
  if (isTraining) return await trainingJob(values, words, name, io);
  refuse(values, keysOf(trainingKinds), 'is for --mode train');
  const prepared = await prepare(values, words, io);
  return {
    ...{ kind: prepared.workload.kind, longestMs: longestMs(prepared.workload), agentFolder: undefined },
    prepare: async () => prepared,
    around: (_client, _run, _view, measure) => measure(),
    [Symbol.asyncDispose]: async () => {},
  };
}

async function trainingJob(values: BenchRunValues, { positionals, behind }: Words, name: string, io: Io): Promise<BenchJob> {
  if (positionals.length > 0 || behind !== undefined)
    throw new MeshError('usage', `"${positionals[0] ?? '--'}" was not expected here: a program trains as it likes`);
  refuse(values, [...keysOf(loadKinds), ...keysOf(programKinds), 'optimization', 'find-peak'], 'is not for training');
  const data = dataFolder(values.data, io.env);
  if (values.resume !== undefined)
    refuse(values, [...keysOf(trainingKinds), ...keysOf(modelKinds)], "can't be changed in a training that is resumed");
  const training =
    values.resume === undefined
      ? TrainingRun.begin(
          data,
          name,
          await asked(() => parseTraining(needed(values.model, '--model', USAGE_TRAIN), values, { epochs: EPOCHS })),
        )
      : await asked(() => TrainingRun.resume(data, values.resume!));
  const early = training.resumed ? undefined : await asked(() => training.prepare(undefined, io.signal));
  return {
    ...{ kind: 'training', longestMs: TRAINING_MS_MAX, agentFolder: training.agentFolder },
    prepare: async (client) => {
      if (early !== undefined) return early;
      const prepared = await training.prepare(client, io.signal);
      const { length } = prepared.progress.epochs;
      io.stderr(`controller: training ${training.folder.name} goes on after ${length} ${length === 1 ? 'epoch' : 'epochs'}\n`);
      return prepared;
    },
    around: (client, run, view, measure) => training.around(client, run, (message) => view.say(message), measure),
    [Symbol.asyncDispose]: () => training[Symbol.asyncDispose](),
  };
}

async function prepare(values: BenchRunValues, { positionals, behind }: Words, io: Io): Promise<PreparedWorkload<Workload>> {
  if (values.model === undefined) {
    const argv = programOf(positionals, behind);
    refuse(values, [...keysOf(modelKinds), ...keysOf(loadKinds), 'optimization', 'find-peak'], 'is for models, not for programs');
    return await programWorkload(argv, values.with, values.env, io.signal);
  }
  if (positionals.length > 0)
    throw new MeshError('usage', `"${positionals[0]}" was not expected here: --model and a program are two benchmarks`);
  refuse(values, keysOf(programKinds), 'is for programs, not for models');
  oneOf('--mode', values.mode ?? 'infer', ['infer', 'train']);
  const load = parseLoad(values, DURATIONS);
  const findPeak = values['find-peak'] === true;
  if (findPeak && load.scenario.kind !== 'server') throw new MeshError('usage', '--find-peak wants --scenario server');
  const seed = parseSeed(values.seed);
  const graphOptimization = oneOf('--optimization', values.optimization ?? 'all', graphOptimizations);
  const session = { intraOpThreads: parseThreads(values.threads), spinning: false, graphOptimization };
  const resolved = await watched(io, (watch) => asked(() => loadModel(values.model!, io, watch)));
  return await inferWorkload(resolved, { session, load, findPeak, seed }, io.signal);
}

function keysOf<K extends object>(kinds: K): (keyof K)[] {
  return Object.keys(kinds) as (keyof K)[];
}

/** Error `usage` when one of the options was given. */
function refuse(values: BenchRunValues, options: readonly (keyof BenchRunValues)[], why: string): void {
  const alien = options.find((option) => values[option] !== undefined);
  if (alien !== undefined) throw new MeshError('usage', `--${alien} ${why}`);
}

function longestMs(workload: Workload): number {
  if (workload.kind === 'command') return PROGRAM_MS_MAX;
  if (workload.kind !== 'inference') return TRAINING_MS_MAX;
  return workload.load.durationMsMax * (workload.findPeak ? PEAK_RUNS : 1);
}
