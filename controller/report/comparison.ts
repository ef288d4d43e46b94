/** Two benchmarks, or two executions of one, beside each other: each metric that both have, with a verdict. */
import type { Random } from '../../mesh/random.ts';
import { type Better, type Comparison, compareSamples } from '../history/compare.ts';
import { medianOf } from '../statistics/band.ts';
import type { SeriesKey } from '../task/series.ts';
import type { Point } from '../task/task.ts';
import { type Column, formatTable } from '../text/table.ts';
import { shown, shownUnit } from './task-results.ts';

export interface Side {
  /** As the person named it. */
  readonly name: string;
  readonly points: readonly Point[];
}

export interface ComparisonRow {
  readonly metric: string;
  readonly unit: string;
  readonly better: Better;
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly comparison: Comparison;
}

export interface ComparisonReport {
  readonly a: string;
  readonly b: string;
  readonly rows: readonly ComparisonRow[];
  /** In what else they differ, so that more than one thing was changed; for a person. */
  readonly differences: readonly string[];
  /** That only one of them has, or that has no ratio. */
  readonly left: readonly string[];
}

/** What both were measured with. */
const surroundings = { device: 'device', runtime: 'ONNX Runtime', limits: 'limits' } as const satisfies Partial<
  Record<keyof SeriesKey, string>
>;

export function comparisonOf(a: Side, b: Side, random: Random): ComparisonReport {
  const [ofA, ofB] = [byMetric(a), byMetric(b)];
  const metrics = [...new Set([...ofA.keys(), ...ofB.keys()])];
  const rows: ComparisonRow[] = [];
  const left: string[] = [];
  for (const metric of metrics) {
    const row = rowOf(metric, ofA.get(metric), ofB.get(metric), random);
    if (row === undefined) left.push(metric);
    else rows.push(row);
  }
  return { a: a.name, b: b.name, rows, differences: differencesOf(a, b), left };
}

function byMetric({ points }: Side): ReadonlyMap<string, readonly Point[]> {
  return Map.groupBy(points, ({ series }) => series.metric);
}

function rowOf(metric: string, a: readonly Point[] = [], b: readonly Point[] = [], random: Random): ComparisonRow | undefined {
  const values = (points: readonly Point[]): number[] => points.flatMap((point) => point.values);
  const [before, after] = [values(a), values(b)];
  // Ratios are of what is not negative, and of something that is not nothing.
  const compared = [before, after].every((each) => each.length > 0 && each.every((value) => value >= 0));
  if (!compared || before.every((value) => value === 0)) return undefined;
  const { unit, better } = b[0]!;
  if (a.some((point) => point.unit !== unit)) return undefined;
  return { metric, unit, better, a: before, b: after, comparison: compareSamples(before, after, { better, random }) };
}

function differencesOf(a: Side, b: Side): string[] {
  return Object.entries(surroundings).flatMap(([key, title]) => {
    const [before, after] = [a, b].map(({ points }) =>
      [...new Set(points.map(({ series }) => series[key as keyof typeof surroundings] || 'none'))].toSorted().join('; '),
    );
    return before === after ? [] : [`${title}: ${before} and ${after}`];
  });
}

const columns: readonly Column[] = [
  { title: 'METRIC' },
  { title: 'A', align: 'right' },
  { title: 'B', align: 'right' },
  { title: 'UNIT' },
  { title: 'VALUES', align: 'right' },
  { title: 'VERDICT' },
  { title: 'B ÷ A', flexible: true },
];

export function comparisonText({ a, b, rows, differences, left }: ComparisonReport, tableColumns: number): string {
  const lines = [
    `A ${a}`,
    `B ${b}`,
    ...differences.map((each) => `  they differ in more than one thing: ${each}`),
    '',
    ...formatTable(columns, rows.map(cells), tableColumns),
    ...(left.length === 0
      ? []
      : ['', `not compared, because one of them lacks it, it is 0 or below, or in other units: ${left.join(', ')}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function cells({ metric, unit, a, b, comparison: { ratio, verdict, reason } }: ComparisonRow): string[] {
  const median = (values: readonly number[]): string => shown(medianOf(values), unit);
  return [metric, median(a), median(b), shownUnit(unit), `${a.length}, ${b.length}`, verdict, `${ratio.toFixed(3)}: ${reason}`];
}
