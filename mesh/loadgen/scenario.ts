/**
 * The four ways to load a system with queries, as MLPerf defines them (Reddi et al., MLPerf Inference Benchmark, ISCA 2020; MLPerf Inference
 * Rules, "Scenarios"):
 *
 *     single-stream   ▇▇▇ ▇▇▇ ▇▇▇ ▇▇▇        one sample, the next when the one before is done ──▶ latency, p90
 *     multi-stream    ▇▇▇▇▇▇▇ ▇▇▇▇▇▇▇        the same with several samples in each query      ──▶ latency, p99
 *     server          ▇▇▇   ▇▇▇▇▇▇    ▇▇▇    queries come at random, whatever the system does ──▶ whether p99 stays within a bound at that rate
 *     offline         ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇    all samples are there from the beginning         ──▶ samples per second
 *
 * A run goes on until it has taken its time, had its queries, and had enough of them for its percentile (early-stopping.ts).
 */
import type { Random } from '../random.ts';
import type { Latencies } from './latencies.ts';

export type Scenario =
  | { readonly kind: 'single-stream' }
  | { readonly kind: 'multi-stream'; readonly samplesPerQuery: number }
  /** `queriesPerS`: of the Poisson process. `boundMs`: what a query may take. */
  | { readonly kind: 'server'; readonly queriesPerS: number; readonly boundMs: number }
  /** `samplesPerCall`: as many at once as the system takes. */
  | { readonly kind: 'offline'; readonly samplesPerCall: number };

export interface LoadSettings {
  readonly scenario: Scenario;
  /** In (0, 1): what is reported, or has to be within the bound. Of no use offline. */
  readonly percentile: number;
  readonly durationMsMin: number;
  /** Offline: samples. */
  readonly queriesMin: number;
  /** It ends then, valid or not. */
  readonly durationMsMax: number;
}

export interface LoadTools {
  /** Milliseconds, monotonic, with fractions. */
  readonly now: () => number;
  /** Comes back at that time or later, as soon as it can. */
  readonly waitUntil: (ms: number) => void | Promise<void>;
  /** Of the arrivals of queries. */
  readonly random: Random;
  /** Says how far it is; a few times a second at most should be told on. */
  readonly progress: (done: LoadProgress) => void;
}

export interface LoadProgress {
  readonly queries: number;
  readonly elapsedMs: number;
}

/** Computes that many samples. */
export type System = (samples: number) => Promise<void>;

export interface LoadResult {
  readonly queries: number;
  readonly samples: number;
  /** First query issued, or due, → last one done. */
  readonly durationMs: number;
  /** Of each query, in the order of issue; server: since it was due. */
  readonly latencies: Latencies;
  /** Samples per second. Server: done by the end, which shows whether the system kept up. */
  readonly samplesPerS: number;
  /** Of the percentile, with early stopping: at least as high as the true one with 99 % confidence. Undefined: too few queries. */
  readonly estimateMs: number | undefined;
  /** Server: queries beyond the bound. */
  readonly overlatency: number | undefined;
  /** Empty: valid. */
  readonly invalid: readonly string[];
}
