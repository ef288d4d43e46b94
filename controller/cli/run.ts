/** `controller run`: from a command line to a table. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { MeshError } from '../../mesh/error.ts';
import type { Split } from '../../partition/split.ts';
import { findZooModel } from '../../partition/zoo/catalogue.ts';
import { MeshSession } from '../deploy/mesh-session.ts';
import { chooseMesh } from '../devices/mesh-choice.ts';
import { planReport } from '../report/run-report.ts';
import { runText } from '../report/run-text.ts';
import { writeReport } from '../report/write-report.ts';
import { makePlan } from '../run/make-plan.ts';
import { ModelPieces, openModel, stagesAtCuts } from '../run/model-pieces.ts';
import { NpyOutput } from '../run/npy-output.ts';
import { openInput } from '../run/open-input.ts';
import { namedDevices, type Placing, placeStages } from '../run/place.ts';
import { parsePlanFile } from '../run/plan-file.ts';
import { type PlannedRun, type PlannedRunResult, runPlan } from '../run/run-plan.ts';
import { cacheFolder, dataFolder } from '../store/folders.ts';
import { Recorder } from '../store/recorder.ts';
import type { Command, Io } from './command.ts';
import { LiveView } from './live-view.ts';
import { parseRunOptions, type RunOptions, runHelp } from './run-options.ts';
import { parseSplit } from './split-spec.ts';

/** When neither --frames nor an input says how many. */
const FRAMES_DEFAULT = 100;

export const runCommand: Command = {
  name: 'run',
  summary: 'cuts a model, streams frames through its stages, measures',
  help: runHelp,
  async run(argv, io) {
    const options = parseRunOptions(argv);
    const view = new LiveView(io);
    try {
      const { report, rows } = await runSplit(options, io, view);
      view.close();
      if (options.report !== undefined) await writeReport(options.report, report, rows);
      io.stdout(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : runText(report, io.columns));
      return verdict(report, io);
    } finally {
      view.close();
    }
  },
};

/** Everything that can be wrong with the command line is found before a mesh is started. */
async function runSplit(options: RunOptions, io: Io, view: LiveView): Promise<PlannedRunResult> {
  view.watch({ kind: 'phase', phase: 'model' });
  const { pieces, planned } = await cutModel(options, io);
  const placing: Placing = { planned, on: options.on };
  const named = namedDevices(placing);
  const choice = chooseMesh(options, io.env);
  const frames = await countFrames(options, pieces);

  view.watch({ kind: 'phase', phase: 'mesh' });
  const warn = (message: string): void => view.watch({ kind: 'warning', message });
  const recorder = await Recorder.open(dataFolder(options.data, io.env), warn);
  try {
    const { listen, insecure } = options;
    const { env, now, signal } = io;
    const mesh = await MeshSession.open({ choice, named, deviceCount: planned.length, listen, insecure, env, now, signal, warn });
    try {
      return await runOn(mesh, recorder, { options, io, view, pieces, placing, frames });
    } finally {
      await mesh.close();
    }
  } finally {
    await recorder.close();
  }
}

interface Prepared {
  readonly options: RunOptions;
  readonly io: Io;
  readonly view: LiveView;
  readonly pieces: ModelPieces;
  readonly placing: Placing;
  readonly frames: number;
}

