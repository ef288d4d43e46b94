/** Chart.js's configurations of what only training has: phases of an epoch, loss and accuracy over epochs. Runs in the browser: see page-data.ts. */
import type { PageKit } from './page-kit.ts';
import type { CurvePlot, PhasePlot } from './training-plots.ts';

export function phaseConfig({ xTitle, yTitle, bars, phases }: PhasePlot, kit: PageKit): object {
  return {
    type: 'bar',
    data: {
      labels: bars,
      datasets: phases.map(({ name, values }, index) => ({
        ...{ label: name, data: values, backgroundColor: `${kit.colourOf(index)}b0`, borderColor: kit.colourOf(index), borderWidth: 1 },
        ...{ maxBarThickness: 48, pointStyle: 'rect', inLegend: 'area' },
      })),
    },
    options: {
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: { type: 'category', stacked: true, grid: { display: false }, title: { display: true, text: xTitle } },
        y: { min: 0, stacked: true, title: { display: true, text: yTitle } },
      },
      plugins: { legend: kit.legend() },
    },
  };
}

export function curveConfig({ yTitle, log, max, lines }: CurvePlot, rows: readonly { readonly label: string }[], kit: PageKit): object {
  const colour = (index: number): string => kit.colourOf(index);
  const data = (points: readonly (readonly [number, number])[]): object[] => points.map(([x, y]) => ({ x, y }));
  const thick = lines.map(({ name, dashed, median }, index) => ({
    ...{ label: `${name}, median`, group: index, data: data(median), borderColor: colour(index), borderDash: dashed ? [7, 4] : [] },
    ...{ borderWidth: 2.2, pointRadius: median.length < 30 ? 2 : 0, pointBackgroundColor: colour(index), order: 0, inLegend: 'line' },
  }));
  const thin = lines.flatMap((line, index) =>
    line.rows.map(({ row, points }) => ({
      ...{ label: rows[row]!.label, group: index, data: data(points), borderColor: `${colour(index)}50`, borderWidth: 1, order: 1 },
      ...{ borderDash: line.dashed ? [4, 3] : [], pointRadius: points.length === 1 ? 1.5 : 0, pointHitRadius: 4 },
    })),
  );
  const last = Math.max(1, ...lines.flatMap((line) => line.rows.flatMap(({ points }) => points.map(([epoch]) => epoch))));
  return {
    type: 'line',
    data: { datasets: [...thick, ...thin] },
    options: {
      interaction: { mode: 'nearest', intersect: false },
      scales: {
        x: {
          ...{ type: 'linear', min: 1, max: Math.max(last, 2), title: { display: true, text: 'epoch (of its stage)' } },
          ticks: { precision: 0, maxRotation: 0 },
        },
        y: {
          ...(log ? { type: 'logarithmic' } : { type: 'linear', min: 0 }),
          ...(max === null ? {} : { max, ticks: { includeBounds: false } }),
          title: { display: true, text: yTitle + (log ? ', log scale' : '') },
        },
      },
      plugins: { legend: kit.legend() },
    },
  };
}
