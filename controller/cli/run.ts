/** `controller run`: from a command line to a table. */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { MeshError } from '../../mesh/error.ts';
import type { Split } from '../../partition/split.ts';
import { Digests, stageFiles } from '../../partition/stage-files.ts';
import { Closers } from '../closers.ts';
import { MeshSession } from '../deploy/mesh-session.ts';
import type { StageModel } from '../deploy/stage-order.ts';
import { chooseMesh } from '../devices/mesh-choice.ts';
import { planReport } from '../report/run-report.ts';
import { runText } from '../report/run-text.ts';
import { prepareReportFolder, writeReport } from '../report/write-report.ts';
import { makePlan } from '../run/make-plan.ts';
import { NpyOutput } from '../run/npy-output.ts';
import { npyInputFiles, openInput } from '../run/open-input.ts';
import { leavesOpen, namedDevices, placeStages } from '../run/place.ts';
import { type Balanced, type PreparedRun, placesOf, prepareRun } from '../run/prepare.ts';
import { dataFolder } from '../store/folders.ts';
import { Recorder } from '../store/recorder.ts';
import type { Command, Io } from './command.ts';
import { LiveView } from './live-view.ts';
import { loadModel } from './load-model.ts';
import { parseRunOptions, type RunOptions, runHelp } from './run-options.ts';
import { measureStages, type PlannedRun, type PlannedRunResult, type RunTools, runPlan } from './run-plan.ts';
import { asked } from './usage.ts';

export const runCommand: Command = {
  name: 'run',
  summary: 'cuts a model, streams frames through its stages, measures',
  help: runHelp,
  async run(argv, io) {
    const options = parseRunOptions(argv);
    if (options.report !== undefined) await prepareReportFolder(options.report);
    const view = new LiveView(io);
    try {
      const { report, rows } = await runSplit(options, io, view);
      view.close();
      if (options.report !== undefined) await writeReport(options.report, report, rows);
      io.stdout(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : runText(report, io.tableColumns));
      return verdict(report, io);
    } finally {
      view.close();
    }
  },
};

async function runSplit(options: RunOptions, io: Io, view: LiveView): Promise<PlannedRunResult> {
  const { env, now, signal } = io;
  const choice = chooseMesh(options, env);
  const warn = (message: string): void => view.watch({ kind: 'warning', message });
  const closers = new Closers();
  try {
    view.watch({ kind: 'phase', phase: 'model' });
    const prepared = await asked(() => prepareRun(options, (model) => loadModel(model, io, view.watch)));
    const placing = { planned: prepared.planned, on: options.on };
    const file = options.output;
    const output = file === undefined ? undefined : closers.use(await asked(() => openOutput(file, options.input, prepared)));
    const named = namedDevices(placing);
    const others = leavesOpen(placing);

    view.watch({ kind: 'phase', phase: 'mesh' });
    const recorder = closers.use(await Recorder.open(dataFolder(options.data, env), warn));
    const mesh = closers.use(
      await MeshSession.open({ ...options, choice, named, others, deviceCount: placing.planned.length, env, now, signal, warn }),
    );
    const seats = placeStages(placing, [...mesh.agents.keys()]);
    const tools = { ...io, mesh, recorder, watcher: view.watch };
    const place = { mesh, seats, output, run: runName(io.wallClock()) };
    const first = await planRun(options, prepared, place);
    return await recorded(first, recorder, io, async () => {
      const { balance } = prepared;
      const planned =
        balance === undefined ? first : await planRun(options, { ...prepared, ...(await balanced(first, balance, tools)) }, place);
      const result = await runPlan(planned, tools);
      // Also after a failed verification: whoever looks for the cause needs the numbers.
      if (isComplete(result.report)) await output?.keep();
      return result;
    });
  } finally {
    await closers.close();
  }
}

/** Parts as large as their devices are fast. */
async function balanced(first: PlannedRun, balance: NonNullable<PreparedRun['balance']>, tools: RunTools): Promise<Balanced> {
  const computeMs = await measureStages(first, tools);
  return balance((stage) => computeMs.get(stage));
}

