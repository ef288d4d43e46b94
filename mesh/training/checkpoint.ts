/**
 * A training as it stands after an epoch: enough to go on as if nothing had happened. All else (orders of examples, augmentation, masks) follows from the
 * seed and the number of the epoch.
 *
 *     safetensors: parameters, statistics, states of the optimizer ── metadata "splitmesh": how far it is, and what each epoch came to
 */
import { MeshError } from '../error.ts';
import { decodeTensorFile, encodeTensorFile } from '../safetensors.ts';
import type { Tensor } from '../tensor.ts';
import type { EpochFigures } from './figures.ts';

export interface Checkpoint {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly progress: Progress;
}

export interface Progress {
  /** Index of the stage that goes on. */
  readonly stage: number;
  /** Epochs of it that are behind. */
  readonly epoch: number;
  /** Steps of it that are behind. */
  readonly steps: number;
  readonly epochs: readonly EpochFigures[];
  /** Index of one of them. */
  readonly bestEpoch?: number;
  /** Of all that the training was asked for: what goes on must be the same. */
  readonly fingerprint: string;
}

const KEY = 'splitmesh';
const VERSION = 1;

/** The parts of its file. */
export function encodeCheckpoint({ tensors, progress }: Checkpoint): Uint8Array[] {
  return encodeTensorFile({ tensors, metadata: { [KEY]: JSON.stringify({ version: VERSION, ...progress }) } });
}

/** Errors: `invalid` for what is none, `conflict` for one of a newer release. */
export function decodeCheckpoint(bytes: Uint8Array<ArrayBuffer>, what: string): Checkpoint {
  const { tensors, metadata } = decodeTensorFile(bytes, what);
  let said: unknown;
  try {
    said = JSON.parse(metadata[KEY] ?? '');
  } catch {
    throw new MeshError('invalid', `${what} is no checkpoint of splitmesh: its metadata do not say how far it is`);
  }
  const { version, ...progress } = said as Progress & { version: unknown };
  if (version !== VERSION) throw new MeshError('conflict', `${what} has version ${String(version)}; this release knows ${VERSION}`);
  const counts = [progress.stage, progress.epoch, progress.steps];
  if (!counts.every((each) => Number.isSafeInteger(each) && each >= 0) || !Array.isArray(progress.epochs))
    throw new MeshError('invalid', `${what} is a damaged checkpoint`);
  return { tensors, progress };
}
