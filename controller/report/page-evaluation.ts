/** Chart.js's configurations of an evaluation's page. Runs in the browser: see page-data.ts. */
import type { CoverageBar, ErrorPlot, EvaluationPlots, ResultView } from './evaluation-plots.ts';
import type { PageKit } from './page-kit.ts';

/** Mean errors of all results, a sign for the profiler and for each baseline; a line where repeats predict each other. */
export function errorConfig({ names, profiler, macs, average, floor }: ErrorPlot, kit: PageKit): object {
  const set = (label: string, values: readonly (number | null)[], point: string, colour: string, filled: boolean): object => ({
    ...{ type: 'scatter', label, data: values.flatMap((x, index) => (x === null ? [] : [{ x, y: names[index] }])), inLegend: 'area' },
    ...kit.shape(point, colour, filled, 5.5),
  });
  const line =
    floor === null
      ? []
      : [
          {
            ...{
              type: 'line',
              label: 'repeats by repeats',
              data: [names[0], names.at(-1)].map((y) => ({ x: floor, y })),
              inLegend: 'line',
            },
            ...{ borderColor: kit.faint, borderDash: [3, 4], borderWidth: 1.5, pointRadius: 0, pointHitRadius: 0 },
          },
        ];
  return {
    type: 'scatter',
    data: {
      labels: names,
      datasets: [
        set('profiler', profiler, 'circle', kit.colourOf(0), true),
        set('MACs only', macs, 'rectRot', kit.colourOf(1), false),
        set('device average', average, 'triangle', kit.colourOf(2), false),
        ...line,
      ],
    },
    options: {
      scales: {
        x: {
          type: 'logarithmic',
          title: { display: true, text: 'mean absolute error, %, log scale' },
          ticks: { callback: kit.roundTick, maxRotation: 0 },
        },
        y: { type: 'category', labels: names, offset: true },
      },
      plugins: {
        legend: kit.legend(),
        tooltip: {
          callbacks: {
            title: () => '',
            label: ({ dataset, raw }: { readonly dataset: { readonly label: string }; readonly raw: { readonly x: number } }) =>
              `${dataset.label}: ${kit.digits(raw.x)} %`,
          },
        },
      },
    },
  };
}

/** Of intervals that are said to hold for 90 %. */
export function coverageConfig(bars: readonly CoverageBar[], kit: PageKit): object {
  const names = [...new Set(bars.map(({ name }) => name))];
  const set = (kind: string, label: string, colour: string): object => ({
    ...{ label, data: names.map((name) => bars.find((bar) => bar.name === name && bar.kind === kind)?.inside ?? null), inLegend: 'area' },
    ...{ backgroundColor: `${colour}80`, borderColor: colour, borderWidth: 1, maxBarThickness: 14, pointStyle: 'rect' },
  });
  const promised = {
    ...{ type: 'line', label: 'promised', data: names.map((y) => ({ x: 90, y })), inLegend: 'line', borderColor: kit.ink },
    ...{ borderDash: [3, 4], borderWidth: 1.5, pointRadius: 0, pointHitRadius: 0 },
  };
  return {
    type: 'bar',
    data: { labels: names, datasets: [promised, set('models', 'whole models', kit.colourOf(0)), set('parts', 'parts', kit.colourOf(1))] },
    options: {
      indexAxis: 'y',
      scales: {
        x: { min: 0, max: 100, title: { display: true, text: 'measured times inside of the interval, %' } },
        y: { type: 'category', grid: { display: false } },
      },
      plugins: { legend: kit.legend() },
    },
  };
}

