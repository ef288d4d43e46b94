/**
 * Measures a session under load: warm it up, then load it as the scenario says.
 *
 *     samples ──▶ system ◀── load generator         server with a search: load at one rate after the other
 */
import { figuresOf, type LoadFigures } from '../../../mesh/loadgen/figures.ts';
import { findPeak } from '../../../mesh/loadgen/find-peak.ts';
import { runLoad } from '../../../mesh/loadgen/run-load.ts';
import type { LoadProgress, LoadResult, LoadSettings, System } from '../../../mesh/loadgen/scenario.ts';
import { warmUp } from '../../../mesh/loadgen/warm-up.ts';
import { Random } from '../../../mesh/random.ts';
import type { Samples } from '../session/samples.ts';

export interface MeasureOptions {
  readonly settings: LoadSettings;
  readonly findPeak: boolean;
  readonly seed: number;
  readonly samples: Samples;
  /** File → session. */
  readonly sessionMs: number;
  /** Computes one entry of `samples`. */
  readonly compute: (index: number) => Promise<unknown>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly waitUntil: (ms: number) => Promise<void>;
  readonly onPhase: (name: string) => void;
  readonly onProgress: (progress: LoadProgress) => void;
}

/** How fine, and after how many runs at most. */
const PEAK = { precision: 0.02, attemptsMax: 24 };

export async function measure(options: MeasureOptions): Promise<LoadFigures> {
  const { settings, seed, samples, sessionMs, compute, now, waitUntil, onPhase, onProgress } = options;
  let turn = 0;
  const once = (): Promise<unknown> => {
    const index = turn;
    turn = (turn + 1) % samples.feeds.length;
    return compute(index);
  };
  onPhase('warm-up');
  const startMs = now();
  await once();
  const firstMs = now() - startMs;
  const warmedUp = await warmUp(async () => void (await once()), now);
  const surroundings = { settings, warmUp: warmedUp, sessionMs, firstMs, batch: samples.batch, sampleCount: samples.feeds.length };

  const system: System = async (count) => {
    for (let left = count; left > 0; left -= samples.batch) await once();
  };
  // Each run has the same arrivals, in time that is measured in the mean between two.
  const load = (each: LoadSettings): Promise<LoadResult> =>
    runLoad(each, system, { now, waitUntil, random: new Random(seed), progress: onProgress });
  onPhase('measure');
  if (!options.findPeak || settings.scenario.kind !== 'server') return figuresOf(await load(settings), surroundings);

  const { scenario } = settings;
  let best: LoadFigures | undefined;
  let last: LoadFigures | undefined;
  const isValid = async (queriesPerS: number): Promise<boolean> => {
    onPhase(`measure at ${queriesPerS.toPrecision(4)}/s`);
    const each = { ...settings, scenario: { ...scenario, queriesPerS } };
    last = figuresOf(await load(each), { ...surroundings, settings: each });
    if (last.invalid.length === 0) best = last;
    return last.invalid.length === 0;
  };
  const { queriesPerS, failedPerS, attempts } = await findPeak(isValid, { startPerS: scenario.queriesPerS, ...PEAK });
  const peak = { ...(queriesPerS === undefined ? {} : { queriesPerS }), ...(failedPerS === undefined ? {} : { failedPerS }), attempts };
  return { ...(best ?? last)!, peak };
}
