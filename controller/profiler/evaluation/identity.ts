/**
 * Which samples are of the same. Devices of the same key are one device: whoever left out one of two alike would learn from the other what the first is
 * like.
 */
import type { Sample, Subject } from '../sample.ts';
import type { SplitKeys } from './splits.ts';

/** Whole models, and parts of models: segments, and stages of runs. Reported apart. */
export const judgedKinds = ['models', 'parts'] as const;
export type JudgedKind = (typeof judgedKinds)[number];

const kinds: Readonly<Partial<Record<Subject['kind'], JudgedKind>>> = { model: 'models', segment: 'parts', stage: 'parts' };

/** Undefined: it only helps to predict others. */
export function judgedKind({ subject }: Pick<Sample, 'subject'>): JudgedKind | undefined {
  return kinds[subject.kind];
}

export function subjectKey({ subject: { model, part, sha256 } }: Pick<Sample, 'subject'>): string {
  return [model, part, sha256].join(' ');
}

/** Undefined: nobody knows what else ran. */
export function loadKey({ circumstance: { load } }: Pick<Sample, 'circumstance'>): string | undefined {
  if (load === undefined) return undefined;
  return load.cores * load.duty === 0 ? 'no load' : `${load.cores} × ${load.duty}`;
}

/** Where something can be placed: a device, with a number of threads. */
export function placeKey({ circumstance: { deviceKey, threads } }: Pick<Sample, 'circumstance'>): string {
  return `${deviceKey}, ${threads} threads`;
}

export const sampleKeys: SplitKeys<Sample> = {
  judged: (sample) => judgedKind(sample) !== undefined,
  model: ({ subject }) => subject.model,
  family: ({ subject }) => subject.family,
  device: ({ circumstance }) => circumstance.deviceKey,
  atMs: ({ atMs }) => atMs,
};
