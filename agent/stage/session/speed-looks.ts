/**
 * How fast the processor is while a stage is at work: a short look at it just after a frame, now and then, when it is as awake as frames find it.
 *
 *     loaded ─ look, look, look ─ frame ─ frame ─ look ─ frame ─ …          each frame is told with the median of the three looks before it
 *
 * It is what tells a device that is throttled, or shares its core with another guest, from one whose times were foretold wrongly. A single look may meet
 * what another thread does in the same milliseconds.
 */
import { median } from '../../../mesh/ranked.ts';
import type { ProbeFiles } from '../protocol.ts';
import { type ProbeSettings, type ProbeTools, SpeedProbe } from './speed-probe.ts';

/** The next frame waits for it. */
const LOOK_MS = 5;
const COUNTED = 3;
/** From one to the next, in times of a look: soon at first, because short runs want to know, too; then they take a hundredth of the time. */
const GAP_MIN = 25;
const GAP_MAX = 100;
const SEED = 1;

export class SpeedLooks {
  readonly #probe: SpeedProbe;
  readonly #now: () => number;
  readonly #last: number[] = [];
  #gap = GAP_MIN;
  #againMs = 0;

  private constructor(probe: SpeedProbe, now: () => number) {
    this.#probe = probe;
    this.#now = now;
  }

  /** Undefined: there is no probe, or it can't be run here. */
  static async open(
    { speedProbe, session }: { readonly speedProbe?: ProbeFiles } & Pick<ProbeSettings, 'session'>,
    tools: ProbeTools,
  ): Promise<SpeedLooks | undefined> {
    const probe = await SpeedProbe.open(speedProbe, { session, seed: SEED, lookMs: LOOK_MS }, tools);
    if (probe === undefined) return undefined;
    const looks = new SpeedLooks(probe, tools.now);
    try {
      while (looks.#last.length < COUNTED) await looks.#look();
      return looks;
    } catch {
      return undefined;
    }
  }

  /** Of an inference of the probe, milliseconds. */
  get ms(): number {
    return median(this.#last);
  }

  /** Looks when it is due. Never rejects: a probe that fails is not run again. */
  async look(): Promise<void> {
    if (this.#now() < this.#againMs) return;
    await this.#look().catch(() => {
      this.#againMs = Number.POSITIVE_INFINITY;
    });
    this.#gap = Math.min(2 * this.#gap, GAP_MAX);
  }

  async #look(): Promise<void> {
    const startMs = this.#now();
    this.#last.push(await this.#probe.ms());
    if (this.#last.length > COUNTED) this.#last.shift();
    const endMs = this.#now();
    this.#againMs = endMs + this.#gap * (endMs - startMs);
  }
}
