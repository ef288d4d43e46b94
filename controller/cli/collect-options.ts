/** What `controller profile collect` can be told: from words to what a collection is. */
import { parseBytes } from '../../mesh/bytes.ts';
import { MeshError } from '../../mesh/error.ts';
import { checkName } from '../../mesh/name.ts';
import { zoo } from '../../partition/zoo/catalogue.ts';
import { NO_LOAD } from '../profile/circumstance.ts';
import type { CollectedDevice } from '../profile/collection.ts';
import type { ForeignLoad } from '../profiler/sample.ts';
import { count, positiveNumber } from './options.ts';

/** Of a range of loads: five of them, both ends included. */
const LEVELS = 5;
/** How this machine is called when it is not said. */
const LOCAL_NAME = 'local1';

/** `q1=1,q06=0.6:2GiB`: name, cores of CPU time, memory. Absent: this machine as it is. Error `usage`. */
export function parseEmulated(text: string | undefined): readonly CollectedDevice[] {
  if (text === undefined) return [{ name: LOCAL_NAME, emulated: {} }];
  const devices = text.split(',').map((word): CollectedDevice => {
    const found = /^([^=:]+)=([^:]+)(?::(.+))?$/.exec(word);
    if (found === null)
      throw new MeshError('usage', `--emulate: "${word}" is no device: expected NAME=CORES or NAME=CORES:MEMORY, such as q06=0.6:2GiB`);
    const [, name = '', cores = '', memory] = found;
    return {
      name: named(name),
      emulated: {
        quotaCores: positiveNumber('--emulate', cores),
        ...(memory === undefined ? {} : { memoryBytes: sizeOf(memory) }),
      },
    };
  });
  refuseTwice(
    '--emulate',
    devices.map(({ name }) => name),
  );
  return devices;
}

/** `zoo`: all models that come with splitmesh. */
export function parseModels(text: string | undefined): readonly string[] {
  const names = (text ?? 'zoo').split(',').flatMap((word) => (word === 'zoo' ? zoo.map(({ name }) => name) : [word]));
  refuseTwice('--models', names);
  return names;
}

/** `0,50%` or `0..80%`. Error `usage`. */
export function parseLoads(text: string, cores: number): readonly ForeignLoad[] {
  const range = /^(.+)\.\.(.+)$/.exec(text);
  // `50,0%` and `0,50%` mean the same: the sign belongs to all of them.
  const duties =
    range === null
      ? text.split(',').map((word) => dutyOf(word.replace(/%?$/, text.includes('%') ? '%' : '')))
      : levels(dutyOf(range[1]!.replace(/%?$/, '%')), dutyOf(range[2]!));
  refuseTwice('--load', duties.map(String));
  return duties.map((duty) => (duty === 0 ? NO_LOAD : { cores, duty }));
}

/** `auto`, which is 0: as many as whole cores are available. */
export function parseThreadCounts(text: string): readonly number[] {
  const counts = text.split(',').map((word) => (word === 'auto' ? 0 : count('--threads', word, 1)));
  refuseTwice('--threads', counts.map(String));
  return counts;
}

function levels(from: number, to: number): number[] {
  if (!(from < to)) throw new MeshError('usage', '--load: expected a range that rises, such as 0..80%');
  return Array.from({ length: LEVELS }, (_, level) => Number((from + ((to - from) * level) / (LEVELS - 1)).toFixed(4)));
}

function dutyOf(word: string): number {
  const found = /^(\d+(?:\.\d+)?)%$/.exec(word === '0' ? '0%' : word);
  const duty = found === null ? Number.NaN : Number(found[1]) / 100;
  if (!(duty >= 0 && duty <= 1)) throw new MeshError('usage', `--load: "${word}" is no load: expected 0% to 100%`);
  return duty;
}

function sizeOf(text: string): number {
  try {
    return parseBytes(text);
  } catch (error) {
    throw new MeshError('usage', `--emulate: ${MeshError.from(error).message}`, { cause: error });
  }
}

function named(name: string): string {
  try {
    return checkName(name, 'device');
  } catch (error) {
    throw new MeshError('usage', `--emulate: ${MeshError.from(error).message}`, { cause: error });
  }
}

function refuseTwice(option: string, words: readonly string[]): void {
  const twice = words.find((word, index) => words.indexOf(word) !== index);
  if (twice !== undefined) throw new MeshError('usage', `${option}: ${twice} was given twice`);
}