/** Predicted against measured: on the line they are the same. */
export function scatterConfig({ points, extent }: ResultView, { devices }: EvaluationPlots, kit: PageKit): object {
  const shapes = ['circle', 'rect', 'triangle', 'rectRot', 'cross', 'star'];
  const line = (label: string, factor: number, dash: number[]): object => ({
    ...{ type: 'line', label, data: [extent.min, extent.max].map((x) => ({ x, y: x * factor })), borderColor: kit.faint, borderDash: dash },
    ...{ borderWidth: 1.2, pointRadius: 0, pointHitRadius: 0, order: 2, ...(factor === 0.9 ? {} : { inLegend: 'line' }) },
  });
  const sets = devices.flatMap((name, device) => {
    const own = points.filter(([, , of]) => of === device);
    if (own.length === 0) return [];
    const data = own.map(([x, y, , what]) => ({ x, y, what }));
    const colour = kit.colourOf(device);
    const shape = kit.shape(shapes[Math.floor(device / 6) % shapes.length]!, `${colour}a0`, true, 2.6);
    return [{ label: name, data, ...shape, pointBorderWidth: 0.6, order: 1, inLegend: 'area' }];
  });
  const axis = (text: string): object => ({
    ...{ type: 'logarithmic', min: extent.min, max: extent.max, title: { display: true, text: `${text}, ms, log scale` } },
    ticks: { callback: kit.roundTick, maxRotation: 0 },
  });
  return {
    type: 'scatter',
    data: { datasets: [...sets, line('the same', 1, []), line('± 10 %', 1.1, [3, 4]), line('', 0.9, [3, 4])] },
    options: {
      interaction: { mode: 'point', intersect: true },
      scales: { x: axis('measured'), y: axis('predicted') },
      plugins: {
        legend: kit.legend(),
        tooltip: {
          callbacks: {
            title: () => '',
            label: ({ dataset, raw: { x, y, what } }: ScatterTip) => [
              `${what} on ${dataset.label}`,
              `${kit.digits(x)} ms measured, ${kit.digits(y)} ms predicted`,
            ],
          },
        },
      },
    },
  };

  interface ScatterTip {
    readonly dataset: { readonly label: string };
    readonly raw: { readonly x: number; readonly y: number; readonly what: string };
  }
}

export function histogramConfig({ histogram }: ResultView, kit: PageKit): object {
  const middle = (histogram.length - 1) / 2;
  const colours = histogram.map((_, index) => kit.colourOf(index === middle ? 2 : 0));
  return {
    type: 'bar',
    data: {
      labels: histogram.map(({ name }) => name),
      datasets: [
        {
          ...{ data: histogram.map(({ count }) => count), backgroundColor: colours.map((each) => `${each}90`), borderColor: colours },
          ...{ borderWidth: 1, categoryPercentage: 1, barPercentage: 0.96 },
        },
      ],
    },
    options: {
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: {
          grid: { display: false },
          ticks: { maxRotation: 0, autoSkipPadding: 12 },
          title: { display: true, text: 'predicted against measured' },
        },
        y: { min: 0, ticks: { precision: 0 }, title: { display: true, text: 'predictions' } },
      },
      plugins: { legend: { display: false } },
    },
  };
}

/** Percent as bars that lie: of folds, of what counts. `mean`: a line; null: none. */
export function shareConfig(
  bars: readonly { readonly name: string; readonly value: number }[],
  { text, mean }: { readonly text: string; readonly mean: number | null },
  kit: PageKit,
): object {
  // Names of folds can be lists.
  const names = bars.map(({ name }) => (name.length > 34 ? `${name.slice(0, 33)}…` : name));
  const line = {
    ...{ type: 'line', label: 'all', data: names.map((_, y) => ({ x: mean, y })), borderColor: kit.ink, borderDash: [3, 4] },
    ...{ borderWidth: 1.5, pointRadius: 0, pointHitRadius: 0, inLegend: 'line' },
  };
  return {
    type: 'bar',
    data: {
      labels: names,
      datasets: [
        ...(mean === null ? [] : [line]),
        {
          ...{ label: text, data: bars.map(({ value }) => value), backgroundColor: `${kit.colourOf(0)}80`, borderColor: kit.colourOf(0) },
          ...{ borderWidth: 1, maxBarThickness: 18 },
        },
      ],
    },
    options: {
      indexAxis: 'y',
      scales: {
        x: { min: 0, title: { display: true, text } },
        y: { type: 'category', grid: { display: false }, ticks: { autoSkip: false } },
      },
      plugins: { legend: mean === null ? { display: false } : kit.legend() },
    },
  };
}
