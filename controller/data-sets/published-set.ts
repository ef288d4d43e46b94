/**
 * A data set of files that somebody has published: one file of each class, and how the signal is read from it. Which files, which signal and
 * which classes are as in Zhao et al., "Deep Learning Algorithms for Rotating Machinery Intelligent Diagnosis: An Open Source Benchmark Study",
 * ISA Transactions 107, 2020.
 *
 *     folder ─ findFiles ─▶ [file of class 0, file of class 1, …] ─ samplesOf ─▶ one recording of each
 */
import type { WantedFile } from './find-files.ts';

/** A class is what its file shows. */
export interface PublishedClass {
  readonly name: string;
  readonly file: WantedFile;
}

export interface PublishedSet {
  readonly name: string;
  /** By label. */
  readonly classes: readonly PublishedClass[];
  /** Where the files are published and how they lie in the folder, for a person who has none. */
  readonly source: string;
  /** The signal in the file of this label. Error `invalid` when the file holds something else than the table of classes says. */
  samplesOf(path: string, label: number, signal: AbortSignal): Promise<Float64Array>;
}
