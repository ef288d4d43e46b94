/** What the run of a mesh measured, as named numbers. */
import type { RunReport } from '../report/run-report.ts';
import type { MeasuredMetric } from './metrics-of.ts';

type Measured = Pick<RunReport, 'throughputFps' | 'latencyMs' | 'frames' | 'oneDevice'>;

export function pipelineMetrics({ throughputFps, latencyMs, oneDevice }: Measured): MeasuredMetric[] {
  const metric = (name: string, value: number | null | undefined, unit: string, better: MeasuredMetric['better']): MeasuredMetric[] =>
    value === null || value === undefined || !Number.isFinite(value) ? [] : [{ name, value, unit, better }];
  return [
    ...metric('throughput', throughputFps, '1/s', 'higher'),
    ...metric('latency.p50', latencyMs?.p50, 'ms', 'lower'),
    ...metric('latency.p90', latencyMs?.p90, 'ms', 'lower'),
    ...metric('latency.p99', latencyMs?.p99, 'ms', 'lower'),
    // The same frames on one device: tells a slow day of the devices from a slow pipeline.
    ...metric('one_device.throughput', oneDevice?.throughputFps, '1/s', 'higher'),
  ];
}