async function runOn(mesh: MeshSession, recorder: Recorder, prepared: Prepared): Promise<PlannedRunResult> {
  const { options, io, view, pieces, placing, frames } = prepared;
  const run = runName(io.wallClock());
  const devices = placeStages(placing, [...mesh.agents.keys()]);
  const plan = makePlan(pieces.split, devices, options.codec, 1n);
  const shelved = async (split: Split) => new Map([...(await pieces.filesOf(split))].map(([id, files]) => [id, mesh.shelf.add(files)]));
  const outputs = pieces.whole.stages[0]!.outputs.map(({ name }) => name);
  const output = options.output === undefined ? undefined : await NpyOutput.create(options.output, outputs);
  recorder.begin({ run, parent: undefined, startedMs: io.wallClock(), model: pieces.name, plan: JSON.stringify(planReport(plan)) });
  const planned: PlannedRun = {
    run,
    model: pieces.name,
    plan,
    models: await shelved(pieces.split),
    whole: async () => ({ plan: makePlan(pieces.whole, [devices[0]!], 'none', 1n), models: await shelved(pieces.whole) }),
    openInput: () => openInput(options.input, pieces.inputs, options.seed),
    frames,
    verifyFrames: options.verify === 'all' ? frames : Math.min(options.verify, frames),
    output,
    window: options.window,
    rateFps: options.rateFps,
    session: { intraOpThreads: options.threads ?? defaultThreads(mesh), spinning: false, graphOptimization: 'all' },
  };
  try {
    const result = await runPlan(planned, { mesh, recorder, watcher: view.watch, now: io.now, wallClock: io.wallClock, signal: io.signal });
    const { passed } = result.report.verify;
    const ended = { run, endedMs: io.wallClock(), report: JSON.stringify(result.report) };
    recorder.end(passed ? { ...ended, status: 'done', error: undefined } : { ...ended, status: 'failed', error: 'verification failed' });
    return result;
  } catch (thrown) {
    const error = MeshError.from(thrown);
    const status = error.code === 'cancelled' ? 'cancelled' : 'failed';
    recorder.end({ run, endedMs: io.wallClock(), status, error: error.message, report: undefined });
    throw thrown;
  } finally {
    await output?.close();
  }
}

interface Cut {
  readonly pieces: ModelPieces;
  /** What a plan file says of each stage; undefined where it says nothing. */
  readonly planned: readonly (string | undefined)[];
}

async function cutModel(options: RunOptions, io: Io): Promise<Cut> {
  const { model, cuts } = parseSplit(options.split, (name) => findZooModel(name) !== undefined || existsSync(name));
  const opened = await openModel(model, cacheFolder(io.env));
  if (options.plan === undefined) {
    const stages = stagesAtCuts(opened, cuts);
    return { pieces: new ModelPieces(opened, stages), planned: stages.map(() => undefined) };
  }
  if (cuts.length > 0) {
    throw new MeshError('usage', '--plan says what the stages are; --split must name the model without cuts', { hint: `--split ${model}` });
  }
  const stages = parsePlanFile(await readText(options.plan), options.plan, opened.layered.layers.length);
  return { pieces: new ModelPieces(opened, stages), planned: stages.map((stage) => stage.device) };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new MeshError('usage', `--plan: ${path} can't be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Opens the input once to see that it fits, before anything is started. */
async function countFrames(options: RunOptions, pieces: ModelPieces): Promise<number> {
  const input = await openInput(options.input, pieces.inputs, options.seed);
  try {
    return options.frames ?? input.count ?? FRAMES_DEFAULT;
  } finally {
    await input.close();
  }
}

/** On a private mesh all agents share this machine's cores; elsewhere each device decides (0: its own cores). */
function defaultThreads(mesh: MeshSession): number {
  return mesh.local === undefined ? 0 : Math.max(1, Math.floor(availableParallelism() / mesh.agents.size));
}

/** Sorts by time, and two at the same second differ: `20261121-053127-4f1a`. */
function runName(wallClockMs: number): string {
  const [date, time] = new Date(wallClockMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').split('T');
  return `${date}-${time}-${randomBytes(2).toString('hex')}`;
}

function verdict({ verify, frames }: PlannedRunResult['report'], io: Io): number {
  if (!verify.passed) io.stderr('controller: error: verification failed: the split model computes something else than the whole one\n');
  const complete = frames.lost === 0 && frames.duplicated === 0 && frames.outOfOrder === 0;
  if (!complete) io.stderr('controller: error: the output is not complete, each frame once and in order\n');
  return verify.passed && complete ? 0 : 1;
}
