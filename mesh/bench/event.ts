/** What a benchmark run tells while it goes on. `ended` comes last, whatever came of it. */
import type { TimedItem } from '../timing/figures.ts';
import type { EpochFigures } from '../training/figures.ts';
import type { BenchEnvironment, BenchRecord, TimedMetric } from './record.ts';

export type BenchEvent =
  /** `ahead`: runs before it. `why`: for a person. */
  | { readonly kind: 'queued'; readonly ahead: number; readonly why: string }
  | { readonly kind: 'started'; readonly environment: BenchEnvironment }
  | { readonly kind: 'phase'; readonly name: string; readonly atMs: number }
  | { readonly kind: 'progress'; readonly queries: number; readonly elapsedMs: number }
  | { readonly kind: 'metric'; readonly metric: TimedMetric }
  /** One more is behind, and its checkpoint is written. */
  | { readonly kind: 'epoch'; readonly epoch: EpochFigures }
  /** One more item of a timing is behind, or could not be measured. Each is told, and not kept in the record. */
  | { readonly kind: 'timed'; readonly item: TimedItem }
  | { readonly kind: 'log'; readonly stream: LogStream; readonly line: string }
  /** For a person to look at; the record has what counts. */
  | { readonly kind: 'live'; readonly cpuPercent: number; readonly memoryBytes: number; readonly processes: number }
  | { readonly kind: 'ended'; readonly record: BenchRecord };

/** `agent`: what the agent has to say about it, such as a metric that it refused. */
export const logStreams = ['stdout', 'stderr', 'agent'] as const;
export type LogStream = (typeof logStreams)[number];
