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
import { type PreparedCut, type PreparedRun, placesOf, prepareRun, wholeCut } from '../run/prepare.ts';
import { dataFolder } from '../store/folders.ts';
import { Recorder } from '../store/recorder.ts';
import { automaticRun } from './automatic-run.ts';
import type { Command, Io } from './command.ts';
import { LiveView } from './live-view.ts';
import { loadModel } from './load-model.ts';
import { parseRunOptions, type RunOptions, runHelp } from './run-options.ts';
import { measureStages, type PlannedRun, type PlannedRunResult, type PlanRun, type RunTools, runPlan } from './run-plan.ts';
import { asked } from './usage.ts';

const LOCAL_DEVICES_MAX = 4;

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
    const { cut } = prepared;
    const auto = cut === undefined;
    const placing = { planned: cut?.planned ?? [], on: options.on };
    const file = options.output;
    const output = file === undefined ? undefined : closers.use(await asked(() => openOutput(file, options.input, prepared)));
    const named = auto ? options.on : namedDevices(placing);
    const others = auto ? options.on.length === 0 : leavesOpen(placing);
    const deviceCount = auto ? Math.max(options.on.length, localDevices()) : placing.planned.length;

    view.watch({ kind: 'phase', phase: 'mesh' });
    const recorder = closers.use(await Recorder.open(dataFolder(options.data, env), warn));
    const mesh = closers.use(await MeshSession.open({ ...options, choice, named, others, deviceCount, env, now, signal, warn }));
    const tools = { ...io, mesh, recorder, watcher: view.watch };
    const planRun = runPlanner(options, prepared, { mesh, output, run: runName(io.wallClock()) });
    const available = [...mesh.agents.keys()];
    const first = auto ? await planRun(wholeCut(prepared), [available[0]!]) : await planRun(cut, placeStages(placing, available));
    return await recorded(first, recorder, io, async () => {
      const chosen =
        cut === undefined
          ? await automaticRun(first, prepared, options, planRun, tools)
          : { planned: await balancedRun(first, cut, placeStages(placing, available), planRun, tools), learn: async () => {} };
      const result = await runPlan(chosen.planned, tools);
      await chosen.learn(result.rows);
      // Also after a failed verification: whoever looks for the cause needs the numbers.
      if (isComplete(result.report)) await output?.keep();
      return result;
    });
  } finally {
    await closers.close();
  }
}

/** Parts as large as their devices are fast, if that was wanted. */
async function balancedRun(
  first: PlannedRun,
  cut: PreparedCut,
  seats: readonly string[],
  planRun: PlanRun,
  tools: RunTools,
): Promise<PlannedRun> {
  const { balance } = cut;
  if (balance === undefined) return first;
  const computeMs = await measureStages(first, tools);
  return await planRun({ ...cut, ...balance((stage) => computeMs.get(stage)) }, seats);
}

interface Place {
  readonly run: string;
  readonly mesh: MeshSession;
  readonly output: NpyOutput | undefined;
}

function runPlanner(options: RunOptions, prepared: PreparedRun, { run, mesh, output }: Place): PlanRun {
  const { frames, whole, inputs } = prepared;
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
    plan: makePlan(cut.split, placesOf(cut, seats), options.codec, 1n),
    models: await modelsOf(cut.split),
    whole: async () => ({ plan: makePlan(whole, [seats[cut.seatOf[0]!]!], 'none', 1n), models: await modelsOf(whole) }),
    openInput: () => openInput(options.input, inputs, options.seed),
    frames,
    verifyFrames: options.verify === 'all' ? frames : Math.min(options.verify, frames),
    output,
    window: options.window,
    rateFps: options.rateFps,
    session: { intraOpThreads: options.threads ?? defaultThreads(mesh), spinning: false, graphOptimization: 'all' },
  });
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

/** How many devices a private mesh has when the plan is to be found: a core for each, but enough to have a choice, and not more than help. */
function localDevices(): number {
  return Math.min(LOCAL_DEVICES_MAX, Math.max(2, availableParallelism()));
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
