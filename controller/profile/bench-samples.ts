/** What a benchmark shows of a model, as a sample: one inference after the other, each of one sample, on a device that had nothing else to do for us. */
import type { BenchRecord } from '../../mesh/bench/record.ts';
import { optional } from '../../mesh/wire-number.ts';
import type { Sample, Subject } from '../profiler/sample.ts';
import { circumstanceOf, deviceStateOf, NO_LOAD } from './circumstance.ts';

/** Empty for whatever is no such benchmark, or did not come to an end. */
export function benchSamples(subject: Subject, record: BenchRecord): readonly Sample[] {
  const { run, outcome, limits, environment, startedMs, load, use, backgroundLoad = NO_LOAD } = record;
  const latency = load?.latencyMs;
  if (outcome.kind !== 'ok' || load === undefined || latency === undefined) return [];
  if (load.settings.scenario.kind !== 'single-stream' || load.batch !== 1) return [];
  const { device, intraOpThreads = 1 } = environment;
  const bounds = { ...optional('quotaCores', limits.cpuQuotaCores), ...optional('memoryLimitBytes', limits.memoryLimitBytes) };
  const [minMs, medianMs, p90Ms] = [0, 50, 90].map((percent) => latency.percentiles[percent]!) as [number, number, number];
  const sample: Sample = {
    ...{ run, source: 'bench', atMs: startedMs, execution: 1, subject },
    circumstance: circumstanceOf(device, bounds, intraOpThreads, backgroundLoad),
    state: deviceStateOf(environment, 0),
    // One batch, which lasted for all of the measuring.
    time: { ms: latency.mean, batches: [latency.mean], count: load.queries, medianMs, p90Ms, minMs },
    ...optional('readBytes', use.readBytes),
    ...optional('writtenBytes', use.writtenBytes),
  };
  return [sample];
}
