/**
 * Metrics of a program that knows nothing of us, from the words it prints: a pattern for each, on the lines of its output.
 *
 *     "epoch 3: loss=0.25"  ── loss=([0-9.]+) ──▶ loss 0.25
 *
 * Looked for here and not on the device: a pattern that takes for ever holds up whoever wrote it, and nobody's agent.
 */
import type { BenchEvent } from '../../mesh/bench/event.ts';
import type { TimedMetric } from '../../mesh/bench/record.ts';
import type { PatternReader } from '../descriptor/metric-pattern.ts';

export interface MetricPattern {
  readonly name: string;
  readonly unit: string;
  readonly read: PatternReader;
}

/** As many as a record keeps of what a program says itself. */
const METRICS_MAX = 10_000;
/** Of what was refused. */
const TOLD_MAX = 20;

export class PatternMetrics {
  readonly metrics: TimedMetric[] = [];
  /** Matches that are no number, for a person: each with its line. */
  readonly refused: string[] = [];
  /** Matches that were refused, or not kept because there were too many. */
  lost = 0;
  readonly #patterns: readonly MetricPattern[];
  readonly #now: () => number;
  readonly #lines = { stdout: 0, stderr: 0 };
  /** By name: where the last value of it is. */
  readonly #last = new Map<string, number>();
  #startMs = 0;

  /** `now`: milliseconds. */
  constructor(patterns: readonly MetricPattern[], now: () => number) {
    this.#patterns = patterns;
    this.#now = now;
  }

  readonly watch = (event: BenchEvent): void => {
    if (event.kind === 'started') this.#startMs = this.#now();
    if (event.kind !== 'log' || event.stream === 'agent') return;
    this.#lines[event.stream] += 1;
    for (const each of this.#patterns) this.#look(each, event.line, `line ${this.#lines[event.stream]} of its ${event.stream}`);
  };

  #look({ name, unit, read }: MetricPattern, line: string, where: string): void {
    const text = read(line)?.trim();
    if (text === undefined) return;
    const value = Number(text);
    if (text === '' || !Number.isFinite(value)) {
      this.lost += 1;
      if (this.refused.length < TOLD_MAX) this.refused.push(`${where}: ${name} is "${text.slice(0, 80)}", which is no finite number`);
      return;
    }
    const metric = { name, value, unit, labels: {}, atMs: this.#now() - this.#startMs };
    const last = this.#last.get(name);
    if (this.metrics.length < METRICS_MAX || last === undefined) {
      this.#last.set(name, this.metrics.length);
      this.metrics.push(metric);
      return;
    }
    // The last one is the one that counts.
    this.lost += 1;
    this.metrics[last] = metric;
  }
}
