/**
 * How fast the processor is right now: a tiny model, inferred for some milliseconds.
 *
 *     inferences  ▏0.4 ▏0.4 ▏▏ stopped by a quota: 6.4 ▏0.4 ▏0.5 ▏ …  ──▶  mean of the shorter ones: 0.4 ms
 *
 * What no quota has stopped, and no other program has taken the processor from, tells of the frequency and of whoever else uses the same core. A mean of
 * many, because what slows a core down comes and goes within milliseconds, and what is measured beside it has a mean of it, too. Not processor time: some
 * kernels count that of a thread in ticks of 4 ms, and that of a process has the collection of garbage in it.
 */
import type { InferenceSession } from 'onnxruntime-node';
import type { SessionSettings } from '../../../mesh/session-settings.ts';
import type { ProbeFiles } from '../protocol.ts';
import { type Feeds, makeSamples } from './samples.ts';

const RUNS_MIN = 8;
/** Of the inferences of a look, the shortest: a quota of a tenth of a core stops every third. */
const COUNTED = 0.6;

/** So long do the agent and its controller work on what they were told last, on another core of the same processor: kernels took 1.6 times as long meanwhile. */
const SETTLE_MS = 100;

export interface ProbeSettings {
  readonly session: SessionSettings;
  /** Of its inputs. */
  readonly seed: number;
  /** A look is as many inferences as take so long when nothing stops them, at least. */
  readonly lookMs: number;
}

export interface ProbeTools {
  readonly open: (path: string, settings: SessionSettings) => Promise<InferenceSession>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

export class SpeedProbe {
  readonly #session: InferenceSession;
  readonly #feeds: Feeds;
  readonly #outputs: readonly string[];
  readonly #now: () => number;
  #runs = RUNS_MIN;

  private constructor(session: InferenceSession, { inputs, outputs }: ProbeFiles, seed: number, now: () => number) {
    this.#session = session;
    this.#feeds = makeSamples(inputs, 1, seed).feeds[0]!;
    this.#outputs = outputs;
    this.#now = now;
  }

  /** Undefined: there is none, or it can't be run here. */
  static async open(
    files: ProbeFiles | undefined,
    { session, seed, lookMs }: ProbeSettings,
    { open, now }: ProbeTools,
  ): Promise<SpeedProbe | undefined> {
    if (files === undefined) return undefined;
    let opened: InferenceSession | undefined;
    try {
      opened = await open(files.modelPath, session);
      const probe = new SpeedProbe(opened, files, seed, now);
      // The first ones find nothing in the caches.
      await probe.ms();
      probe.#runs = Math.max(RUNS_MIN, Math.ceil(lookMs / (await probe.ms())));
      return probe;
    } catch {
      // What is to be timed can be timed without.
      await opened?.release();
      return undefined;
    }
  }

  /** Of an inference. Errors: the runtime's own. */
  async ms(): Promise<number> {
    const times: number[] = [];
    while (times.length < this.#runs) {
      const startMs = this.#now();
      await this.#session.run(this.#feeds, this.#outputs as string[]);
      times.push(this.#now() - startMs);
    }
    const counted = times.sort((a, b) => a - b).slice(0, Math.ceil(COUNTED * times.length));
    return counted.reduce((sum, ms) => sum + ms, 0) / counted.length;
  }

  /** The same, when it is quiet beside this process, and the processor as fast as work makes it. */
  async msWhenSettled(): Promise<number> {
    const startMs = this.#now();
    let last = await this.ms();
    while (this.#now() - startMs < SETTLE_MS) last = await this.ms();
    return last;
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}
