/** Chart.js's configuration of the smallest limits, a bar for each variant or model. Runs in the browser: see page-data.ts. */
import type { PageData } from './page-data.ts';
import type { PageKit } from './page-kit.ts';

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
  const { bars, barsX: x } = data;
  const { xTitle } = data.plots[0]!;
  const colours = bars.map(({ variant }) => kit.colourOf(variant));
  const words = {
    id: 'words',
    afterDatasetsDraw: ({ ctx, scales }: Drawn) => {
      Object.assign(ctx, { font: `13px system-ui, sans-serif`, fillStyle: kit.ink, textBaseline: 'middle', textAlign: 'left' });
      for (const [index, bar] of bars.entries()) {
        // Beside the bar, or the mark without a bar; in a long one, at its beginning.
        const end = bar.held ?? bar.failed ?? 0;
        const from = end < 0.6 * x.max ? end : 0;
        ctx.fillText(bar.words, scales.x.getPixelForValue(from) + 8, scales.y.getPixelForValue(index));
      }
    },
  };
  const failed = bars.flatMap(({ failed: at, name }) => (at === null ? [] : [{ x: at, y: name }]));
  return {
    type: 'bar',
    data: {
      labels: bars.map(({ name }) => name),
      datasets: [
        { type: 'scatter', label: 'largest that failed below it', data: failed, ...kit.shape('crossRot', kit.ink, false, 6) },
        {
          label: 'smallest with which all repeats were ok',
          data: bars.map(({ held }) => held),
          backgroundColor: colours.map((each, index) => (bars[index]!.hollow ? `${each}14` : `${each}66`)),
          borderColor: colours,
          borderWidth: 1.5,
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
