/** Chart.js's configurations of the course of one run: memory, CPU, page faults against time. Runs in the browser: see page-data.ts. */
import type { PageKit } from './page-kit.ts';
import type { RowSeries } from './row-series.ts';

/** By the id of their canvas. */
export function courseConfigs(series: RowSeries, kit: PageKit): Record<string, object> {
  const { s, limitMiB, limitCores } = series;
  const [first, second, third] = [0, 1, 2].map(kit.colourOf);
  const line = (label: string, values: readonly number[], colour: string, dash: readonly number[] = []): object => ({
    ...{ label, data: values.map((y, index) => ({ x: s[index], y })), borderColor: colour, borderDash: dash, borderWidth: 1.8 },
    ...{ pointRadius: 0, pointHitRadius: 4, pointStyle: 'line', inLegend: 'line' },
  });
  const limit = (value: number | null): object[] =>
    value === null
      ? []
      : [
          line(
            `limit, ${kit.digits(value)}`,
            s.map(() => value),
            kit.faint,
            [3, 4],
          ),
        ];
  const course = (yTitle: string, datasets: object[]): object => ({
    type: 'line',
    data: { datasets },
    options: {
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: {
          type: 'linear',
          min: 0,
          max: s.at(-1),
          title: { display: true, text: 'time since its start (s)' },
          ticks: { maxRotation: 0, includeBounds: false },
        },
        y: { min: 0, title: { display: true, text: yTitle } },
      },
      plugins: {
        legend: kit.legend(),
        tooltip: {
          callbacks: { title: ([item]: readonly { readonly parsed: { readonly x: number } }[]) => `${kit.digits(item?.parsed.x ?? 0)} s` },
        },
      },
    },
  });
  return {
    'course-memory': course('memory (MiB)', [
      line('cannot be given back (anonymous, kernel)', series.memoryMiB, first!),
      line('all, with page cache', series.totalMiB, second!, [7, 4]),
      line('swap', series.swapMiB, third!, [2, 3]),
      ...limit(limitMiB),
    ]),
    'course-cpu': course('CPUs', [
      line('busy', series.cpuCores, first!),
      line('throttled: kept waiting by the quota', series.throttledCores, second!, [7, 4]),
      ...limit(limitCores),
    ]),
    'course-faults': course('major page faults (1/s)', [line('read again from disk or swap', series.faultsPerS, first!)]),
  };
}
