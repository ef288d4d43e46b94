/**
 * Where and how a sweep was measured, as pairs of a word and what there is to say. Facts are those of the first run; where a later run had others, both
 * are said: a sweep of which half ran under another kernel is no sweep.
 */
import type { Scenario } from '../../mesh/loadgen/scenario.ts';
import { CONFIDENCE } from '../bench/band.ts';
import { OUTLIER_SCORE, OUTLIER_SHARE, OUTLIERS_FROM } from '../bench/outliers.ts';
import { bytes, duration, percent, threeDigits } from '../text/format.ts';
import { scenarioText } from './bench-text.ts';
import type { RecordReport, SweepReport } from './sweep-report.ts';
import { cacheText, limitNames } from './sweep-words.ts';

export type Fact = readonly [title: string, text: string];

const facts: readonly (readonly [string, (record: RecordReport) => string | null | undefined])[] = [
  [
    'device',
    ({ environment: { device } }) =>
      `${device.name}: ${device.cpuModel ?? device.arch}, ${device.cores} cores, ${bytes(device.memoryBytes)}`,
  ],
  ['system', ({ environment: { device, kernel } }) => `${device.os}, kernel ${kernel}, ${device.arch}`],
  [
    'limited by',
    ({ environment: { cgroup } }) => (cgroup === undefined || cgroup === null ? 'nothing: no control group' : `control groups ${cgroup}`),
  ],
  ['runtime', ({ environment: { device } }) => `ONNX Runtime ${device.runtimeVersion}, Node ${device.nodeVersion}`],
  ['threads', ({ environment: { intraOpThreads } }) => (intraOpThreads === undefined ? undefined : `${intraOpThreads} of ONNX Runtime`)],
  ['JavaScript heap', ({ environment: { heapMiBMax } }) => (heapMiBMax === undefined ? undefined : `at most ${heapMiBMax} MiB`)],
  ['governor', ({ environment: { governor } }) => governor],
  ['stages beside it', ({ environment: { stages } }) => String(stages)],
];

const ranges: readonly (readonly [string, string, (record: RecordReport) => number | null | undefined])[] = [
  ['temperature before', '°C', ({ environment }) => environment.temperatureCelsius],
  ['CPU busy before', 'cores', ({ environment }) => environment.cpuBusyCores],
  ['load average before', '', ({ environment }) => environment.loadAverage],
  ['clock', 'MHz', ({ environment }) => environment.frequencyMHz],
];

/** "unknown" where no run told it. */
export function environmentOf(report: SweepReport): Fact[] {
  const records = report.rows.flatMap(({ record }) => record ?? []);
  const said = facts.map(([title, of]): Fact => {
    const all = [...new Set(records.flatMap((record) => of(record) ?? []))];
    return [title, all.length === 0 ? 'unknown' : all.join('; then ')];
  });
  const measured = ranges.map(([title, unit, of]): Fact => {
    const values = records.flatMap((record) => of(record) ?? []);
    if (values.length === 0) return [title, 'unknown'];
    const [least, most] = [threeDigits(Math.min(...values)), threeDigits(Math.max(...values))];
    return [title, `${least === most ? least : `${least} to ${most}`} ${unit}`.trim()];
  });
  return [...said, ...measured];
}

/** How a scenario loads the model, for who does not know its name. */
const loading = {
  'single-stream': 'one sample at a time, the next when the one before is done',
  'multi-stream': 'several samples in each query, the next when the one before is done',
  server: 'queries at random times',
  offline: 'all samples are there from the beginning',
} as const satisfies Record<Scenario['kind'], string>;

export function methodOf(report: SweepReport): Fact[] {
  const { load, search, variants, threads, seed, deadlineMs, limit } = report;
  const { scenario } = load;
  const least = `${duration(load.durationMsMin)} and ${load.queriesMin} ${scenario.kind === 'offline' ? 'samples' : 'queries'} at least`;
  return [
    ['scenario', `${scenarioText(scenario)}: ${loading[scenario.kind]}; ${least}, ${duration(load.durationMsMax)} at most`],
    [
      'rows',
      search.kind === 'steps'
        ? `each value ${search.repeat} times in each variant, in rounds`
        : `bisection from ${search.from} down to ${search.floor} ${report.unit}`,
    ],
    ['page cache', [...new Set(variants.map(({ pageCache }) => cacheText(pageCache)))].join(', ')],
    ['threads asked for', threads === 0 ? 'as many as whole cores are available' : String(threads)],
    ['seed', String(seed)],
    ['deadline', `${duration(deadlineMs)} for each run`],
    ['time', scenario.kind === 'offline' ? '1000 ÷ samples per second' : 'median latency of the queries of a run, after warm-up'],
    ['peak memory', "the kernel's own peak of the control group, page cache included"],
    [
      'lines and bands',
      `mean of the repeats that were ok, outliers included; ${percent(CONFIDENCE)} confidence interval of the mean by Student's t (one repeat: none)`,
    ],
    [
      'outliers',
      `modified z-score above ${OUTLIER_SCORE} (Iglewicz and Hoaglin 1993) and ${percent(OUTLIER_SHARE)} off the median, among at least ${OUTLIERS_FROM} repeats; marked, never left out`,
    ],
    ...(limit === 'cpu' ? [['knee', 'Kneedle (Satopää et al. 2011) of the medians, not smoothed'] as Fact] : []),
    [
      'a failure',
      `is a run that was killed for want of memory, thrashed, ran out of time or crashed; refused, cancelled and not tried say nothing about ${limitNames[limit]}`,
    ],
  ];
}
