/** What the run of a mesh measured, as named numbers. */
import type { MeasuredMetric } from './metrics-of.ts';

/** Of a run's report what is a metric; reports know tasks, and tasks know no reports. */
interface Measured {
  readonly throughputFps: number | null;
  readonly latencyMs: { readonly p50: number; readonly p90: number; readonly p99: number } | null;
  readonly oneDevice: { readonly throughputFps: number | null } | null;
}

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
