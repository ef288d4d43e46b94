/** What is kept of a run under load: plain numbers, however many queries there were. */
import type { Latencies } from './latencies.ts';
import type { LoadResult, LoadSettings } from './scenario.ts';
import type { WarmedUp } from './warm-up.ts';

export interface LoadFigures {
  readonly settings: LoadSettings;
  readonly warmUp: WarmedUp;
  /** File → a session that can compute. */
  readonly sessionMs: number;
  /** The first computation of all. */
  readonly firstMs: number;
  /** Samples that are computed together, in one call of the session. */
  readonly batch: number;
  /** Different ones, used in turns. */
  readonly sampleCount: number;
  readonly queries: number;
  readonly samples: number;
  readonly durationMs: number;
  readonly samplesPerS: number;
  /** Of latencies; absent offline, where there is one. */
  readonly latencyMs?: LatencyFigures;
  /** Of the percentile of the settings, with early stopping; absent: too few queries. */
  readonly estimateMs?: number;
  readonly overlatency?: number;
  /** Why it is no valid run; empty: it is. */
  readonly invalid: readonly string[];
  /** Of a search for it; its other numbers are those of the last valid run. */
  readonly peak?: { readonly queriesPerS?: number; readonly failedPerS?: number; readonly attempts: number };
}

export interface LatencyFigures {
  readonly mean: number;
  /** Percentiles 0 to 100: the smallest latency that so many per cent do not exceed. */
  readonly percentiles: readonly number[];
  readonly p999: number;
}

export type LoadSurroundings = Pick<LoadFigures, 'settings' | 'warmUp' | 'sessionMs' | 'firstMs' | 'batch' | 'sampleCount'>;

export function figuresOf(result: LoadResult, surroundings: LoadSurroundings): LoadFigures {
  const { queries, samples, durationMs, samplesPerS, latencies, estimateMs, overlatency, invalid } = result;
  const streams = surroundings.settings.scenario.kind !== 'offline';
  return {
    ...surroundings,
    ...{ queries, samples, durationMs, samplesPerS, invalid },
    ...(streams ? { latencyMs: latencyFigures(latencies) } : {}),
    ...(estimateMs === undefined ? {} : { estimateMs }),
    ...(overlatency === undefined ? {} : { overlatency }),
  };
}

function latencyFigures(latencies: Latencies): LatencyFigures {
  const ascending = latencies.ascending();
  const at = (share: number): number => ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)]!;
  return {
    mean: ascending.reduce((sum, ms) => sum + ms, 0) / ascending.length,
    percentiles: Array.from({ length: 101 }, (_, percent) => at(percent / 100)),
    p999: at(0.999),
  };
}