interface Place {
  readonly run: string;
  readonly mesh: MeshSession;
  /** The device of each seat. */
  readonly seats: readonly string[];
  readonly output: NpyOutput | undefined;
}

async function planRun(options: RunOptions, prepared: PreparedRun, { run, mesh, seats, output }: Place): Promise<PlannedRun> {
  const { frames, split, whole, inputs } = prepared;
  // Stages and the whole model share their weights: each is read once.
  const digests = new Digests();
  const modelsOf = async ({ stages }: Split): Promise<Map<string, StageModel>> => {
    const models = new Map<string, StageModel>();
    for (const { id, model } of stages) models.set(id, mesh.shelf.add(await stageFiles(model, digests)));
    return models;
  };
  return {
    run,
    model: prepared.model,
    parallel: prepared.parallel,
    plan: makePlan(split, placesOf(prepared, seats), options.codec, 1n),
    models: await modelsOf(split),
    whole: async () => ({ plan: makePlan(whole, [seats[prepared.seatOf[0]!]!], 'none', 1n), models: await modelsOf(whole) }),
    openInput: () => openInput(options.input, inputs, options.seed),
    frames,
    verifyFrames: options.verify === 'all' ? frames : Math.min(options.verify, frames),
    output,
    window: options.window,
    rateFps: options.rateFps,
    session: { intraOpThreads: options.threads ?? defaultThreads(mesh), spinning: false, graphOptimization: 'all' },
  };
}

/** The run from beginning to end in the store, however it ends. */
async function recorded(planned: PlannedRun, recorder: Recorder, io: Io, work: () => Promise<PlannedRunResult>): Promise<PlannedRunResult> {
  const { run, model, plan } = planned;
  recorder.begin({ run, parent: undefined, startedMs: io.wallClock(), model, plan: JSON.stringify(planReport(plan)) });
  try {
    const result = await work();
    const ended = { run, endedMs: io.wallClock(), report: JSON.stringify(result.report) };
    if (result.report.verify.passed) recorder.end({ ...ended, status: 'done', error: undefined });
    else recorder.end({ ...ended, status: 'failed', error: 'verification failed' });
    return result;
  } catch (thrown) {
    const { code, message } = MeshError.from(thrown);
    recorder.end({
      run,
      endedMs: io.wallClock(),
      status: code === 'cancelled' ? 'cancelled' : 'failed',
      error: message,
      report: undefined,
    });
    throw thrown;
  }
}

function openOutput(path: string, input: string | undefined, { inputs, outputs }: PreparedRun): Promise<NpyOutput> {
  return NpyOutput.create(
    path,
    outputs.map(({ name }) => name),
    input === undefined ? [] : npyInputFiles(input, inputs),
  );
}

/** On a private mesh all agents share this machine's cores; elsewhere each device decides (0: its own cores). */
function defaultThreads(mesh: MeshSession): number {
  return mesh.local === undefined ? 0 : Math.max(1, Math.floor(availableParallelism() / mesh.agents.size));
}

/** Sorts by time, and two of the same second differ: `20261121-053127-4f1a`. */
function runName(wallClockMs: number): string {
  const [date, time] = new Date(wallClockMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').split('T');
  return `${date}-${time}-${randomBytes(2).toString('hex')}`;
}

function isComplete({ frames }: PlannedRunResult['report']): boolean {
  return frames.lost === 0 && frames.duplicated === 0 && frames.outOfOrder === 0;
}

function verdict(report: PlannedRunResult['report'], io: Io): number {
  const { verify } = report;
  if (!verify.passed) {
    io.stderr('controller: error: verification failed: the split model computes something else than the whole one\n');
    io.stderr('controller: hint: a model that draws random numbers always does (RandomNormal, Dropout in training mode): --verify off\n');
  }
  const complete = isComplete(report);
  if (!complete) io.stderr('controller: error: the output is not complete, each frame once and in order\n');
  return verify.passed && complete ? 0 : 1;
}
