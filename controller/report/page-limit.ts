/**
 * Chart.js's configuration of a figure against the limit. Runs in the browser: see page-data.ts.
 *
 *     two scales above each other on one axis of limits: the figure, and below it a lane for each outcome that has none
 */
import type { LimitPlot, Marks, PlotDot } from './limit-plot.ts';
import type { PageData } from './page-data.ts';
import type { PageKit } from './page-kit.ts';

export function limitConfig(plot: LimitPlot, data: PageData, kit: PageKit): object {
  const at = (dots: readonly PlotDot[]): object[] => dots.map(([x, y, row]) => ({ x, y, row }));

  // Many bands upon each other would hide what is behind them.
  const shade = plot.lines.length > 1 ? '18' : '30';

  function lineSets({ lines, y }: LimitPlot): object[] {
    return lines.flatMap(({ name, variant, means, dots, outliers }) => {
      const colour = kit.colourOf(variant);
      const least = Math.min(...dots.map(([, value]) => value));
      // A logarithm of nothing is nowhere; the band goes on to the edge.
      const shown = (value: number | null): number =>
        value === null ? Number.NaN : y.log ? Math.max(value, least / 2) : Math.max(value, 0);
      const edge = { type: 'line', yAxisID: 'y', group: variant, pointRadius: 0, pointHitRadius: 0, borderWidth: 0, order: 3 };
      return [
        { ...edge, data: means.map(([x, , low]) => ({ x, y: shown(low) })), fill: false },
        { ...edge, data: means.map(([x, , , high]) => ({ x, y: shown(high) })), fill: '-1', backgroundColor: `${colour}${shade}` },
        {
          ...{
            type: 'line',
            yAxisID: 'y',
            group: variant,
            label: name,
            data: means.map(([x, mean, low, high]) => ({ x, y: mean, low, high, name })),
          },
          ...{ borderColor: colour, backgroundColor: colour, borderWidth: 2, borderDash: kit.dashOf(variant), inLegend: 'line' },
          ...{ pointRadius: 0, pointHitRadius: 5, fill: false, order: 2 },
        },
        { type: 'scatter', yAxisID: 'y', group: variant, data: at(dots), ...kit.shape('circle', `${colour}99`, true, 2.5), order: 1 },
        { type: 'scatter', yAxisID: 'y', group: variant, data: at(outliers), ...kit.shape(data.outlier.point, colour, false, 7), order: 0 },
      ];
    });
  }

  function markSets(marks: readonly Marks[], axis: 'y' | 'lane'): object[] {
    const last = Math.max(0, ...data.rows.map(({ variant }) => variant));
    return marks.map(({ outcome, name, dots }, lane) => {
      const colours = dots.map(([, , row]) => kit.colourOf(data.rows[row]!.variant));
      const beside = (row: number): number => (last === 0 ? 0 : (0.5 - data.rows[row]!.variant / last) * 0.4);
      const points = axis === 'y' ? at(dots) : dots.map(([x, , row]) => ({ x, y: marks.length - 1 - lane + beside(row), row }));
      const filled = outcome !== 'not-tried' && outcome !== 'ok';
      const own = { type: 'scatter', label: name, yAxisID: axis, data: points, order: 0 };
      return { ...own, ...kit.shape(data.marks[outcome].point, colours, filled, 4.5), ...(axis === 'y' ? { inLegend: 'mark' } : {}) };
    });
  }

  interface Tipped {
    readonly raw: {
      readonly row?: number;
      readonly x: number;
      readonly y: number;
      readonly low?: number | null;
      readonly high?: number | null;
      readonly name?: string;
    };
  }

  function tip({ raw: { row, x, y, low, high, name } }: Tipped): string | string[] {
    if (row !== undefined) return data.rows[row]!.label.split(/(?<=:) /);
    const band =
      low === null || low === undefined || high === null || high === undefined
        ? 'no band'
        : `90 % band ${kit.digits(low)} to ${kit.digits(high)}`;
    return [`${x} ${data.unit}, ${name}:`, `mean ${kit.digits(y)}, ${band}`];
  }

  const { lanes, x, y } = plot;
  const some = plot.lines.some(({ outliers }) => outliers.length > 0);
  const outlier = {
    type: 'scatter',
    yAxisID: 'y',
    label: 'outlier',
    data: [],
    ...kit.shape(data.outlier.point, kit.ink, false, 7),
    inLegend: 'mark',
  };
  const limit = {
    type: 'line',
    yAxisID: 'y',
    label: 'the limit',
    data: [0, x.max].map((value) => ({ x: value, y: value })),
    pointRadius: 0,
    pointHitRadius: 0,
  };
  const diagonal = { ...limit, borderColor: kit.faint, borderDash: [3, 4], borderWidth: 1.5, inLegend: 'line', order: 4 };
  const knees = plot.knees.map(({ variant, x: at }) => ({
    ...{ type: 'line', yAxisID: 'y', group: variant, label: 'knee', data: [0, y.max].map((value) => ({ x: at, y: value })), order: 4 },
    ...{ borderColor: kit.colourOf(variant), borderDash: [1, 4], borderWidth: 2, pointRadius: 0, pointHitRadius: 0, inLegend: 'line' },
  }));
  const main = {
    position: 'left',
    stack: 'y',
    stackWeight: 12,
    title: { display: true, text: plot.yTitle + (y.log ? ', log scale' : '') },
  };
  const nameOf = ({ name, dots }: Marks): string => `${name} (${dots.length})`;
  const lane = {
    ...{ position: 'left', stack: 'y', stackWeight: lanes.length + 0.4, min: -0.5, max: lanes.length - 0.1, grid: { display: false } },
    // On a narrow screen Chart.js would cut the names of outcomes.
    afterFit: (axis: { width: number }) => {
      axis.width = Math.max(axis.width, 20 + 6.5 * Math.max(...lanes.map((each) => nameOf(each).length)));
    },
    afterBuildTicks: (axis: { ticks: object[] }) => {
      axis.ticks = lanes.map((_, index) => ({ value: index }));
    },
    ticks: {
      autoSkip: false,
      callback: (value: number) => nameOf(lanes[lanes.length - 1 - value]!),
    },
  };
  return {
    type: 'scatter',
    data: {
      datasets: [
        ...lineSets(plot),
        ...markSets(plot.failed, 'y'),
        ...markSets(lanes, 'lane'),
        ...knees,
        ...(some ? [outlier] : []),
        ...(plot.diagonal ? [diagonal] : []),
      ],
    },
    options: {
      interaction: { mode: 'point', intersect: true },
      scales: {
        x: {
          type: 'linear',
          min: x.min,
          max: x.max,
          ticks: { stepSize: x.step, maxRotation: 0, includeBounds: false, format: { useGrouping: false } },
          title: { display: true, text: plot.xTitle },
        },
        // Scales of one stack lie above each other, the first at the bottom.
        ...(lanes.length === 0 ? {} : { lane }),
        y: y.log
          ? { ...main, type: 'logarithmic', min: y.min, max: y.max, ticks: { format: { useGrouping: false } } }
          : { ...main, type: 'linear', min: y.min, max: y.max, ticks: { includeBounds: false } },
      },
      plugins: { legend: kit.legend(), tooltip: { callbacks: { title: () => '', label: tip } } },
    },
  };
}
