/** What a history is of: figures are compared only where all of this is the same. */
import { createHash } from 'node:crypto';

export interface SeriesKey {
  readonly benchmark: string;
  readonly metric: string;
  /** Its name; of several that ran together their names, in order, with + between them. */
  readonly device: string;
  /** Version of ONNX Runtime; empty: the program brought its own. */
  readonly runtime: string;
  /** In words; empty: none. */
  readonly limits: string;
}

export const seriesColumns = ['benchmark', 'metric', 'device', 'runtime', 'limits'] as const satisfies readonly (keyof SeriesKey)[];

/** For maps, and to tell whether two are the same. */
export function seriesKeyOf(series: SeriesKey): string {
  return JSON.stringify(seriesColumns.map((column) => series[column]));
}

/** Short, for names: eight digits, of which two series in four billion have the same. */
export function seriesId(series: SeriesKey): string {
  return createHash('sha256').update(seriesKeyOf(series)).digest('hex').slice(0, 8);
}

/** One line, for messages. */
export function seriesText({ benchmark, metric, device, runtime, limits }: SeriesKey): string {
  const under = [runtime === '' ? '' : `ONNX Runtime ${runtime}`, limits].filter((part) => part !== '');
  return `${benchmark} ${metric} on ${device}${under.length === 0 ? '' : `, ${under.join(', ')}`}`;
}
