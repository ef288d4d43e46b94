/** `controller profile export`: measurements of whole models as CSV, and the trees of a device for other programs. */
import { writeFile } from 'node:fs/promises';
import { MeshError } from '../../mesh/error.ts';
import { treeEnsembleModel } from '../../partition/tree-ensemble-model.ts';
import { streamWritten, writeModel } from '../../partition/write-model.ts';
import { measuredPlaces } from '../predict/predict-on-devices.ts';
import { nothingCollected, trainedProfile } from '../predict/trained-profile.ts';
import { publishedCsv } from '../profile/published-csv.ts';
import { referenceKey } from '../profiler/reference.ts';
import type { TreeEnsemble } from '../profiler/trees/tree.ts';
import { toXgboostJson } from '../profiler/trees/xgboost-write.ts';
import { dataFolder } from '../store/folders.ts';
import { ProfileStore } from '../store/profile-store.ts';
import { parseThreads } from './bench-options.ts';
import type { Command, Io } from './command.ts';
import { parseOptions } from './options.ts';

const help = `Writes what was measured of whole models as CSV, with the columns of the data sets that PEPPER published; or the trees that a device's
kernels are predicted with.

Usage: controller profile export [--csv FILE] [--run NAME] [--data DIR]
       controller profile export --trees FILE --device NAME [--threads N] [--data DIR]

  --csv FILE   where to; "-" (default): standard output
  --run NAME   of this collection or benchmark only: its full name
  --trees FILE   FILE.json: as XGBoost loads it; FILE.onnx: as ONNX Runtime runs it (TreeEnsembleRegressor). What goes in are the features that the file
               names, what comes out is ln(measured ÷ analytic estimate) of a kernel
  --device NAME, --threads N   whose (default: of the only processor that was measured)
  --data DIR   where samples are stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

device_cpu_cores and device_load_percent are the load that was made beside the model, execution_time is HH:MM:SS.ffffff, percentages are of the whole machine
before the model ran, bytes those of its process. What the device did not tell is empty.
`;

export const profileExportCommand: Command = {
  help,
  async run(argv, io) {
    const kinds = { csv: 'text', run: 'text', data: 'text', trees: 'text', device: 'text', threads: 'text' } as const;
    const { values } = parseOptions('profile export', argv, kinds, 0);
    const folder = dataFolder(values.data, io.env);
    await using store = await ProfileStore.open(folder);
    if (values.trees !== undefined) {
      const trees = await treesOf(store, folder, { device: values.device, threads: parseThreads(values.threads) }, io);
      await written(values.trees, await treesFile(values.trees, trees));
      return 0;
    }
    const csv = publishedCsv(await store.samples({ kinds: ['model'], ...(values.run === undefined ? {} : { run: values.run }) }));
    const path = values.csv ?? '-';
    if (path === '-') io.stdout(csv);
    else await written(path, csv);
    return 0;
  },
};

async function written(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, content);
  } catch (error) {
    throw new MeshError('denied', `${path} can't be written: ${(error as Error).message}`, { cause: error });
  }
}

async function treesOf(
  store: ProfileStore,
  folder: string,
  { device, threads }: { readonly device: string | undefined; readonly threads: number },
  io: Io,
): Promise<TreeEnsemble> {
  const say = (message: string): void => io.stderr(`controller: ${message}\n`);
  const predictor = await trainedProfile({ folder, store, fitting: (samples) => say(`learning from ${samples} samples …`), warn: say });
  if (predictor === undefined) throw nothingCollected();
  const places = await measuredPlaces(store);
  const found = places.flatMap(({ circumstance }) => {
    const reference = predictor.basis.references.find(({ key }) => key === referenceKey(circumstance));
    const wanted = (device === undefined || circumstance.device === device) && (threads === 0 || circumstance.threads === threads);
    return reference === undefined || !wanted ? [] : [{ name: `${circumstance.device} with ${circumstance.threads} threads`, reference }];
  });
  const distinct = new Set(found.map(({ reference }) => reference.processor));
  if (distinct.size === 1) return found[0]!.reference.processor.kernels.trees;
  const hint = `devices whose kernels were timed: ${(found.length > 0 ? found : places.map(({ circumstance }) => ({ name: circumstance.device }))).map(({ name }) => name).join(', ')}`;
  throw new MeshError('usage', found.length === 0 ? 'there is no such device' : 'which device? --device NAME, --threads N', { hint });
}

async function treesFile(path: string, trees: TreeEnsemble): Promise<string | Uint8Array> {
  if (path.endsWith('.json')) return toXgboostJson(trees);
  if (path.endsWith('.onnx')) {
    const pieces: Buffer[] = [];
    for await (const piece of streamWritten(writeModel(treeEnsembleModel(trees)))) pieces.push(Buffer.from(piece));
    return Buffer.concat(pieces);
  }
  throw new MeshError('usage', `--trees ${path}: expected FILE.json or FILE.onnx`);
}
