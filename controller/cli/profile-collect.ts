/** `controller profile collect`: measures models, segments and kernels on devices, under load, so that times can be predicted. */
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { OptionValues } from '../../mesh/command-line.ts';
import { MeshError } from '../../mesh/error.ts';
import { makeFolders } from '../../mesh/make-folders.ts';
import type { TensorSpec } from '../../mesh/tensor.ts';
import { allDevices } from '../deploy/collect-device.ts';
import { chooseMesh, type MeshChoice } from '../devices/mesh-choice.ts';
import type { CollectedDevice, Collection, CollectionSpec } from '../profile/collection.ts';
import { planJobs } from '../profile/plan-jobs.ts';
import { makeSubjects } from '../profile/subjects/make-subjects.ts';
import type { PreparedSubject } from '../profile/subjects/subject.ts';
import type { Frame } from '../profile/subjects/with-frames.ts';
import { imageLayout } from '../run/image-input.ts';
import { openInput } from '../run/open-input.ts';
import { cacheFolder, dataFolder } from '../store/folders.ts';
import { ProfileStore } from '../store/profile-store.ts';
import { parseSeed } from './bench-options.ts';
import { BATCHES, collect } from './collect.ts';
import { parseEmulated, parseLoads, parseModels, parseThreadCounts } from './collect-options.ts';
import type { Command, Io } from './command.ts';
import { watched } from './live-view.ts';
import { loadModel } from './load-model.ts';
import { count, parseOptions } from './options.ts';
import { runName } from './run-name.ts';
import { asked } from './usage.ts';

const help = `Measures models, segments of them and kernels on devices, under load, so that times can be predicted.

Usage: controller profile collect [OPTION]...
       controller profile collect --resume NAME

Where: devices of a mesh, or without one this machine, as it is or as several weaker devices that are there one after the other
  --devices LIST      names, or "all" (default) of the mesh
  --nats URL          the mesh's NATS server (default: NATS_URL)
  --mesh NAME         which mesh of several that share the server (default: default)
  --emulate LIST      NAME=CORES or NAME=CORES:MEMORY, each an agent with such a limit: q1=1,q06=0.6,q025=0.25:2GiB

What: each model whole, segments of it at random places, kernels that were made up, and probes of the device
  --models LIST       names, paths of .onnx files, or "zoo" (default): all that come with splitmesh
  --segments N        of each model (default 3)
  --kernels N         made up, of all kinds and sizes (default 300)
  --images DIR        pictures that models with picture inputs read (default: random numbers)

How
  --iterations N      rounds, each in another order (default 3)
  --batches N         of 100 ms of inferences, each time that something is measured (default 8); half of them for what is slow
  --load LIST         CPU load made beside it: 0 (default), or levels such as 0,50%, or a range such as 0..80%, which is five levels
  --load-cores N      threads that make it (default 1)
  --threads LIST      that ONNX Runtime computes with: numbers, or "auto" (default): whole cores that the device has
  --seed N            of all that is left to chance (default 0)

Results: all samples in the store. Ctrl-C keeps what was measured
  --resume NAME       go on with a collection: its name, the beginning of it, or "last"; it measures what is missing
  --json              what was collected, as JSON
  --data DIR          where it is stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)
`;

const kinds = {
  devices: 'text',
  nats: 'text',
  mesh: 'text',
  emulate: 'text',
  models: 'text',
  segments: 'text',
  kernels: 'text',
  images: 'text',
  iterations: 'text',
  load: 'text',
  batches: 'text',
  'load-cores': 'text',
  threads: 'text',
  seed: 'text',
  resume: 'text',
  json: 'flag',
  data: 'text',
} as const;

type Values = OptionValues<typeof kinds>;

/** Different ones that a model reads in turns. */
const PICTURES_MAX = 4;

/** What can be said of a collection that goes on. */
const FOR_RESUMED: ReadonlySet<string> = new Set(['resume', 'json', 'data', 'nats', 'mesh']);

