/** Chart.js's configuration of the smallest limits, a bar for each variant. Runs in the browser: see page-data.ts. */
import type { PageData } from './page-data.ts';
import type { PageKit } from './page-kit.ts';
import type { MinimumBar } from './sweep-plots.ts';

/** What is used of a chart that is drawn. */
interface Drawn {
  readonly ctx: {
    font: string;
    fillStyle: string;
    textBaseline: string;
    textAlign: string;
    fillText(text: string, x: number, y: number): void;
  };
  readonly scales: { readonly x: { getPixelForValue(value: number): number }; readonly y: { getPixelForValue(value: number): number } };
}

export function barConfig(data: PageData, kit: PageKit): object {
  const { bars, barsX: x, unit } = data;
  const { xTitle } = data.plots[0]!;
  const colours = bars.map(({ variant }) => kit.colourOf(variant));
  const said = ({ held, failed }: MinimumBar): string => {
    if (held === null) return failed === null ? 'not known' : `none: ${failed} ${unit} failed, too`;
    return `${held} ${unit}${failed === null ? '' : ` (${failed} failed)`}`;
  };
  const words = {
    id: 'words',
    afterDatasetsDraw: ({ ctx, scales }: Drawn) => {
      Object.assign(ctx, { font: `13px system-ui, sans-serif`, fillStyle: kit.ink, textBaseline: 'middle', textAlign: 'left' });
      for (const [index, bar] of bars.entries()) {
        // Beside the bar; in a long one, at its beginning.
        const from = bar.held !== null && bar.held < 0.6 * x.max ? bar.held : 0;
        ctx.fillText(said(bar), scales.x.getPixelForValue(from) + 8, scales.y.getPixelForValue(index));
      }
    },
  };
  const failed = bars.flatMap(({ failed: at, name, held }) => (at === null || held === null ? [] : [{ x: at, y: name }]));
  return {
    type: 'bar',
    data: {
      labels: bars.map(({ name }) => name),
      datasets: [
        { type: 'scatter', label: 'largest that failed below it', data: failed, ...kit.shape('crossRot', kit.ink, false, 6) },
        {
          label: 'smallest with which all repeats were ok',
          data: bars.map(({ held }) => held),
          backgroundColor: colours.map((each) => `${each}66`),
          borderColor: colours,
          borderWidth: 1,
          barThickness: 22,
        },
      ],
    },
    options: {
      indexAxis: 'y',
      scales: {
        x: {
          min: 0,
          max: x.max,
          ticks: { stepSize: x.step, maxRotation: 0, includeBounds: false, format: { useGrouping: false } },
          title: { display: true, text: xTitle },
        },
        y: { type: 'category', offset: true, grid: { display: false } },
      },
      plugins: { legend: { display: false }, tooltip: { enabled: false } },
    },
    plugins: [words],
  };
}
