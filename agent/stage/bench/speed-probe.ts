/**
 * How fast the processor is right now: a tiny model, inferred a few times in a row.
 *
 *     inferences  ▏0.4 ▏0.4 ▏▏ stopped by a quota: 6.4 ▏0.4 ▏0.5 ▏ …  ──▶  minimum: 0.4 ms
 *
 * The minimum of many short inferences is one that nothing has stopped: it tells of the frequency, and of whoever else uses the same core, not of quotas.
 */
import type { InferenceSession } from 'onnxruntime-node';
import type { SessionSettings } from '../../../mesh/session-settings.ts';
import type { ItemFiles, TimingProcessOrder } from './protocol.ts';
import { type Feeds, makeSamples } from './samples.ts';

/** The first ones find caches that another model has filled. */
const RUNS = 12;
/** So long do the agent and its controller work on what they were told last, on another core of the same processor: kernels took 1.6 times as long meanwhile. */
const SETTLE_MS = 150;

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
      opened = await open(speedProbe.modelPath, { ...session, intraOpThreads: 1 });
      const probe = new SpeedProbe(opened, speedProbe, seed, now);
      await probe.ms();
      return probe;
    } catch {
      // What is to be timed can be timed without.
      await opened?.release();
      return undefined;
    }
  }

  /** Milliseconds. Errors: the runtime's own. */
  async ms(): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    for (let run = 0; run < RUNS; run += 1) {
      const startMs = this.#now();
      await this.#session.run(this.#feeds, this.#outputs as string[]);
      least = Math.min(least, this.#now() - startMs);
    }
    return least;
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
