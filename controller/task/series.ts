/** What a history is of: figures are compared only where all of this is the same. */
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

/** One line, for maps and messages. */
export function seriesText({ benchmark, metric, device, runtime, limits }: SeriesKey): string {
  const under = [runtime === '' ? '' : `ONNX Runtime ${runtime}`, limits].filter((part) => part !== '');
  return `${benchmark} ${metric} on ${device}${under.length === 0 ? '' : `, ${under.join(', ')}`}`;
}
