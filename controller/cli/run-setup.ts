/**
 * What a command that runs a model needs around it, from beginning to end: the model, the mesh, the store; and how a cut becomes a run.
 */
import { availableParallelism } from 'node:os';
import { MeshError } from '../../mesh/error.ts';
import type { Epoch, FrameId } from '../../mesh/frame.ts';
import type { TimingItem } from '../../mesh/timing/workload.ts';
import { AUTO_CODEC } from '../../partition/plan.ts';
import type { Split } from '../../partition/split.ts';
import { Digests, stageFiles } from '../../partition/stage-files.ts';
import { Closers } from '../closers.ts';
import type { BlobShelf } from '../deploy/blob-shelf.ts';
import { MeshSession } from '../deploy/mesh-session.ts';
import type { StageModel } from '../deploy/stage-order.ts';
import { chooseMesh } from '../devices/mesh-choice.ts';
import { activationsOf } from '../profile/fused-activation.ts';
import { preparedProbe } from '../profile/subjects/make-subjects.ts';
import { SPEED_PROBE } from '../profile/subjects/probes.ts';
import { planReport } from '../report/run-report.ts';
import { makePlan } from '../run/make-plan.ts';
import { NpyOutput } from '../run/npy-output.ts';
import { npyInputFiles, openInput } from '../run/open-input.ts';
import { leavesOpen, namedDevices, placeStages, spareDevices } from '../run/place.ts';
import { type PreparedRun, placesOf, prepareRun, wholeCut } from '../run/prepare.ts';
import type { Watcher } from '../run/run-events.ts';
import type { RunOutput } from '../run/run-output.ts';
import type { Verification } from '../run/verify.ts';
import { cacheFolder, dataFolder } from '../store/folders.ts';
import { Recorder } from '../store/recorder.ts';
import type { Io } from './command.ts';
import { loadModel } from './load-model.ts';
import type { PlannedRun, PlanRun, RunTools } from './planned-run.ts';
import { runName } from './run-name.ts';
import type { RunOptions } from './run-options.ts';
import { asked } from './usage.ts';

export interface RunSetup {
  readonly prepared: PreparedRun;
  readonly tools: RunTools;
  readonly planRun: PlanRun;
  /** The cut as it was asked for; of `@auto`, the whole model on some device. */
  readonly first: PlannedRun;
  /** The devices of the first's seats. */
  readonly seats: readonly string[];
  readonly output: RunOutput | undefined;
}

/** What a process knows that carries a run on which others began, or will. */
export interface Continuation {
  readonly run: string;
  /** For a person: the model. */
  readonly model: string;
  /** Of its first plan. */
  readonly epoch: Epoch;
  /** Opens what the run writes, and says from which frame on. */
  readonly open: (prepared: PreparedRun) => Promise<{ readonly output: RunOutput; readonly first: FrameId }>;
  readonly verified: Verification | undefined;
  readonly onVerified: (found: Verification) => void;
}

/** Devices of a private mesh that is to be planned for, at most: more would only share the same cores. */
const LOCAL_DEVICES_MAX = 4;

/** Opens all of it, lets `work` use it, and closes it in any case. Errors: whatever is wrong with the command line, before anything is started. */
export async function withMesh<T>(
  options: RunOptions,
  io: Io,
  view: { readonly watch: Watcher },
  work: (setup: RunSetup) => Promise<T>,
  continued?: Continuation,
): Promise<T> {
  const { env, now, signal } = io;
  const choice = chooseMesh(options, env);
  const warn = (message: string): void => view.watch({ kind: 'warning', message });
  const closers = new Closers();
  try {
    view.watch({ kind: 'phase', phase: 'model' });
    const found = await asked(() => prepareRun(options, (model) => loadModel(model, io, view.watch)));
    const prepared = continued === undefined ? found : { ...found, model: continued.model };
    const { cut } = prepared;
    const auto = cut === undefined;
    const placing = { planned: cut?.planned ?? [], on: options.on };
    const file = options.output;
    const { output, first: begin = 0n } = (await continued?.open(prepared)) ?? {
      output: file === undefined ? undefined : await asked(() => openOutput(file, options, prepared)),
    };
    if (output !== undefined) closers.use(output);
    const named = auto ? options.on : namedDevices(placing);
    const others = options.spares > 0 || (auto ? options.on.length === 0 : leavesOpen(placing));
    const deviceCount = (auto ? Math.max(options.on.length, localDevices()) : placing.planned.length) + options.spares;

    view.watch({ kind: 'phase', phase: 'mesh' });
    const recorder = closers.use(await Recorder.open(dataFolder(options.data, env), warn));
    const mesh = closers.use(await MeshSession.open({ ...options, choice, named, others, deviceCount, env, now, signal, warn }));
    const available = [...mesh.agents.keys()];
    const seats = auto ? available.slice(0, 1) : placeStages(placing, available);
    const spares = spareDevices(options.spares, available, auto ? [...seats, ...options.on] : seats);
    const planRun = runPlanner(options, prepared, {
      mesh,
      spares,
      output,
      begin,
      continued,
      run: continued?.run ?? runName(io.wallClock()),
      speedProbe: await speedProbe(mesh.shelf, cacheFolder(env), signal, warn),
    });
    const first = await planRun(cut ?? wholeCut(prepared), seats);
    return await work({ prepared, tools: { ...io, mesh, recorder, watcher: view.watch }, planRun, first, seats, output });
  } finally {
    await closers.close();
  }
}

