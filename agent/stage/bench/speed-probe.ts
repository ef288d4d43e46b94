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
import type { ItemFiles, TimingProcessOrder } from './protocol.ts';
import { type Feeds, makeSamples } from './samples.ts';

/** As many inferences as take so long when nothing stops them, at least. */
const LOOK_MS = 10;
const RUNS_MIN = 8;
/** Of the inferences of a look, the shortest: a quota of a tenth of a core stops every third. */
const COUNTED = 0.6;

/** So long do the agent and its controller work on what they were told last, on another core of the same processor: kernels took 1.6 times as long meanwhile. */
const SETTLE_MS = 100;

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

  private constructor(session: InferenceSession, { inputs, outputs }: ItemFiles, seed: number, now: () => number) {
    this.#session = session;
    this.#feeds = makeSamples(inputs, 1, seed).feeds[0]!;
    this.#outputs = outputs;
    this.#now = now;
  }

  /** Undefined: there is none, or it can't be run here. */
  static async open(
    { speedProbe, session, seed }: Pick<TimingProcessOrder, 'speedProbe' | 'session' | 'seed'>,
    { open, now }: ProbeTools,
  ): Promise<SpeedProbe | undefined> {
    if (speedProbe === undefined) return undefined;
    let opened: InferenceSession | undefined;
    try {
      opened = await open(speedProbe.modelPath, session);
      const probe = new SpeedProbe(opened, speedProbe, seed, now);
      // The first ones find nothing in the caches.
      await probe.ms();
      probe.#runs = Math.max(RUNS_MIN, Math.ceil(LOOK_MS / (await probe.ms())));
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
