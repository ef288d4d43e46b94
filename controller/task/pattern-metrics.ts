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
  readonly #patterns: readonly MetricPattern[];
  readonly #now: () => number;
  readonly #lines = { stdout: 0, stderr: 0 };
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
      if (this.refused.length < TOLD_MAX) this.refused.push(`${where}: ${name} is "${text.slice(0, 80)}", which is no finite number`);
      return;
    }
    if (this.metrics.length < METRICS_MAX) this.metrics.push({ name, value, unit, labels: {}, atMs: this.#now() - this.#startMs });
  }
}
