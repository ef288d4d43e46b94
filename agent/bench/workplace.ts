/**
 * Where a benchmark run takes place: a folder of its own with its files, gone afterwards, and the program that is started there.
 *
 *     bench/<run>/model/…     inference: links to blobs, under the names the model uses
 *     bench/<run>/items/<n>/… timing: the same for each of its models, speed-probe for its probe
 *     bench/<run>/stages/…    training: links to its graphs; data, start         training/<name>/…  its checkpoints, which stay (checkpoint-shelf.ts)
 *     bench/<run>/work/…      command: its working folder with copies of the files that came along; it may do there what it likes
 *     bench/<run>/metrics     command: a pipe, see metrics-pipe.ts
 */
import { constants } from 'node:fs';
import { access, chmod, copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { BenchLimits, BenchOrder, CommandWorkload, InferenceWorkload, Workload } from '../../mesh/bench/order.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Blob } from '../../mesh/files/blob.ts';
import { fsError } from '../../mesh/files/fs-error.ts';
import type { SessionSettings } from '../../mesh/session-settings.ts';
import type { TimingItem, TimingWorkload } from '../../mesh/timing/workload.ts';
import type { TrainingWorkload } from '../../mesh/training/workload.ts';
import { parseCpuList } from '../cgroup/cpu-list.ts';
import type { CgroupLimits } from '../cgroup/hierarchy.ts';
import { type FindBlob, place, placeModel } from '../files/place-model.ts';
import type { BenchProcessOrder, ItemFiles, StageFiles } from '../stage/bench/protocol.ts';
import { stageResources } from '../stages/resources.ts';
import { MetricsPipe } from './metrics-pipe.ts';
import { killTree } from './process-tree.ts';

export interface WorkplaceOptions {
  readonly dataFolder: string;
  readonly findBlob: FindBlob;
  readonly cores: number;
  readonly deviceLimits: CgroupLimits;
  /** The Node that runs the program of inference, the program, and all it sees of the environment. */
  readonly node: string;
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  /** What such a process reads besides its model: the runtime's own. */
  readonly runtimeFiles: readonly string[];
  /** An empty folder for the checkpoints of a training, or with the best one so far. */
  readonly checkpointFolder: (training: string, best: Blob | undefined) => Promise<string>;
}

/** In the environment of every process of a run. */
const MARKER = 'SPLITMESH_BENCH';
/** Of a command: where it may write metrics. */
const METRICS = 'SPLITMESH_METRICS';
/** The first process of the run is gone. */
const NOBODY = 0;

/** NAME=VALUE; see process-tree.ts. */
export function markerOf(run: string): string {
  return `${MARKER}=${run}`;
}

export interface Workplace {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Of a model. */
  readonly order?: BenchProcessOrder;
  readonly intraOpThreads?: number;
  readonly heapMiBMax?: number;
  /** Of a command. */
  readonly metricsPipe?: string;
  /** What it will read, as far as that is known. */
  readonly files: readonly string[];
  remove(): Promise<void>;
}

export class Workplaces {
  readonly #options: WorkplaceOptions;
  readonly #root: string;

  constructor(options: WorkplaceOptions) {
    this.#options = options;
    this.#root = join(options.dataFolder, 'bench');
  }

  /** Ends and removes what an agent that did not end in order left behind: whose folder is there was running. `root`: where /proc is. */
  async removeStale(root: string): Promise<void> {
    for (const run of await readdir(this.#root).catch(() => [])) await killTree(NOBODY, markerOf(run), root);
    await rm(this.#root, { recursive: true, force: true });
  }

  /** Errors: `not-found` for a missing blob or program, `invalid` for a name that is none, `exhausted` when the disk is full. */
  async prepare({ run, workload, limits }: BenchOrder): Promise<Workplace> {
    const root = join(this.#root, run);
    const remove = (): Promise<void> => rm(root, { recursive: true, force: true });
    try {
      await remove();
      return { ...(await this.#prepared(run, workload, limits, root)), remove };
    } catch (error) {
      await remove();
      throw fsError(error, `make a folder for ${run}`);
    }
  }

  #prepared(run: string, workload: Workload, limits: BenchLimits, root: string): Promise<Omit<Workplace, 'remove'>> {
    switch (workload.kind) {
      case 'inference':
        return this.#inference(run, workload, limits, root);
      case 'training':
        return this.#training(run, workload, limits, root);
      case 'timing':
        return this.#timing(run, workload, limits, root);
      case 'command':
        return this.#command(run, workload, root);
    }
  }

  async #inference(run: string, workload: InferenceWorkload, limits: BenchLimits, root: string): Promise<Omit<Workplace, 'remove'>> {
    const modelPath = await placeModel(workload, join(root, 'model'), this.#options.findBlob);
    const { inputs, outputs, load, findPeak, seed } = workload;
    const { session, ...process } = this.#process(run, limits, workload.session, root);
    return {
      ...process,
      order: { kind: 'inference', modelPath, inputs, outputs, load, findPeak, seed, session },
      files: [...this.#options.runtimeFiles, modelPath, ...[...workload.externalData.keys()].map((name) => join(root, 'model', name))],
    };
  }

  async #timing(
    run: string,
    { items, speedProbe, ...workload }: TimingWorkload,
    limits: BenchLimits,
    root: string,
  ): Promise<Omit<Workplace, 'remove'>> {
    const { findBlob, runtimeFiles } = this.#options;
    const files: string[] = [];
    const putItem = async (item: TimingItem, name: string): Promise<ItemFiles> => {
      const folder = join(root, 'items', name);
      const modelPath = await placeModel(item, join(folder, 'model'), findBlob);
      const feedsPath = item.feeds === undefined ? undefined : join(folder, 'feeds.safetensors');
      if (item.feeds !== undefined) await place(await findBlob(item.feeds), feedsPath!);
      files.push(modelPath, ...[...item.externalData.keys()].map((file) => join(folder, 'model', file)));
      return { inputs: item.inputs, outputs: item.outputs, modelPath, feedsPath };
    };
    const placed: ItemFiles[] = [];
    for (const [index, item] of items.entries()) placed.push(await putItem(item, `${index}`));
    const probe = speedProbe === undefined ? undefined : await putItem(speedProbe, 'speed-probe');
    const { session, ...process } = this.#process(run, limits, workload.session, root);
    return { ...process, order: { ...workload, items: placed, speedProbe: probe, session }, files: [...runtimeFiles, ...files] };
  }

  async #training(run: string, workload: TrainingWorkload, limits: BenchLimits, root: string): Promise<Omit<Workplace, 'remove'>> {
    const { findBlob, runtimeFiles, checkpointFolder } = this.#options;
    await mkdir(join(root, 'stages'), { recursive: true });
    const files: string[] = [];
    const put = async (blob: Blob, name: string): Promise<string> => {
      const path = join(root, name);
      await place(await findBlob(blob), path);
      files.push(path);
      return path;
    };
    const stages: StageFiles[] = [];
    for (const [index, { step, forward, ...stage }] of workload.stages.entries()) {
      const stepPath = await put(step, `stages/${index}-step.onnx`);
      stages.push({ ...stage, stepPath, forwardPath: await put(forward, `stages/${index}-forward.onnx`) });
    }
    const dataPath = await put(workload.data, 'data.safetensors');
    const startPath = await put(workload.start, 'start.safetensors');
    const folder = await checkpointFolder(workload.training, workload.best);
    const { session, ...process } = this.#process(run, limits, workload.session, root);
    const { augment, seed } = workload;
    return {
      ...process,
      order: { kind: 'training', stages, dataPath, startPath, checkpointFolder: folder, session, augment, seed },
      files: [...runtimeFiles, ...files],
    };
  }

  /** How a process of ours is started there. */
  #process(run: string, limits: BenchLimits, settings: SessionSettings, folder: string) {
    const { node, program, env, deviceLimits } = this.#options;
    const cores = Math.min(
      this.#options.cores,
      limits.cpus === undefined ? Number.POSITIVE_INFINITY : (parseCpuList(limits.cpus)?.length ?? Number.POSITIVE_INFINITY),
    );
    const { intraOpThreads, heapMiBMax } = stageResources(cores, deviceLimits, limits, settings);
    return {
      argv: [node, `--max-old-space-size=${heapMiBMax}`, program],
      env: { ...env, [MARKER]: run },
      ...{ folder, intraOpThreads, heapMiBMax },
      session: { ...settings, intraOpThreads },
    };
  }

  async #command(run: string, { argv, env, files, server }: CommandWorkload, root: string): Promise<Omit<Workplace, 'remove'>> {
    const folder = join(root, 'work');
    await mkdir(folder, { recursive: true });
    for (const [name, blob] of files) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await copyFile(await this.#options.findBlob(blob), path);
      // A program of the person's is to be started, whatever the store makes of it.
      await chmod(path, 0o755);
    }
    const { PATH = '/usr/local/bin:/usr/bin:/bin' } = this.#options.env;
    const metricsPipe = join(root, 'metrics');
    await MetricsPipe.make(metricsPipe);
    const own = { [MARKER]: run, [METRICS]: metricsPipe };
    const seen = { PATH, LANG: 'C.UTF-8', HOME: folder, PWD: folder, TMPDIR: folder, ...env, ...own };
    for (const program of [argv[0]!, ...(server === undefined ? [] : [server.argv[0]!])]) await checkProgram(program, folder, seen.PATH);
    return {
      ...{ argv, env: seen, folder, metricsPipe },
      files: [...files.keys()].map((name) => join(folder, name)),
    };
  }
}

/** Error `not-found`. A path is relative to the working folder, as it is for the program. */
async function checkProgram(program: string, folder: string, path: string): Promise<void> {
  const candidates = program.includes('/') ? [resolve(folder, program)] : path.split(':').map((each) => resolve(folder, each, program));
  for (const candidate of candidates) {
    const found = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return;
  }
  throw new MeshError('not-found', `there is no program ${program} on this device`, {
    hint: program.includes('/') ? 'files that come along lie in its working folder: ./NAME' : `it is looked for in ${path}`,
  });
}