export const profileCollectCommand: Command = {
  help,
  async run(argv, io) {
    const { values } = parseOptions('profile collect', argv, kinds, 0);
    const choice = chooseMesh(values, io.env);
    const early = values.resume === undefined ? await asked(() => specOf(values, choice, io)) : undefined;
    await using store = await ProfileStore.open(dataFolder(values.data, io.env));
    const collection = early === undefined ? await reopened(values, store) : begun(early, io);
    const folder = join(cacheFolder(io.env), 'collect', collection.collection);
    await makeFolders(folder);
    try {
      const subjects = await made(collection.spec, folder, io);
      if (early !== undefined) {
        const planned = planJobs(
          collection.spec,
          [...subjects].map(([key, { subject }]) => ({ key, kind: subject.kind })),
        );
        await store.beginCollection(collection, planned);
      } else await store.setStatus(collection.collection, 'unfinished');
      const { done, failed } = await collect({ collection, subjects, store, choice, folder, io });
      const summary = { collection: collection.collection, measured: done, failed };
      io.stdout(values.json === true ? `${JSON.stringify(summary, undefined, 2)}\n` : `${sentence(summary)}\n`);
      return 0;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function sentence({ collection, measured, failed }: { collection: string; measured: number; failed: number }): string {
  const rest = failed === 0 ? '' : `; ${failed} could not be measured`;
  return `${collection}: ${measured} samples${rest}`;
}

async function specOf(values: Values, choice: MeshChoice, io: Io): Promise<CollectionSpec> {
  const number = (option: 'segments' | 'kernels' | 'iterations' | 'batches' | 'load-cores', otherwise: number, min: number): number =>
    values[option] === undefined ? otherwise : count(`--${option}`, values[option], min);
  return {
    devices: await devicesOf(values, choice, io.signal),
    models: parseModels(values.models),
    segments: number('segments', 3, 0),
    kernels: number('kernels', 300, 0),
    rounds: number('iterations', 3, 1),
    batches: number('batches', BATCHES, 1),
    loads: parseLoads(values.load ?? '0', number('load-cores', 1, 1)),
    threads: parseThreadCounts(values.threads ?? 'auto'),
    ...(values.images === undefined ? {} : { images: resolve(values.images) }),
    seed: parseSeed(values.seed),
  };
}

async function devicesOf({ devices, emulate }: Values, choice: MeshChoice, signal: AbortSignal): Promise<readonly CollectedDevice[]> {
  if (choice.nats === undefined) {
    if (devices !== undefined && devices !== 'all')
      throw new MeshError('usage', '--devices names devices of a mesh, and none is configured', { hint: '--nats URL, or --emulate LIST' });
    return parseEmulated(emulate);
  }
  if (emulate !== undefined) throw new MeshError('usage', '--emulate is for this machine, and a mesh is configured: which of them?');
  const names = devices === undefined || devices === 'all' ? await allDevices(choice, signal) : devices.split(',');
  return names.map((name) => ({ name }));
}

function begun(spec: CollectionSpec, io: Io): Collection {
  const startedMs = io.wallClock();
  return { collection: `collect-${runName(startedMs)}`, startedMs, spec, status: 'unfinished', error: undefined };
}

async function reopened(values: Values, store: ProfileStore): Promise<Collection> {
  const alien = Object.keys(values).find((option) => !FOR_RESUMED.has(option));
  if (alien !== undefined) throw new MeshError('usage', `--${alien} can't be changed in a collection that is resumed`);
  return await asked(() => store.findCollection(values.resume!));
}

/** Loading and building models takes seconds the first time. */
async function made(spec: CollectionSpec, folder: string, io: Io): Promise<ReadonlyMap<string, PreparedSubject>> {
  return await watched(io, (watch) =>
    asked(() =>
      makeSubjects(spec, {
        framesFor: (inputs) => picturesFor(inputs, spec.images),
        load: (nameOrPath) => loadModel(nameOrPath, io, watch),
        folder: join(folder, 'subjects'),
        cacheDir: cacheFolder(io.env),
        signal: io.signal,
      }),
    ),
  );
}

/** As many as are read in turns; undefined: none are asked for, or the model takes none. */
async function picturesFor(inputs: readonly TensorSpec[], folder: string | undefined): Promise<readonly Frame[] | undefined> {
  const [only, ...others] = inputs;
  if (folder === undefined || only === undefined || others.length > 0 || !takesPictures(only)) return undefined;
  const input = await openInput(folder, inputs, 0);
  try {
    const count = Math.min(PICTURES_MAX, input.count ?? PICTURES_MAX);
    return await Promise.all(Array.from({ length: count }, (_, id) => input.frame(BigInt(id))));
  } finally {
    await input.close();
  }
}

function takesPictures(spec: TensorSpec): boolean {
  try {
    imageLayout(spec);
    return true;
  } catch {
    return false;
  }
}
