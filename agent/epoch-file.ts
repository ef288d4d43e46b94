/**
 * The lowest epoch of each run that may be loaded, kept in `<data>/epochs.json` for the next start of the agent under the same identity:
 *
 *     accept, retire ──▶ save ──▶ written aside, renamed        one write at a time; what changes meanwhile goes with the next
 *
 * Not synced to the disk: it has to survive the agent, not the machine, which takes every stage along. A damaged file counts as missing, and one that
 * can't be written does not keep the agent from its work: the fence is a second line behind the controllers' compare-and-set.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAside } from '../mesh/write-aside.ts';
import { type EpochMemory, type LowestEpochs, RUNS_MAX } from './stages/epoch-fence.ts';

const FILE = 'epochs.json';
const VERSION = 1;

/** `warn` is told once that the file can't be read or written. */
export async function openEpochFile(dataFolder: string, warn: (message: string, error: unknown) => void): Promise<EpochMemory> {
  const path = join(dataFolder, FILE);
  return new EpochFile(path, await remembered(path, warn), warn);
}

class EpochFile implements EpochMemory {
  readonly remembered: LowestEpochs;
  readonly #path: string;
  readonly #warn: (message: string, error: unknown) => void;
  #writing: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #warned = false;

  constructor(path: string, lowest: LowestEpochs, warn: (message: string, error: unknown) => void) {
    this.#path = path;
    this.remembered = lowest;
    this.#warn = warn;
  }

  save(lowest: LowestEpochs): Promise<void> {
    // The map is the caller's own and goes on changing: a write that has not begun takes the latest state.
    this.#next ??= (this.#writing ?? Promise.resolve()).then(() => {
      this.#next = undefined;
      this.#writing = this.#write(lowest);
      return this.#writing;
    });
    return this.#next;
  }

  async #write(lowest: LowestEpochs): Promise<void> {
    const epochs = [...lowest].map(([run, epoch]) => [run, `${epoch}`]);
    try {
      await writeAside(this.#path, (aside) => writeFile(aside, JSON.stringify({ version: VERSION, epochs })));
    } catch (error) {
      if (!this.#warned)
        this.#warn(`the epochs of runs can't be kept in ${this.#path}: after a restart older ones would be accepted`, error);
      this.#warned = true;
    }
  }
}

async function remembered(path: string, warn: (message: string, error: unknown) => void): Promise<LowestEpochs> {
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      warn(`${path} is damaged: what this device knew of the epochs of runs is lost`, error);
    return new Map();
  }
}

function parse(text: string): LowestEpochs {
  const { version, epochs } = JSON.parse(text) as { readonly version?: unknown; readonly epochs?: unknown };
  if (version !== VERSION || !Array.isArray(epochs)) throw new Error(`expected version ${VERSION} and a list of epochs`);
  return new Map(epochs.slice(-RUNS_MAX).map(entryOf));
}

function entryOf(entry: unknown): readonly [string, bigint] {
  const [run, epoch] = Array.isArray(entry) ? entry : [];
  if (typeof run !== 'string' || typeof epoch !== 'string' || !/^\d{1,20}$/.test(epoch))
    throw new Error('an entry is no run with its epoch');
  return [run, BigInt(epoch)];
}
