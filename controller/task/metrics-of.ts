/**
 * What a benchmark run measured, as named numbers: each has a unit, and a direction that is better. The same names whatever the run was of.
 *
 *     inference   latency.p50 latency.p90 latency.p99 (offline none), throughput, load (file → session)
 *     training    epoch, throughput, accuracy
 *     program     wall, and whatever it said itself: its last value of each name
 *     all         memory.peak, cpu
 */
import type { BenchRecord, TimedMetric } from '../../mesh/bench/record.ts';
import { figures } from '../bench/row-figures.ts';
import type { Better } from '../history/compare.ts';

export interface MeasuredMetric {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: Better;
}

/** Of a metric that a program says, whoever asks for it may know more. */
export type DeclaredMetric = Pick<MeasuredMetric, 'name' | 'unit' | 'better'>;

/** What was not measured is not there. */
export function metricsOf(record: BenchRecord, declared: readonly DeclaredMetric[] = []): MeasuredMetric[] {
  const { load, training, use } = record;
  const at = (percent: number): number | undefined => load?.latencyMs?.percentiles[percent];
  const own = [
    metric('latency.p50', at(50), 'ms', 'lower'),
    metric('latency.p90', at(90), 'ms', 'lower'),
    metric('latency.p99', at(99), 'ms', 'lower'),
    metric('throughput', figures.samplesPerS(record), '1/s', 'higher'),
    metric('load', load?.sessionMs, 'ms', 'lower'),
    metric('epoch', training === undefined ? undefined : figures.timeMs(record), 'ms', 'lower'),
    metric('accuracy', training === undefined ? undefined : figures.accuracy(record), '1', 'higher'),
    // Of a model how long its run is was asked for.
    metric('wall', load === undefined && training === undefined ? use.wallMs : undefined, 'ms', 'lower'),
    metric('memory.peak', use.peakMemoryBytes, 'B', 'lower'),
    metric('cpu', load === undefined ? use.cpuMs : undefined, 'ms', 'lower'),
  ].flat();
  const said = lastOfEach(record.metrics, declared);
  // A program that calls something of its own by such a name means that.
  return [...own.filter(({ name }) => !said.some((each) => each.name === name)), ...said];
}

function metric(name: string, value: number | undefined, unit: string, better: Better): MeasuredMetric[] {
  return value === undefined || !Number.isFinite(value) ? [] : [{ name, value, unit, better }];
}

/** A program that says a loss for each epoch says a new value of it; histories know no labels. */
function lastOfEach(metrics: readonly TimedMetric[], declared: readonly DeclaredMetric[]): MeasuredMetric[] {
  const last = new Map(metrics.filter(({ value }) => Number.isFinite(value)).map((each) => [each.name, each]));
  return [...last.values()].map(({ name, value, unit }) => {
    const known = declared.find((each) => each.name === name);
    return { name, value, unit: unit === '' ? (known?.unit ?? '') : unit, better: known?.better ?? 'lower' };
  });
}
