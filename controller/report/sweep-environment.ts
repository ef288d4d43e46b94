/**
 * Where a sweep was measured, as pairs of a word and what there is to say. Facts are those of the first run; where a later run had others, both
 * are said: a sweep of which half ran under another kernel is no sweep.
 */
import { bytes, threeDigits } from '../text/format.ts';
import type { RecordReport, RowReport } from './sweep-report.ts';

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
export function environmentOf({ rows }: { readonly rows: readonly Pick<RowReport, 'record'>[] }): Fact[] {
  const records = rows.flatMap(({ record }) => record ?? []);
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
