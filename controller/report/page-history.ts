/** Chart.js's configuration of a series of a history. Runs in the browser: see page-data.ts. */

import type { AlarmMark, AlarmReport } from './history-alarms.ts';
import type { HistoryPlot } from './history-plot.ts';
import type { PageKit } from './page-kit.ts';

export interface HistoryPage {
  readonly plots: readonly HistoryPlot[];
  readonly alarmMarks: Readonly<Record<AlarmReport['state'], AlarmMark>>;
  readonly outlier: { readonly point: string };
}

export function historyConfig(plot: HistoryPlot, page: HistoryPage, kit: PageKit): object {
  const { atMs, tasks, medians, min, max, unit } = plot;
  const count = medians.length;
  const [blue, red] = [kit.colourOf(0), kit.colourOf(1)];
  const still = { pointRadius: 0, pointHitRadius: 0, fill: false, tension: 0 };
  const size = count > 300 ? 0 : count > 80 ? 1.5 : 3;
  const dots = (pairs: readonly (readonly [number, number])[]): object[] => pairs.map(([x, y]) => ({ x, y }));
  // Lines with gaps: a point without a value ends a piece.
  const pieces = (lines: readonly (readonly [number, number, number, number])[]): object[] =>
    lines.flatMap(([x1, y1, x2, y2]) => [
      { x: x1, y: y1 },
      { x: x2, y: y2 },
      { x: x2, y: Number.NaN },
    ]);
  const day = (ms: number | undefined): string => (ms === undefined ? '' : new Date(ms).toISOString().slice(0, 10));
  const minute = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
  const floor = min + (max - min) * 0.03;

  interface Tipped {
    readonly dataset: { readonly label?: string };
    readonly raw: { readonly x: number; readonly y: number; readonly text?: string };
  }

  function tip({ dataset, raw: { x, y, text } }: Tipped): string | string[] {
    if (text !== undefined) return text.split(/(?<=[:,]) /);
    const at = Math.round(x) - 1;
    const change = plot.changes[at];
    const told = change === null || change === undefined ? [] : [`${change < 0 ? '' : '+'}${change} % against the runs before it`];
    return [`${dataset.label ?? ''}: ${kit.digits(y)} ${unit}`, `run ${at + 1}, ${tasks[at] ?? ''}, ${minute(atMs[at] ?? 0)} UTC`, ...told];
  }

  interface Drawn {
    readonly ctx: {
      font: string;
      fillStyle: string;
      textBaseline: string;
      textAlign: string;
      fillText(text: string, x: number, y: number): void;
      measureText(text: string): { readonly width: number };
    };
    readonly chartArea: { readonly left: number; readonly right: number; readonly top: number };
    readonly scales: { readonly x: { getPixelForValue(value: number): number } };
  }

  // Beside their line, in rows below each other where they would lie upon each other.
  const words = {
    id: 'words',
    afterDatasetsDraw: ({ ctx, scales, chartArea }: Drawn) => {
      Object.assign(ctx, { font: '12px system-ui, sans-serif', fillStyle: kit.ink, textBaseline: 'top', textAlign: 'left' });
      const ends: number[] = [];
      for (const { x, words: text } of plot.steps) {
        const { width } = ctx.measureText(text);
        const left = Math.max(chartArea.left + 2, Math.min(scales.x.getPixelForValue(x) + 4, chartArea.right - width - 2));
        const free = ends.findIndex((end) => end < left);
        const row = free < 0 ? ends.length : free;
        ends[row] = left + width + 8;
        if (row < 4) ctx.fillText(text, left, chartArea.top + 2 + 14 * row);
      }
    },
  };

  const states = [...new Set(plot.alarms.map(({ state }) => state))];
  const alarms = states.map((state) => {
    const { point, filled } = page.alarmMarks[state];
    const own = plot.alarms.filter((alarm) => alarm.state === state);
    return {
      type: 'scatter',
      label: `alarm, ${state}`,
      data: own,
      ...kit.shape(point, kit.ink, filled, 7),
      inLegend: filled ? 'filled' : 'mark',
      order: 0,
    };
  });
  const shown = (some: boolean, set: object): object[] => (some ? [set] : []);
  return {
    type: 'line',
    data: {
      datasets: [
        {
          ...{
            label: 'median of its repeats',
            data: medians.map((y, index) => ({ x: index + 1, y })),
            borderColor: blue,
            borderWidth: count > 300 ? 1 : 1.5,
          },
          ...{
            backgroundColor: blue,
            pointBackgroundColor: blue,
            pointRadius: size,
            pointHitRadius: 6,
            tension: 0,
            inLegend: 'line',
            order: 2,
          },
        },
        ...shown(plot.repeats.length > count, {
          ...{ type: 'scatter', label: 'each repeat', data: dots(plot.repeats), inLegend: 'mark', order: 3 },
          ...kit.shape('circle', `${blue}${count > 300 ? '55' : '99'}`, false, count > 300 ? 1 : 2),
          pointBorderWidth: 1,
        }),
        {
          ...{ ...still, label: 'level: median between change points', data: pieces(plot.levels.map(([from, to, y]) => [from, y, to, y])) },
          ...{ borderColor: red, borderWidth: 2.5, borderDash: [7, 4], inLegend: 'line', order: 1 },
        },
        ...shown(plot.steps.length > 0, {
          ...{ ...still, label: 'change point', data: pieces(plot.steps.map(({ x }) => [x, min, x, max])) },
          ...{ borderColor: kit.ink, borderWidth: 1.2, borderDash: [2, 3], inLegend: 'line', order: 4 },
        }),
        ...shown(plot.outliers.length > 0, {
          ...{ type: 'scatter', label: 'outlier', data: dots(plot.outliers), inLegend: 'mark', order: 0 },
          ...kit.shape(page.outlier.point, kit.ink, false, 5.5),
        }),
        ...alarms,
        ...shown(plot.without.length > 0, {
          ...{ type: 'scatter', label: 'task without a value', inLegend: 'mark', order: 0 },
          data: plot.without.map(({ x, text }) => ({ x, y: floor, text })),
          ...kit.shape('crossRot', kit.ink, false, 4.5),
        }),
      ],
    },
    options: {
      interaction: { mode: 'nearest', intersect: true },
      scales: {
        x: {
          ...{ type: 'linear', min: 0.5, max: Math.max(count, 1) + 0.5, title: { display: true, text: 'run, with its date (UTC)' } },
          grid: { display: false },
          ticks: {
            ...{ precision: 0, includeBounds: false, maxRotation: 0, autoSkipPadding: 24, maxTicksLimit: 8 },
            callback: (value: number) =>
              Number.isInteger(value) && value >= 1 && value <= count ? [String(value), day(atMs[value - 1])] : '',
          },
        },
        y: { type: 'linear', min, max, ticks: { includeBounds: false }, title: { display: true, text: plot.yTitle } },
      },
      plugins: { legend: kit.legend(), tooltip: { callbacks: { title: () => '', label: tip } } },
    },
    plugins: [words],
  };
}