interface Place {
  readonly run: string;
  readonly mesh: MeshSession;
  readonly spares: readonly string[];
  readonly output: RunOutput | undefined;
  /** The first frame. */
  readonly begin: FrameId;
  readonly continued: Continuation | undefined;
  readonly speedProbe: TimingItem | undefined;
}

function runPlanner(
  options: RunOptions,
  prepared: PreparedRun,
  { run, mesh, spares, output, begin, continued, speedProbe }: Place,
): PlanRun {
  const { frames, whole, inputs } = prepared;
  const { codecs } = options;
  const epoch = continued?.epoch ?? 1n;
  // Stages and the whole model share their weights: each is read once.
  const digests = new Digests();
  const modelsOf = async ({ stages }: Split): Promise<Map<string, StageModel>> => {
    const models = new Map<string, StageModel>();
    for (const { id, model } of stages) models.set(id, mesh.shelf.add(await stageFiles(model, digests)));
    return models;
  };
  return async (cut, seats) => ({
    run,
    model: prepared.model,
    parallel: cut.parallel,
    plan: makePlan(cut.split, placesOf(cut, seats), codecs.budget === undefined ? codecs.codec : AUTO_CODEC, epoch),
    codecs,
    activations: activationsOf(prepared.layered.graph),
    models: await modelsOf(cut.split),
    whole: async () => ({ plan: makePlan(whole, [seats[cut.seatOf[0]!]!], 'none', epoch), models: await modelsOf(whole) }),
    openInput: () => openInput(options.input, inputs, options.seed),
    frames,
    first: begin,
    verified: continued?.verified,
    onVerified: continued?.onVerified,
    verifyFrames: options.verify === 'all' ? frames : Math.min(options.verify, frames),
    output,
    window: options.window,
    rateFps: options.rateFps,
    spares,
    dropping: options.dropping,
    weight: options.weight,
    speedProbe,
    session: { intraOpThreads: options.threads ?? defaultThreads(mesh), spinning: false, graphOptimization: 'all' },
  });
}

/** Put where devices get it from. Undefined when it can't be made: the run goes on without. */
async function speedProbe(
  shelf: BlobShelf,
  cacheDir: string,
  signal: AbortSignal,
  warn: (message: string) => void,
): Promise<TimingItem | undefined> {
  try {
    const { item, paths } = await preparedProbe(SPEED_PROBE, { cacheDir, signal });
    for (const path of paths.values()) await shelf.addFile(path, signal);
    return item;
  } catch (error) {
    signal.throwIfAborted();
    warn(`how fast devices are during the run is not looked at: ${MeshError.from(error).message}`);
    return undefined;
  }
}

/** How a recorded run ended. */
export interface Outcome {
  readonly report?: string;
  readonly error?: string;
}

/** The run from beginning to end in the store, however it ends. */
export async function recorded<T>(
  { run, model, plan }: PlannedRun,
  { recorder, wallClock }: Pick<RunTools, 'recorder' | 'wallClock'>,
  work: () => Promise<T>,
  outcomeOf: (result: T) => Outcome,
): Promise<T> {
  recorder.begin({ run, parent: undefined, startedMs: wallClock(), model, plan: JSON.stringify(planReport(plan)) });
  try {
    const result = await work();
    const { report, error } = outcomeOf(result);
    recorder.end({ run, endedMs: wallClock(), status: error === undefined ? 'done' : 'failed', error, report });
    return result;
  } catch (thrown) {
    const { code, message } = MeshError.from(thrown);
    recorder.end({
      run,
      endedMs: wallClock(),
      status: code === 'cancelled' ? 'cancelled' : 'failed',
      error: message,
      report: undefined,
    });
    throw thrown;
  }
}

function openOutput(path: string, { input, dropping }: RunOptions, { inputs, outputs }: PreparedRun): Promise<NpyOutput> {
  return NpyOutput.create(
    path,
    outputs.map(({ name }) => name),
    input === undefined ? [] : npyInputFiles(input, inputs),
    dropping !== undefined,
  );
}

/** How many devices a private mesh has when the plan is to be found: a core for each, but enough to have a choice, and not more than help. */
function localDevices(): number {
  return Math.min(LOCAL_DEVICES_MAX, Math.max(2, availableParallelism()));
}

/** On a private mesh all agents share this machine's cores; elsewhere each device decides (0: its own cores). */
function defaultThreads(mesh: MeshSession): number {
  return mesh.local === undefined ? 0 : Math.max(1, Math.floor(availableParallelism() / mesh.agents.size));
}
