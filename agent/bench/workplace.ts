/**
 * Where a benchmark run takes place: a folder of its own with its files, gone afterwards, and the program that is started there.
 *
 *     bench/<run>/model/…     inference: links to blobs, under the names the model uses
 *     bench/<run>/work/…      command: its working folder with copies of the files that came along; it may do there what it likes
 */
import { constants } from 'node:fs';
import { access, chmod, copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { BenchLimits, BenchOrder, CommandWorkload, InferenceWorkload } from '../../mesh/bench/order.ts';
import { MeshError } from '../../mesh/error.ts';
import { fsError } from '../../mesh/files/fs-error.ts';
import { parseCpuList } from '../cgroup/cpu-list.ts';
import type { CgroupLimits } from '../cgroup/hierarchy.ts';
import { type FindBlob, placeModel } from '../files/place-model.ts';
import type { BenchProcessOrder } from '../stage/bench/protocol.ts';
import { stageResources } from '../stages/resources.ts';
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
}

/** In the environment of every process of a run. */
const MARKER = 'SPLITMESH_BENCH';
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
  /** Of inference. */
  readonly order?: BenchProcessOrder;
  readonly intraOpThreads?: number;
  readonly heapMiBMax?: number;
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
      const prepared = workload.kind === 'inference' ? this.#inference(run, workload, limits, root) : this.#command(run, workload, root);
      return { ...(await prepared), remove };
    } catch (error) {
      await remove();
      throw fsError(error, `make a folder for ${run}`);
    }
  }

  async #inference(run: string, workload: InferenceWorkload, limits: BenchLimits, root: string): Promise<Omit<Workplace, 'remove'>> {
    const { node, program, env, deviceLimits, findBlob } = this.#options;
    const modelPath = await placeModel(workload, join(root, 'model'), findBlob);
    const cores = Math.min(
      this.#options.cores,
      limits.cpus === undefined ? Number.POSITIVE_INFINITY : (parseCpuList(limits.cpus)?.length ?? Number.POSITIVE_INFINITY),
    );
    const { intraOpThreads, heapMiBMax } = stageResources(cores, deviceLimits, limits, workload.session);
    const { inputs, outputs, load, findPeak, seed } = workload;
    return {
      argv: [node, `--max-old-space-size=${heapMiBMax}`, program],
      env: { ...env, [MARKER]: run },
      folder: root,
      order: { modelPath, inputs, outputs, load, findPeak, seed, session: { ...workload.session, intraOpThreads } },
      intraOpThreads,
      heapMiBMax,
      files: [...this.#options.runtimeFiles, modelPath, ...[...workload.externalData.keys()].map((name) => join(root, 'model', name))],
    };
  }

  async #command(run: string, { argv, env, files }: CommandWorkload, root: string): Promise<Omit<Workplace, 'remove'>> {
    const folder = join(root, 'work');
    await mkdir(folder, { recursive: true });
    for (const [name, blob] of files) {
      const path = join(folder, basename(name));
      await copyFile(await this.#options.findBlob(blob), path);
      // A program of the person's is to be started, whatever the store makes of it.
      await chmod(path, 0o755);
    }
    const { PATH = '/usr/local/bin:/usr/bin:/bin' } = this.#options.env;
    const seen = { PATH, LANG: 'C.UTF-8', HOME: folder, PWD: folder, TMPDIR: folder, ...env, [MARKER]: run };
    await checkProgram(argv[0]!, folder, seen.PATH);
    return {
      argv,
      env: seen,
      folder,
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
