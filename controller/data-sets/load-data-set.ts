/**
 * A data set by its name, ready to train with; whatever is wrong with it is said here, before anything is trained.
 *
 *     published files ─┐
 *                      ├─▶ recordings ─▶ cutWindows ─▶ normalize ─▶ splitExamples ─▶ train, validation
 *     generator ───────┘
 */
import { MeshError } from '../../mesh/error.ts';
import { Random } from '../../mesh/random.ts';
import { closest } from '../../mesh/suggest.ts';
import { cwru } from './cwru.ts';
import type { DataSet, DataSetOptions, Examples } from './data-set.ts';
import { findFiles } from './find-files.ts';
import { mfpt } from './mfpt.ts';
import { normalize } from './normalize.ts';
import { pu } from './pu.ts';
import type { PublishedSet } from './published-set.ts';
import { seu } from './seu.ts';
import { splitExamples } from './split.ts';
import { SYNTHETIC_CLASSES, syntheticRecordings } from './synthetic-bearing.ts';
import { cutWindows, type Recording } from './windows.ts';

const SYNTHETIC = 'synthetic-bearing';
const published = new Map<string, PublishedSet>([cwru, mfpt, pu, seu].map((set) => [set.name, set]));

export const dataSetNames: readonly string[] = [SYNTHETIC, ...published.keys()];

/** The table of classes, by label; no file is looked at. Error `not-found` with the names that are near. */
export function dataSetClasses(name: string): readonly string[] {
  return name === SYNTHETIC ? SYNTHETIC_CLASSES : publishedSet(name).classes.map((each) => each.name);
}

/**
 * The same options and files give the same examples in the same order. Memory: the windows twice, and one file at a time. Errors: `usage` for
 * options that can't be, `not-found` for a name or files that are missing, `invalid` and `unsupported` for files that can't be trained with; the
 * signal's reason.
 */
export async function loadDataSet(options: DataSetOptions, signal: AbortSignal): Promise<DataSet> {
  const { name, window, normalization, split, seed } = options;
  const classes = dataSetClasses(name);
  if (!Number.isSafeInteger(window) || window < 2) {
    throw new MeshError('usage', `a window of ${window} samples, expected a whole number of at least 2`);
  }
  const windows: Float32Array[] = [];
  const labels: number[] = [];
  for await (const recording of recordingsOf(options, signal)) {
    for (const [index, from] of cutWindows(recording, window).entries()) {
      const to = new Float32Array(window);
      normalize(from, to, normalization, `${recording.source}, samples from ${index * window}`);
      windows.push(to);
      labels.push(recording.label);
    }
  }
  const parts = splitExamples(labels, classes, split, new Random(seed));
  const examples = (indexes: readonly number[]): Examples => {
    const all = new Float32Array(indexes.length * window);
    for (const [place, index] of indexes.entries()) all.set(windows[index]!, place * window);
    return { windows: all, labels: BigInt64Array.from(indexes, (index) => BigInt(labels[index]!)) };
  };
  return { name, classes, window, train: examples(parts.train), validation: examples(parts.validation) };
}

/** One of each class, by label. */
async function* recordingsOf(options: DataSetOptions, signal: AbortSignal): AsyncGenerator<Recording, void, undefined> {
  const { name, folder, window, seed } = options;
  if (name === SYNTHETIC) {
    if (folder !== undefined)
      throw new MeshError('usage', `${name} is made, it reads nothing from ${folder}`, { hint: 'leave the folder out' });
    for (const recording of syntheticRecordings(window, seed)) {
      signal.throwIfAborted();
      yield recording;
    }
    return;
  }
  const { classes, source, samplesOf } = publishedSet(name);
  if (folder === undefined) throw new MeshError('usage', `${name} needs the folder with its published files`, { hint: source });
  const wanted = classes.map(({ file }) => file);
  const paths = await findFiles(folder, wanted, { about: name, source, signal });
  for (const [label, path] of paths.entries()) {
    signal.throwIfAborted();
    yield { label, source: path, samples: await samplesOf(path, label, signal) };
  }
}

function publishedSet(name: string): PublishedSet {
  const set = published.get(name);
  if (set !== undefined) return set;
  const near = closest(name, dataSetNames);
  const hint = `${near.length > 0 ? `did you mean ${near.join(', ')}? ` : ''}there are ${dataSetNames.join(', ')}`;
  throw new MeshError('not-found', `there is no data set "${name}"`, { hint });
}
